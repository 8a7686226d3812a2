// The rows and what is shown of them.

import assert from "node:assert/strict";
import test from "node:test";

import { Store } from "../../aleph_nb/dashboard/js/store.js";
import { STATES } from "../../aleph_nb/dashboard/js/words.js";
import { chance } from "./world.mjs";
import { message } from "./rows.mjs";

const NOW = 1_790_000_000_000;
const DAY = 86_400_000;
let last = 0;

function open(rows = [], start = {}) {
  const store = new Store({ clock: () => NOW });
  store.start({ total: rows.length, now: NOW, reviewer: "ada", ...start });
  if (rows.length > 0) store.take(...message(rows));
  return store;
}

function say(task_id, field, value) {
  last += 1;
  return { uuid: `u${last}`, task_id, at: last, field, value };
}

const ids = (store) => Array.from(store.order, (i) => store.row(i).task_id).join(" ");
const TASKS = [
  { task_id: "e", state: "in_progress", created: NOW - 60_000, prompt: "A golden sunset" },
  { task_id: "d", created: NOW - 3 * DAY, completed: NOW - 3 * DAY + 300_000, expires: NOW + 11 * DAY, source: "https://m.example/1.mp4", prompt: "Deep WINTER with snow", labels: { shot: "12a" } },
  { task_id: "c", created: NOW - 12 * DAY, completed: NOW - 12 * DAY + 100_000, expires: NOW + 2 * DAY, source: "https://m.example/2.mp4", prompt: "Mars" },
  { task_id: "b", state: "failed", created: NOW - 13 * DAY, error_code: 422, error_message: "refused by the filter" },
  { task_id: "a", created: NOW - 15 * DAY, completed: NOW - 15 * DAY + 900_000, expires: NOW - DAY, source: "https://m.example/1.mp4", prompt: "Film noir" },
];

test("a row as it came, with null for what is missing", () => {
  const store = open(TASKS);
  assert.equal(store.size, 5);
  assert.equal(store.index("d"), 1);
  assert.equal(store.index("nobody"), -1);
  const { labels, ...row } = store.row(1);
  assert.deepEqual(labels, { shot: "12a" });
  assert.deepEqual(row, {
    task_id: "d", state: "succeeded", prompt: "Deep WINTER with snow", reason: null, error_message: null, error_code: null,
    source: "https://m.example/1.mp4", result: null, thumbnail: null, created: NOW - 3 * DAY,
    completed: NOW - 3 * DAY + 300_000, expires: NOW + 11 * DAY, fetched: null, asked: null,
  });
  assert.equal(store.row(3).error_code, 422);
  assert.deepEqual([store.total, store.isLoaded], [5, true]);
});

test("what comes again replaces in place, also by some columns alone", () => {
  const store = open(TASKS);
  store.row(0);
  store.take(...message([{ ...TASKS[0], state: "succeeded", thumbnail: "https://m.example/e.jpg" }]));
  assert.equal(store.size, 5);
  assert.deepEqual([store.row(0).state, store.row(0).thumbnail], ["succeeded", "https://m.example/e.jpg"]);
  const texts = [["e", "new"], [7, 8]].map((values) => new TextEncoder().encode(JSON.stringify(values)).buffer);
  store.take({ names: ["task_id", "prompt"], count: 2 }, texts);
  assert.deepEqual([store.row(0).prompt, store.row(0).state, store.row(5).state], [7, "succeeded", "no_answer"]);
});

test("a message that does not hold what it says changes nothing, and says so", () => {
  const store = open(TASKS);
  const [content, buffers] = message(TASKS.map((row) => ({ ...row, task_id: `${row.task_id}2` })));
  assert.throws(() => store.take({ ...content, count: 4 }, buffers), /The column task_id has 5 values instead of 4/);
  assert.throws(() => store.take({ ...content, names: ["prompt"] }, buffers), /without their ids/);
  assert.equal(store.size, 5);
});

test("counts", () => {
  const store = open(TASKS);
  store.lines([say("d", "rating", 4), say("c", "rating", 2), say("c", "rating", 0), say("b", "tag", "odd"), say("a", "pick", "pick"), say("d", "pick", "reject")]);
  assert.deepEqual(store.counts(), {
    all: 5, in_progress: 1, succeeded: 3, failed: 1, not_found: 0, unknown: 0, no_answer: 0, dies_soon: 1, expired: 1,
    to_review: 1, reviewed: 2, reviewable: 3, pick: 1, reject: 1, rated: [1, 1, 1, 1, 0],
  });
});

