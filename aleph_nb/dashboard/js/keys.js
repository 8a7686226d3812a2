// The keys. Notebooks hear them early (Notebook 7 in the capture phase), so the desk listens on the window.

const KEYS_OF_TEXT = "input:not([type=range]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea, [contenteditable=true]";
const KEYS_OF_RANGE = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);
const KEYS_OF_EDITING = new Set(["a", "c", "v", "x", "y", "z", "Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home", "End"]);

/** Hears the keys that go down inside a root, and takes its own. */
export class Keys {
  /**
   * @param {object} world
   * @param {Element} world.root
   * @param {Map<string, {run: function(number, Event): void, repeats: boolean, up: ?function(): void}>} world.map what each
   *   key does; whether it does it again while it is held down; what its release does
   * @param {function(Element): void} world.escape
   * @param {function(): boolean} [world.isOpen] whether the help lies over all, which then waits for its own key alone
   * @param {AbortSignal} world.signal
   */
  constructor({ root, map, escape, isOpen = () => false, signal }) {
    Object.assign(this, { root, map, escape, isOpen });
    this.claims = new WeakMap();
    this.held = new Map(); // by its place on the keyboard: what its release does
    window.addEventListener("keydown", (event) => this.down(event), { capture: true, signal });
    window.addEventListener("keyup", (event) => this.up(event), { capture: true, signal });
    window.addEventListener("blur", () => this.release(), { signal });
    root.addEventListener("focusout", () => this.release(), { signal });
  }

  /** Let an element have keys before all others do: its handler returns true for those it took. */
  claim(element, handler) {
    this.claims.set(element, handler);
  }

  down(event) {
    const target = event.composedPath()[0];
    if (!(target instanceof Node) || !this.root.contains(target) || event.isComposing) return;
    if (this.isTheirs(event)) return;
    if (this.claimed(event, target)) {
      this.take(event);
    } else if (event.key === "Escape") {
      this.take(event);
      this.escape(target);
    } else if (this.isItsOwn(event, target)) {
      event.stopPropagation(); // the control's, and the notebook does not see it
    } else {
      this.act(event);
    }
  }

  act(event) {
    const name = this.nameOf(event);
    const found = name && this.map.get(name);
    const isWaiting = this.isOpen() && name !== "?";
    if (found && !isWaiting) {
      this.take(event, found.up);
      if (found.repeats || !event.repeat) found.run(event.timeStamp, event);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Tab") {
      // Not ours, nor the notebook's while the desk has the keys: "d d" would delete the cell under it.
      event.stopPropagation();
    }
  }

  up(event) {
    if (!this.held.has(event.code)) return;
    this.held.get(event.code)?.();
    this.held.delete(event.code);
    event.stopPropagation();
  }

  /** The focus is gone: what was held down is not any more. */
  release() {
    for (const up of this.held.values()) up?.();
    for (const code of this.held.keys()) this.held.set(code, null);
  }

  take(event, up = null) {
    this.held.set(event.code, up);
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
    for (let each = target; each && each !== this.root; each = each.parentNode) {
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
    if (KEYS_OF_RANGE.has(key) || key === "?" || key === "/") return key;
    // Where the row of digits needs Shift (French), the key's place counts.
    if (/^Digit[0-5]$/.test(event.code) && !/^[a-z?/]$/i.test(key)) return event.shiftKey && !/\d/.test(key) ? "" : event.code.slice(5);
    if (event.shiftKey && key.length === 1 && key !== key.toLowerCase()) return `shift+${key.toLowerCase()}`;
    return key.length === 1 ? key.toLowerCase() : key;
  }
}
