// The keys. Notebooks hear them early (Notebook 7 in the capture phase), so the desk listens on the window.

/** What the keys do, as the help shows it: [keys, what]. */
export const KEY_HELP = [
  ["Judge", [
    ["1 – 5", "rate"], ["0", "take the rating away"], ["P", "pick"], ["X", "reject"], ["U", "neither"],
    ["C", "note, with the time of the clip"], ["G", "tag"], ["Ctrl Z", "undo"],
  ]],
  ["Go", [
    ["N  B", "next, previous"], ["← → ↑ ↓", "in the gallery"], ["R", "next not yet reviewed"],
    ["Home  End", "first, last"], ["Page ↑ ↓", "by a page"], ["/", "search"],
  ]],
  ["Several at once", [
    ["Shift + arrow", "select on"], ["Shift + click", "select up to here"], ["Ctrl + click", "add one"], ["Ctrl A", "all that are shown"],
  ]],
  ["Look", [
    ["Space", "play, pause"], ["Enter", "details"], ["F", "full screen"], ["?", "this help"], ["Esc", "let go of the keys"],
  ]],
];

const KEYS_OF_TEXT = "input:not([type=range]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea, [contenteditable=true]";
const KEYS_OF_RANGE = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);
const KEYS_OF_TRAVEL = KEYS_OF_RANGE;
const KEYS_OF_EDITING = new Set(["a", "c", "v", "x", "y", "z", "Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home", "End"]);

/** Hears the keys that go down inside the desk, and takes its own. */
export class Keys {
  /** @param {{desk: Object, signal: AbortSignal}} world */
  constructor({ desk, signal }) {
    this.desk = desk;
    this.claims = new WeakMap();
    this.held = new Set();
    this.map = this.makeMap();
    window.addEventListener("keydown", (event) => this.down(event), { capture: true, signal });
    window.addEventListener("keyup", (event) => this.up(event), { capture: true, signal });
  }

  /** Let an element have keys before all others do: its handler returns true for those it took. */
  claim(element, handler) {
    this.claims.set(element, handler);
  }

  /** By key: what it does, and whether it does it again while it is held down. */
  makeMap() {
    const { act, cursor } = this.desk;
    const once = (run) => ({ run, repeats: false });
    const again = (run) => ({ run, repeats: true });
    const map = new Map();
    for (const stars of [0, 1, 2, 3, 4, 5]) map.set(String(stars), once((time) => act.rate(stars, { time })));
    for (const [key, choice] of [["p", "pick"], ["x", "reject"], ["u", null]]) {
      map.set(key, once((time) => act.pick(choice, { time })));
    }
    for (const key of KEYS_OF_TRAVEL) map.set(key, again((_, event) => act.move(key, event.shiftKey)));
    map.set("n", again(() => cursor.step(1)));
    map.set("b", again(() => cursor.step(-1)));
    map.set("r", again(() => act.nextToReview()));
    map.set("c", once((time) => act.beginNote(time)));
    map.set("g", once((time) => act.beginTag(time)));
    map.set(" ", once(() => this.desk.player.toggle()));
    map.set("/", once(() => this.desk.toolbar.search.focus()));
    map.set("?", once(() => this.desk.help.toggle()));
    map.set("f", once(() => act.toggleFullScreen()));
    map.set("Enter", once(() => act.toggleDetails()));
    map.set("ctrl+z", again(() => act.undo()));
    map.set("ctrl+a", once(() => cursor.all()));
    return map;
  }

  down(event) {
    const target = event.composedPath()[0];
    const { root } = this.desk;
    if (!(target instanceof Node) || !root.contains(target) || event.isComposing) return;
    if (this.isTheirs(event)) return;
    if (this.claimed(event, target)) {
      this.take(event);
    } else if (event.key === "Escape") {
      this.take(event);
      this.desk.act.escape(target);
    } else if (this.isItsOwn(event, target)) {
      event.stopPropagation(); // the control's, and the notebook does not see it
    } else {
      this.act(event);
    }
  }

  act(event) {
    const name = this.nameOf(event);
    const found = name && this.map.get(name);
    const isOpen = this.desk.help.isOpen && name !== "?";
    if (found && !isOpen) {
      this.take(event);
      if (found.repeats || !event.repeat) found.run(event.timeStamp, event);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Tab") {
      // Not ours, nor the notebook's while the desk has the keys: "d d" would delete the cell under it.
      event.stopPropagation();
    }
  }

  up(event) {
    if (!this.held.delete(event.code)) return;
    event.stopPropagation();
  }

  take(event) {
    this.held.add(event.code);
    event.stopPropagation();
    event.preventDefault();
  }

  /** Saving the notebook and running the cell are never taken. */
  isTheirs(event) {
    const withModifier = event.ctrlKey || event.metaKey;
    return (event.key === "Enter" && (event.shiftKey || withModifier || event.altKey))
      || (withModifier && event.key.toLowerCase() === "s");
  }

  claimed(event, target) {
    for (let each = target; each && each !== this.desk.root; each = each.parentNode) {
      const handler = this.claims.get(each);
      if (handler) return handler(event);
    }
    return false;
  }

  /** Say whether a key belongs to the control in which it went down. */
  isItsOwn(event, target) {
    const withModifier = event.ctrlKey || event.metaKey;
    if (event.key === "Tab" || !(target instanceof Element)) return false;
    if (target.matches(KEYS_OF_TEXT)) return !withModifier || KEYS_OF_EDITING.has(event.key);
    if (withModifier || event.altKey) return false;
    if (target.matches("select")) return true;
    if (target.matches("input[type=range], .ad-details-body")) return KEYS_OF_RANGE.has(event.key);
    return target.matches("button, a, summary, input, [role=button]") && (event.key === " " || event.key === "Enter");
  }

  nameOf(event) {
    const { key } = event;
    if (event.altKey) return "";
    if (event.ctrlKey || event.metaKey) return event.shiftKey ? "" : `ctrl+${key.toLowerCase()}`;
    if (KEYS_OF_TRAVEL.has(key) || key === "?" || key === "/") return key;
    // Where the row of digits needs Shift (French), the key's place counts.
    if (/^Digit[0-5]$/.test(event.code) && !/^[a-z?/]$/i.test(key)) return event.shiftKey && !/\d/.test(key) ? "" : event.code.slice(5);
    if (event.shiftKey && key.length === 1 && key !== key.toLowerCase()) return "";
    return key.length === 1 ? key.toLowerCase() : key;
  }
}