test("every chip shows what it counts", () => {
  const store = open(TASKS);
  store.lines([say("d", "rating", 4), say("a", "pick", "pick"), say("e", "pick", "reject")]);
  const { rated, ...counts } = store.counts();
  for (const [name, count] of Object.entries(counts)) {
    store.arrange({ state: name });
    assert.equal(store.order.length, count, name);
  }
  for (let stars = 1; stars <= 5; stars += 1) {
    store.arrange({ state: "", rating: stars });
    assert.equal(store.order.length, rated[stars - 1]);
  }
});

test("tags in use, the most used first, as verdicts come and go", () => {
  const store = open(TASKS);
  const [first, ...rest] = [say("a", "tag", "sky"), say("b", "tag", "sky"), say("a", "tag", "dusk"), say("c", "tag", "ash")];
  store.lines([first, ...rest, say("nobody", "tag", "unseen")]);
  assert.deepEqual(store.tags(), [["sky", 2], ["ash", 1], ["dusk", 1]]);
  store.lines([say("c", "untag", "ash")]);
  store.drop([first.uuid]);
  assert.deepEqual(store.tags(), [["dusk", 1], ["sky", 1]]);
  store.take(...message([{ task_id: "nobody" }]));
  assert.deepEqual(store.tags().map(([tag]) => tag), ["dusk", "sky", "unseen"]);
});

const SORTS = { newest: "e d c b a", dies: "c d a e b", rating: "b c e d a", longest: "a d c e b" };

for (const [sort, order] of Object.entries(SORTS)) {
  test(`sorted by ${sort}`, () => {
    const store = open(TASKS);
    store.lines([say("b", "rating", 5), say("c", "rating", 3)]);
    store.arrange({ sort });
    assert.equal(ids(store), order);
    Array.from(store.order, (i, place) => assert.equal(store.place(i), place));
  });
}

test("takes of one source stand side by side", () => {
  const store = open(TASKS);
  store.arrange({ group: true });
  assert.equal(ids(store), "e d a c b");
  store.take(...message([{ task_id: "n", source: "https://m.example/2.mp4" }], { fresh: true }));
  assert.equal(ids(store), "n c e d a b");
});

const SEARCHES = [
  ["winter", "d"], ["SNOW deep", "d"], ["snow mars", ""], ["12A", "d"], ["filter", "b"], ["ridge", "c"], ["moody", "a"], ["", "e d c b a"], ["o", "e d a"],
];

for (const [text, found] of SEARCHES) {
  test(`a search for "${text}" in prompt, labels, error, tags and notes`, () => {
    const store = open(TASKS);
    store.lines([say("c", "note", { id: "n", time: 1, text: "The RIDGE flickers" }), say("a", "tag", "Moody")]);
    store.arrange({ text });
    assert.equal(ids(store), found);
  });
}

test("a search finds an id by its beginning", () => {
  const store = open([{ task_id: "ee603959-debb", prompt: "face" }, { task_id: "face0000" }]);
  store.arrange({ text: "EE603" });
  assert.equal(ids(store), "ee603959-debb");
});

test("filters by tag, verdict and rating together", () => {
  const store = open(TASKS);
  store.lines([say("a", "tag", "sky"), say("d", "tag", "sky"), say("d", "rating", 4), say("d", "pick", "pick")]);
  store.arrange({ tag: "sky" });
  assert.equal(ids(store), "d a");
  store.arrange({ verdict: "pick", rating: 4 });
  assert.equal(ids(store), "d");
  store.arrange({ verdict: "to_review", rating: 0, tag: "" });
  assert.equal(ids(store), "c");
});

test("a verdict moves and hides nothing until the next arrange", () => {
  const store = open(TASKS);
  store.arrange({ verdict: "to_review", sort: "rating" });
  assert.equal(ids(store), "d c a");
  store.lines([say("c", "rating", 5)]);
  assert.equal(ids(store), "d c a");
  store.take(...message([{ ...TASKS[2], thumbnail: "https://m.example/c.jpg" }, { task_id: "new" }], { fresh: true }));
  assert.equal(ids(store), "new d c a");
  store.arrange();
  assert.equal(ids(store), "new d a");
});

test("a place is the one of now, and a search knows what was said since the last", () => {
  const store = open(TASKS);
  assert.equal(store.place(4), 4);
  store.arrange({ text: "moody" });
  assert.deepEqual([store.place(4), ids(store)], [-1, ""]);
  store.lines([say("a", "tag", "moody")]);
  store.arrange();
  assert.deepEqual([store.place(4), store.place(0), ids(store)], [0, -1, "a"]);
});

