/** What each key does: the one map of the desk and of the player, and the help that tells of it. */

const HELP_OF_PLAYER = [
  ["Play", [
    ["Space", "play, pause"], ["L  K  J", "faster, pause, slower and backwards"], [",  .", "one frame back, on"],
    ["Shift ← →", "ten frames, in the player"], ["I  O", "loop from here, to here"], ["Shift I  O", "loop no more"],
    ["<  >", "shift one side by a frame"],
  ]],
  ["Compare", [
    ["W", "wipe"], ["D", "difference"], ["[  ]", "its gain"], ["V", "result alone"], ["S", "swap sides"], ["T", "hold: the other side"],
    ["A", "compare with the next take"], ["+  −  Z", "zoom in, out, fit"],
    ["Ctrl wheel", "zoom there; a drag moves it"], ["M", "sound of result, source, none"],
    ["Y", "this frame as a picture"],
  ]],
];
const HELP_OF_GOING = [
  ["N  B", "next, previous"], ["← → ↑ ↓", "in the gallery"], ["R", "next not yet reviewed"],
  ["Home  End", "first, last"], ["Page ↑ ↓", "by a page"], ["/", "search"],
];
const HELP_OF_ITSELF = [["F", "full screen"], ["?", "this help"], ["Esc", "let go of the keys"]];

/** What the keys of the desk do, as its help shows it: [keys, what]. */
export const DESK_HELP = [
  ["Judge", [
    ["1 – 5", "rate"], ["0", "take the rating away"], ["P", "pick"], ["X", "reject"], ["U", "neither"],
    ["C", "note, at this frame"], ["G", "tag"], ["Ctrl Z", "undo"],
  ]],
  ["Go", HELP_OF_GOING],
  ...HELP_OF_PLAYER,
  ["Several at once", [
    ["Shift + arrow", "select on"], ["Shift + click", "select up to here"], ["Ctrl + click", "add one"], ["Ctrl A", "all that are shown"],
  ]],
  ["Look", [["Enter", "details"], ...HELP_OF_ITSELF]],
];

/** The same of the player alone. */
export const PLAYER_HELP = [
  ...HELP_OF_PLAYER.map(([title, rows]) => [title, rows.filter(([key]) => key !== "A")]), ["Look", HELP_OF_ITSELF],
];

const TRAVEL = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const FEW_FRAMES = 1;
const MANY_FRAMES = 10;
const ZOOM_STEP = 1.25;

const pressedOnce = (run, up = null) => ({ run, up, repeats: false });
const heldDown = (run) => ({ run, up: null, repeats: true });

/** The keys of a player. */
export function playerKeys(player) {
  const { transport, views } = player;
  return new Map([
    [" ", pressedOnce(() => player.toggle())],
    ["k", pressedOnce(() => transport.stop())],
    ["l", pressedOnce(() => transport.shuttle(1))],
    ["j", pressedOnce(() => transport.shuttle(-1))],
    [",", heldDown(() => transport.step(-FEW_FRAMES))],
    [".", heldDown(() => transport.step(FEW_FRAMES))],
    ["<", heldDown(() => player.nudge(-1))],
    [">", heldDown(() => player.nudge(1))],
    ["i", pressedOnce(() => transport.mark("from"))],
    ["o", pressedOnce(() => transport.mark("to"))],
    ["shift+i", pressedOnce(() => player.clearRange())],
    ["shift+o", pressedOnce(() => player.clearRange())],
    ["w", pressedOnce(() => player.view("wipe"))],
    ["d", pressedOnce(() => player.view("difference"))],
    ["v", pressedOnce(() => player.view("single"))],
    ["s", pressedOnce(() => player.swap())],
    ["t", pressedOnce(() => views.blink(true), () => views.blink(false))],
    ["[", heldDown(() => player.louder(-1))],
    ["]", heldDown(() => player.louder(1))],
    ["+", heldDown(() => views.zoom(ZOOM_STEP))],
    ["=", heldDown(() => views.zoom(ZOOM_STEP))],
    ["-", heldDown(() => views.zoom(1 / ZOOM_STEP))],
    ["z", pressedOnce(() => views.fit())],
    ["m", pressedOnce(() => player.cycleSound())],
    ["y", pressedOnce(() => player.shoot())],
    ["a", pressedOnce(() => player.nextTake())],
    ["f", pressedOnce(() => player.fullScreen())],
  ]);
}

/** The keys that the player's own stage takes before the gallery does: a handler for `Keys.claim`. */
export function stageKeys({ transport, views }) {
  const ways = { ArrowLeft: -1, ArrowRight: 1 };
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.composedPath()[0] === views.divider && views.key(event)) return true;
    if (event.key === "Home" || event.key === "End") transport.end(event.key === "End");
    else if (ways[event.key]) transport.step(ways[event.key] * (event.shiftKey ? MANY_FRAMES : FEW_FRAMES));
    else return false;
    return true;
  };
}

/** The keys of the desk: its player's, and those that judge and go. */
export function deskKeys(desk) {
  const { act, cursor } = desk;
  const map = playerKeys(desk.player);
  for (const stars of [0, 1, 2, 3, 4, 5]) map.set(String(stars), pressedOnce((time) => act.rate(stars, { time })));
  for (const [key, choice] of [["p", "pick"], ["x", "reject"], ["u", null]]) {
    map.set(key, pressedOnce((time) => act.pick(choice, { time })));
  }
  for (const key of TRAVEL) map.set(key, heldDown((_, event) => act.move(key, event.shiftKey)));
  map.set("n", heldDown(() => cursor.step(1)));
  map.set("b", heldDown(() => cursor.step(-1)));
  map.set("r", heldDown(() => act.nextToReview()));
  map.set("c", pressedOnce((time) => act.beginNote(time)));
  map.set("g", pressedOnce((time) => act.beginTag(time)));
  map.set("/", pressedOnce(() => desk.toolbar.search.focus()));
  map.set("?", pressedOnce(() => desk.help.toggle()));
  map.set("Enter", pressedOnce(() => act.toggleDetails()));
  map.set("ctrl+z", heldDown(() => act.undo()));
  map.set("ctrl+a", pressedOnce(() => cursor.all()));
  return map;
}
