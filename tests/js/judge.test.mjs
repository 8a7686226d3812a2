// Verdicts as they are given, and what one step of undo takes back.

import assert from "node:assert/strict";
import test from "node:test";

import { Judge, newUuid } from "../../aleph_nb/dashboard/js/judge.js";
import { Outbox } from "../../aleph_nb/dashboard/js/outbox.js";
import { Store } from "../../aleph_nb/dashboard/js/store.js";
import { Clock, Shelves } from "./world.mjs";

function desk({ reviewer = "ada" } = {}) {
  const clock = new Clock();
  const sent = [];
  const store = new Store({ clock: clock.now });
  store.start({ total: 0, now: clock.time, reviewer });
  const outbox = new Outbox({
    storage: new Shelves(), ledger: "l", service: "demo", send: (lines) => void sent.push(...lines),
    now: clock.now, schedule: clock.schedule,
  });
  return { clock, sent, store, outbox, judge: new Judge({ store, outbox, reviewer }) };
}

test("uuids are random ones of version 4, in small letters", () => {
  const made = new Set(Array.from({ length: 1_000 }, newUuid));
  assert.equal(made.size, 1_000);
  for (const uuid of made) assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a verdict is shown, kept and sent, with who gave it and when", () => {
  const { judge, store, sent, clock, outbox } = desk();
  const [line] = judge.rate(["a"], 4);
  const { uuid, ...rest } = line;
  assert.deepEqual(rest, { task_id: "a", at: clock.time, field: "rating", value: 4, reviewer: "ada" });
  assert.deepEqual(sent, [line]);
  assert.deepEqual(outbox.lines(), [line]);
  assert.equal(store.verdict("a").rating, 4);
  judge.pick(["a"], "reject");
  judge.tag(["a"], "  red   sky\u0007 ");
  assert.deepEqual([store.verdict("a").pick, store.verdict("a").tags], ["reject", ["red sky"]]);
  judge.untag(["a"], "red sky");
  judge.pick(["a"], null);
  assert.deepEqual([store.verdict("a").pick, store.verdict("a").tags], [null, []]);
  assert.deepEqual(judge.tag(["a"], "  "), []);
});

test("times rise strictly, also where the clock stands or goes back, and beyond what other clocks said", () => {
  const { judge, store, clock } = desk();
  const times = [judge.rate(["a"], 1), judge.rate(["b"], 2)].map(([line]) => line.at);
  clock.time -= 60_000;
  times.push(judge.rate(["a"], 3)[0].at);
  assert.deepEqual(times, [...new Set(times)].sort((x, y) => x - y));
  store.lines([{ uuid: "k", task_id: "a", at: clock.time + 600_000, field: "rating", value: 1 }]);
  judge.rate(["a"], 5);
  assert.equal(store.verdict("a").rating, 5);
});

test("one undo takes back a verdict on many", () => {
  const { judge, store } = desk();
  judge.rate(["a"], 2);
  assert.equal(judge.rate(["a", "b", "c"], 5).length, 3);
  assert.deepEqual(judge.undo(), { ids: ["a", "b", "c"], what: "rating" });
  assert.deepEqual(["a", "b", "c"].map((id) => store.verdict(id).rating), [2, 0, 0]);
  assert.deepEqual(judge.undo(), { ids: ["a"], what: "rating" });
  assert.equal(judge.canUndo, false);
  assert.equal(judge.undo(), null);
});

test("a tag goes to those that lack it, and undo leaves it to those that had it", () => {
  const { judge, store } = desk();
  judge.tag(["a"], "sky");
  assert.deepEqual(judge.tag(["a", "b"], "sky").map((line) => line.task_id), ["b"]);
  judge.undo();
  assert.deepEqual(["a", "b"].map((id) => store.verdict(id).tags), [["sky"], []]);
  assert.deepEqual(judge.untag(["a", "b"], "sky").map((line) => line.task_id), ["a"]);
  assert.deepEqual(judge.tag(["a", "b"], "x".repeat(300)).map((line) => line.value.length), [100, 100]);
});

test("the inputs of a note are one line where they are quick, and one step of undo in any case", () => {
  const { judge, store, sent, clock } = desk();
  let value = judge.note("a", { time: 2.5, text: "t" });
  for (const text of ["th", "the"]) value = judge.note("a", { ...value, text });
  assert.equal(store.verdict("a").notes[0].text, "the");
  assert.equal(store.verdict("a").lines.length, 1);
  clock.pass(400);
  judge.note("a", { ...value, text: "the ridge" });
  clock.pass(400);
  assert.deepEqual(sent.map((line) => line.value), [{ ...value, text: "the" }, { ...value, text: "the ridge" }]);
  judge.endNote();
  judge.note("a", { ...value, text: "the ridge flickers" });
  judge.undo();
  assert.equal(store.verdict("a").notes[0].text, "the ridge");
  judge.undo();
  assert.deepEqual(store.verdict("a").notes, []);
});

test("an undo while a note is typed takes the note back, in the ledger too", () => {
  const { judge, store, sent } = desk();
  judge.note("a", { time: null, text: "wrong" });
  judge.undo();
  assert.deepEqual(store.verdict("a").notes, []);
  assert.deepEqual(sent.map(({ field }) => field), ["note", "undo"]);
  assert.equal(sent[1].value, sent[0].uuid);
});

test("a note is cut where the ledger cuts, and no character in half", () => {
  const { judge } = desk();
  const { text, time } = judge.note("a", { time: NaN, text: "\u{1f3d4}".repeat(20_001) });
  assert.equal(text, "\u{1f3d4}".repeat(20_000));
  assert.equal(time, null);
});

test("what the ledger refused is no step of undo", () => {
  const { judge, store, outbox } = desk();
  judge.rate(["b"], 3);
  const [line] = judge.rate(["a"], 4);
  const refused = outbox.refused([{ uuid: line.uuid, why: "" }]).map(({ uuid }) => uuid);
  store.drop(refused);
  judge.forget(refused);
  assert.equal(store.verdict("a").rating, 0);
  assert.deepEqual(judge.undo().ids, ["b"]);
});

test("lines of another reviewer are not shown", () => {
  const { store } = desk();
  store.lines([{ uuid: "1", task_id: "a", at: 1, field: "rating", value: 4, reviewer: "bob" }]);
  assert.equal(store.verdict("a").rating, 0);
});
