// One map of keys, and a help that tells of all of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK_HELP, PLAYER_HELP, playerKeys, stageKeys } from "../../aleph_nb/dashboard/js/keymap.js";

/** Something that remembers what is called on it. */
function recorder(called, path = "") {
  return new Proxy(() => undefined, {
    get: (_, name) => recorder(called, path ? `${path}.${String(name)}` : String(name)),
    apply: (_, __, given) => { called.push([path, ...given]); },
  });
}

const NAMES = { Space: " ", "−": "-" };

test("the help tells of every key of the player", () => {
  const map = playerKeys(recorder([]));
  for (const help of [DESK_HELP, PLAYER_HELP]) {
    const told = new Set(help.flatMap(([, rows]) => rows.flatMap(([keys]) => keys.split(/ {2}/)))
      .map((key) => NAMES[key] ?? key.toLowerCase()));
    const untold = [...map.keys()].filter((key) => !told.has(key) && !["=", "shift+i", "shift+o"].includes(key));
    assert.deepEqual(untold, help === PLAYER_HELP ? ["a"] : []); // alone there are no takes
  }
});

test("keys do what their editors do", () => {
  const called = [];
  const map = playerKeys(recorder(called));
  for (const key of [" ", "l", "k", "j", ",", ".", "<", ">", "w", "d", "v", "]", "shift+i"]) map.get(key).run(0, {});
  map.get("t").run();
  map.get("t").up();
  assert.deepEqual(called, [
    ["toggle"], ["transport.shuttle", 1], ["transport.stop"], ["transport.shuttle", -1], ["transport.step", -1],
    ["transport.step", 1], ["nudge", -1], ["nudge", 1], ["view", "wipe"], ["view", "difference"], ["view", "single"],
    ["louder", 1], ["clearRange"], ["views.blink", true], ["views.blink", false],
  ]);
});

test("only what may be held down repeats", () => {
  const map = playerKeys(recorder([]));
  const repeating = [...map].filter(([, { repeats }]) => repeats).map(([key]) => key);
  assert.deepEqual(repeating, [",", ".", "<", ">", "[", "]", "+", "=", "-"]);
});

test("on the stage the arrows are the player's, and with a modifier the notebook's", () => {
  const called = [];
  const key = stageKeys(recorder(called));
  const press = (name, more = {}) => key({
    key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, composedPath: () => [null], ...more,
  });
  assert.deepEqual(["ArrowRight", "ArrowLeft", "Home", "End", "ArrowUp", "x"].map((name) => press(name)), [true, true, true, true, false, false]);
  assert.equal(press("ArrowRight", { shiftKey: true }), true);
  assert.equal(press("ArrowRight", { ctrlKey: true }), false);
  assert.deepEqual(called, [
    ["transport.step", 1], ["transport.step", -1], ["transport.end", false], ["transport.end", true], ["transport.step", 10],
  ]);
});