test("a row that changes while it is shown is shown once, where it was", () => {
  const store = open(TASKS);
  store.arrange({ sort: "dies" });
  const heard = [];
  store.on((what) => heard.push(what));
  store.take(...message([{ ...TASKS[1], expires: NOW + 1 }]));
  assert.deepEqual([ids(store), heard], [SORTS.dies, ["rows"]]);
});

test("the ledger's lines at the start do make the order again", () => {
  const store = open(TASKS);
  store.arrange({ verdict: "to_review" });
  store.lines([say("d", "rating", 4)], { baseline: true });
  assert.equal(ids(store), "c a");
});

test("new rows come where they belong, and what a watch settles comes into view", () => {
  const store = open(TASKS);
  store.arrange({ state: "succeeded", sort: "dies" });
  assert.equal(ids(store), "c d a");
  store.take(...message([{ task_id: "n", expires: NOW + 5 * DAY }, { task_id: "m", state: "failed" }], { fresh: true }));
  assert.equal(ids(store), "c n d a");
  store.take(...message([{ ...TASKS[0], state: "succeeded", expires: NOW + 14 * DAY }]));
  assert.equal(ids(store), "c n d e a");
  store.arrange({ state: "", sort: "newest" });
  assert.equal(ids(store), "n m e d c b a");
});

test("what is loaded later is older, what comes fresh is newer, the first of a message the newest", () => {
  const store = open(TASKS.slice(0, 2));
  store.take(...message(TASKS.slice(2)));
  store.take(...message([{ task_id: "x" }, { task_id: "w" }], { fresh: true }));
  store.take(...message([{ task_id: "y" }], { fresh: true }));
  assert.equal(ids(store), "y x w e d c b a");
});

test("the next to review, and round", () => {
  const store = open(TASKS);
  store.lines([say("c", "rating", 5)]);
  assert.deepEqual([-1, 0, 1, 3, 4].map((place) => store.nextToReview(place)), [1, 1, 4, 4, 1]);
  store.lines([say("a", "rating", 5), say("d", "rating", 5)]);
  assert.equal(store.nextToReview(0), -1);
});

test("listeners hear what changed, until they are off", () => {
  const store = open();
  const heard = [];
  const off = store.on((what, which) => heard.push([what, which]));
  store.take(...message(TASKS.slice(0, 2)));
  store.lines([say("e", "rating", 3)]);
  store.lines([]);
  store.arrange();
  off();
  store.arrange();
  assert.deepEqual(heard, [["rows", { rows: [0, 1] }], ["order", {}], ["verdicts", { ids: ["e"] }], ["order", {}]]);
});

test("a start begins anew, and keeps the view", () => {
  const store = open(TASKS);
  store.arrange({ sort: "dies" });
  store.lines([say("a", "tag", "sky")]);
  store.start({ total: 3, now: NOW });
  assert.deepEqual([store.size, store.total, store.isLoaded, store.order.length, store.view.sort], [0, 3, false, 0, "dies"]);
  store.take(...message(TASKS));
  assert.deepEqual([store.verdict("a").tags, store.tags(), ids(store)], [[], [], SORTS.dies]);
});

test("the kernel's clock counts where the two differ by minutes", () => {
  assert.equal(open([], { now: NOW + 30_000 }).now(), NOW);
  assert.equal(open([], { now: NOW - 10 * 60_000 }).now(), NOW - 10 * 60_000);
  assert.equal(open([], { now: undefined }).now(), NOW);
});

for (let seed = 1; seed <= 10; seed += 1) {
  test(`rows in any portions and orders give the order that sorting all of them gives (seed ${seed})`, () => {
    const random = chance(seed);
    const rows = Array.from({ length: 3_000 }, (_, n) => ({
      task_id: `t${n}`, state: STATES[Math.floor(random() * 6)], source: random() < 0.8 ? `s${Math.floor(random() * 50)}` : null,
      created: NOW - n * 1_000, completed: NOW - n * 1_000 + Math.floor(random() * 9) * 1_000, expires: random() < 0.5 ? NOW + Math.floor((random() - 0.5) * 9) * DAY : null,
    }));
    for (const view of [{ sort: "dies" }, { sort: "longest", group: true }, { sort: "newest", state: "succeeded" }]) {
      const store = open();
      store.arrange(view);
      for (let first = 0; first < rows.length;) {
        const count = 1 + Math.floor(random() * 700);
        store.take(...message(rows.slice(first, first + count), { done: false }));
        first += count;
      }
      const grown = ids(store);
      store.arrange();
      assert.equal(grown, ids(store));
    }
  });
}
