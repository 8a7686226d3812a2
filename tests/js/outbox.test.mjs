// No verdict is lost between the key and the ledger, whatever the storage, the kernel and the tabs do.

import assert from "node:assert/strict";
import test from "node:test";

import { Outbox } from "../../aleph_nb/dashboard/js/outbox.js";
import { openStorage } from "../../aleph_nb/dashboard/js/shelf.js";
import { Clock, Shelves, chance } from "./world.mjs";

const PLACE = { ledger: "5f0c", service: "https://api.example" };
const PREFIX = "aleph_nb/5f0c/https://api.example/";
let last = 0;

function line(field = "rating", value = 3) {
  last += 1;
  return { uuid: `u${last}`, task_id: `t${last % 7}`, at: last, field, value };
}

function note(text, id = "n1") {
  return { ...line("note", { id, time: 1.5, text }), task_id: "t1" };
}

function open({ storage = new Shelves(), clock = new Clock(), ...rest } = {}) {
  const sent = [];
  const outbox = new Outbox({
    ...PLACE, storage, send: (lines) => void sent.push(lines), now: clock.now, schedule: clock.schedule, ...rest,
  });
  return { outbox, storage, clock, sent };
}

const uuids = (lines) => lines.map(({ uuid }) => uuid);
const stored = (storage) => [...storage.items.values()].map((item) => JSON.parse(item).uuid);

test("a line is in the storage under its own key before it is sent, and gone once it is kept", () => {
  const storage = new Shelves();
  const seen = [];
  const { outbox } = open({ storage, send: () => void seen.push([...storage.items.keys()]) });
  const given = line();
  outbox.give([given]);
  assert.deepEqual(seen, [[PREFIX + given.uuid]]);
  assert.equal(outbox.sign, "waiting");
  outbox.kept([given.uuid]);
  assert.equal(storage.items.size, 0);
  assert.equal(outbox.sign, "saved");
});

test("the sign: waiting, after 3 s in this browser, saved", () => {
  const { outbox, clock } = open();
  const signs = [];
  const off = outbox.on((sign) => signs.push(`${sign} ${outbox.size}`));
  const given = line();
  outbox.give([given]);
  clock.pass(2_900);
  assert.deepEqual(signs, ["waiting 1"]);
  clock.pass(700);
  assert.deepEqual(signs, ["waiting 1", "browser 1"]);
  outbox.kept([given.uuid]);
  assert.deepEqual(signs.at(-1), "saved 0");
  off();
  outbox.give([line()]);
  assert.equal(signs.length, 3);
});

test("a kernel that is gone is seen at once, and told all when it is back", () => {
  const { outbox, sent } = open();
  outbox.online(false);
  const given = [line(), line()];
  outbox.give(given);
  assert.equal(outbox.sign, "browser");
  sent.length = 0;
  outbox.online(true);
  assert.deepEqual(uuids(sent.flat()), uuids(given));
});

test("a line that cannot be sent waits for the next try", () => {
  let isDead = true;
  const clock = new Clock();
  const sent = [];
  const send = (lines) => {
    if (isDead) throw new Error("the kernel connection is disposed");
    sent.push(...lines);
  };
  const { outbox } = open({ clock, send });
  const given = line();
  outbox.give([given]);
  assert.equal(outbox.sign, "browser");
  isDead = false;
  clock.pass(5_000);
  assert.deepEqual(uuids(sent), [given.uuid]);
});

test("what waits is sent again after 5 s, then at a slowing pace, at once when a kernel starts", () => {
  const { outbox, clock, sent } = open();
  outbox.give([line()]);
  const times = [];
  for (let second = 1; second <= 300; second += 1) {
    const before = sent.length;
    clock.pass(1_000);
    if (sent.length > before) times.push(second);
  }
  assert.deepEqual(times, [5, 15, 35, 75, 135, 195, 255]);
  const before = sent.length;
  outbox.resend();
  assert.equal(sent.length, before + 1);
  clock.pass(5_000);
  assert.equal(sent.length, before + 2);
});

test("nothing runs while nothing waits", () => {
  const { outbox, clock } = open();
  const given = line();
  outbox.give([given]);
  assert.ok(clock.waiting > 0);
  outbox.kept([given.uuid]);
  assert.equal(clock.waiting, 0);
});

test("an answer for nobody's line changes nothing", () => {
  const { outbox } = open();
  outbox.kept(["nobody's"]);
  assert.deepEqual(outbox.refused([{ uuid: "nobody's", why: "" }]), []);
  outbox.notKept(["nobody's"], "");
  assert.equal(outbox.sign, "saved");
});

test("refused lines are handed back; those that the ledger cannot keep stay", () => {
  const { outbox, storage, clock, sent } = open();
  const [bad, good] = [line(), line()];
  outbox.give([bad, good]);
  assert.deepEqual(outbox.refused([{ uuid: bad.uuid, why: "no such field" }]), [bad]);
  outbox.notKept([good.uuid], "the disk is full");
  assert.equal(outbox.sign, "browser");
  assert.equal(outbox.why, "the disk is full");
  assert.deepEqual(stored(storage), [good.uuid]);
  sent.length = 0;
  clock.pass(5_000);
  assert.deepEqual(uuids(sent.flat()), [good.uuid]);
  outbox.kept([good.uuid]);
  assert.deepEqual([outbox.sign, outbox.why, storage.items.size], ["saved", "", 0]);
});

test("messages hold at most 500 lines, and a megabyte", () => {
  const { outbox, sent } = open();
  outbox.give(Array.from({ length: 1_201 }, () => line()));
  assert.deepEqual(sent.map((lines) => lines.length), [500, 500, 201]);
  sent.length = 0;
  outbox.give(Array.from({ length: 30 }, (_, n) => note("x".repeat(100_000), `n${n}`)));
  assert.ok(sent.length >= 3);
  assert.ok(sent.every((lines) => JSON.stringify(lines).length <= 1_100_000));
  assert.equal(sent.flat().length, 30);
});

// ── A storage that refuses ───────────────────────────────────────────────────────────────────────

test("without a storage the sign says lost until the ledger has it", () => {
  for (const storage of [null, Object.assign(new Shelves(), { fault: () => { throw new Error("denied"); } })]) {
    const { outbox, sent } = open({ storage });
    const given = line();
    assert.deepEqual(outbox.restore(), []);
    outbox.give([given]);
    assert.equal(outbox.sign, "lost");
    assert.deepEqual(uuids(sent.flat()), [given.uuid]);
    outbox.kept([given.uuid]);
    assert.equal(outbox.sign, "saved");
  }
});

test("what a full storage refused is put there when there is room", () => {
  const { outbox, storage } = open();
  const [first, second] = [line(), line()];
  storage.quota = 150;
  outbox.give([first, second]);
  assert.deepEqual([stored(storage), outbox.sign], [[first.uuid], "lost"]);
  outbox.kept([first.uuid]);
  assert.deepEqual([stored(storage), outbox.sign], [[second.uuid], "waiting"]);
});

test("at 2,000 lines or 2 MB the sign says lost, and nothing is silent", () => {
  const many = open();
  many.outbox.give(Array.from({ length: 2_000 }, () => line()));
  assert.equal(many.outbox.sign, "waiting");
  const over = line();
  many.outbox.give([over]);
  assert.deepEqual([many.outbox.sign, many.storage.items.size, many.outbox.size], ["lost", 2_000, 2_001]);
  many.outbox.kept([many.outbox.lines()[0].uuid]);
  assert.equal(many.outbox.sign, "waiting");
  assert.ok(stored(many.storage).includes(over.uuid));
  const large = open();
  large.outbox.give(Array.from({ length: 21 }, (_, n) => note("x".repeat(99_000), `n${n}`)));
  assert.equal(large.outbox.sign, "lost");
  const size = [...large.storage.items].reduce((sum, [, item]) => sum + item.length, 0);
  assert.ok(size <= 2_000_000 && size > 1_800_000);
});

test("a storage that may not even be named is none", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: () => { throw new Error("denied"); } });
  try {
    assert.equal(openStorage(), null);
  } finally {
    if (before) Object.defineProperty(globalThis, "localStorage", before);
    else delete globalThis.localStorage;
  }
});

// ── Notes that are being typed ───────────────────────────────────────────────────────────────────

test("the last input of a note is in the storage at once, and sent 400 ms later", () => {
  const { outbox, storage, clock, sent } = open();
  let replaced = null;
  let typed = null;
  for (const text of ["t", "th", "the"]) {
    const next = note(text);
    replaced = outbox.draft(next);
    assert.equal(replaced, typed?.uuid ?? null);
    assert.deepEqual([...storage.items.values()].map((item) => JSON.parse(item).value.text), [text]);
    typed = next;
    clock.pass(399);
  }
  assert.deepEqual(sent, []);
  assert.equal(outbox.sign, "waiting");
  clock.pass(1);
  assert.deepEqual(sent, [[typed]]);
  const later = note("the ridge");
  assert.equal(outbox.draft(later), null);
  assert.deepEqual(uuids(outbox.lines()), [typed.uuid, later.uuid]);
  outbox.kept([typed.uuid]);
  assert.deepEqual(stored(storage), [later.uuid]);
  outbox.flush();
  assert.deepEqual(sent.at(-1), [later]);
});

test("drafts of two notes do not know of each other", () => {
  const { outbox, clock, sent } = open();
  outbox.draft(note("a", "n1"));
  clock.pass(300);
  assert.equal(outbox.draft(note("b", "n2")), null);
  clock.pass(100);
  assert.deepEqual(sent.flat().map(({ value }) => value.text), ["a"]);
  clock.pass(300);
  assert.deepEqual(sent.flat().map(({ value }) => value.text), ["a", "b"]);
});

test("where the storage refuses an input, the one before it stays there", () => {
  const { outbox, storage, clock } = open();
  outbox.draft(note("the ridge"));
  storage.fault = (action) => { if (action === "set") throw new Error("full"); };
  const next = note("the ridge flickers");
  outbox.draft(next);
  assert.equal(outbox.sign, "lost");
  assert.deepEqual([...storage.items.values()].map((item) => JSON.parse(item).value.text), ["the ridge"]);
  storage.fault = () => {};
  clock.pass(400);
  clock.pass(5_000);
  assert.equal(outbox.sign, "browser");
  assert.deepEqual(stored(storage), [next.uuid]);
  outbox.kept([next.uuid]);
  assert.equal(storage.items.size, 0);
});

test("a tab killed in the middle of a word: the next one has the word", () => {
  const { outbox, storage, clock } = open();
  outbox.draft(note("the rid"));
  const next = open({ storage, clock });
  const found = next.outbox.restore();
  assert.deepEqual(found.map(({ value }) => value.text), ["the rid"]);
  assert.deepEqual(uuids(next.sent.flat()), uuids(found));
});

test("another tab that hands a draft over does not take away what is typed since", () => {
  const storage = new Shelves();
  const [mine, other] = [open({ storage }), open({ storage })];
  const early = note("the");
  mine.outbox.draft(early);
  other.outbox.restore();
  const late = note("the ridge");
  mine.outbox.draft(late);
  other.outbox.kept([early.uuid]);
  assert.deepEqual(stored(storage), [late.uuid]);
});

// ── Desks opened again ───────────────────────────────────────────────────────────────────────────

test("a new desk restores all that waits, in the order given, and only its own", () => {
  const { outbox, storage } = open();
  const given = [line(), line(), line()];
  outbox.give([given[2]]);
  outbox.give([given[0], given[1]]);
  storage.items.set(`${PREFIX}junk`, "{");
  storage.items.set(`${PREFIX}null`, "null");
  storage.items.set(`${PREFIX}a/b`, JSON.stringify(line()));
  storage.items.set("aleph_nb/5f0c/demo/x", JSON.stringify(line()));
  storage.items.set("aleph_nb/another/https://api.example/x", JSON.stringify(line()));
  const next = open({ storage });
  assert.deepEqual(next.outbox.restore(), given);
  assert.deepEqual(next.outbox.restore(), []);
  assert.equal(next.outbox.sign, "browser");
  next.outbox.kept(uuids(given));
  assert.equal(next.outbox.sign, "saved");
  assert.equal(storage.items.size, 5);
});

test("what another desk has handed over waits no more, also where the kernel is gone", () => {
  const { outbox, storage, clock, sent } = open();
  outbox.online(false);
  const [first, second] = [line(), line()];
  outbox.give([first, second]);
  const signs = [];
  outbox.on((sign) => signs.push(`${sign} ${outbox.size}`));
  const next = open({ storage, clock });
  next.outbox.restore();
  assert.deepEqual(next.outbox.kept([first.uuid, "nobody's"]), [first.uuid]);
  assert.deepEqual(outbox.handedOver([first.uuid, "nobody's"]), [first.uuid]);
  assert.deepEqual(signs, ["browser 1"]); // the kernel is as gone as it was
  assert.deepEqual(stored(storage), [second.uuid]);
  sent.length = 0;
  outbox.online(true);
  assert.deepEqual(uuids(sent.flat()), [second.uuid]);
  assert.deepEqual(outbox.handedOver([first.uuid]), []);
});

test("an item that only vanishes from the storage is no item that is kept", () => {
  const { outbox, storage } = open();
  const given = line();
  outbox.give([given]);
  storage.items.clear();
  outbox.resend();
  assert.deepEqual(uuids(outbox.lines()), [given.uuid]);
});

test("what is typed on here stays, where another desk has handed over the word before it", () => {
  const { outbox, storage } = open();
  const early = note("the");
  outbox.draft(early);
  const late = note("the ridge");
  outbox.draft(late);
  assert.deepEqual(outbox.handedOver([early.uuid]), []);
  assert.deepEqual([uuids(outbox.lines()), stored(storage)], [[late.uuid], [late.uuid]]);
});

test("a desk that is closed sends its draft, leaves all that waits, and ends its timers", () => {
  const { outbox, storage, clock, sent } = open();
  outbox.give([line()]);
  const typed = note("the");
  outbox.draft(typed);
  outbox.dispose();
  assert.deepEqual(sent.at(-1), [typed]);
  assert.equal(storage.items.size, 2);
  assert.equal(clock.waiting, 0);
  clock.pass(60_000);
  assert.equal(sent.length, 2);
});

// ── Everything at once ───────────────────────────────────────────────────────────────────────────

/** A kernel that answers late, never or twice, dies and comes back; its ledger counts a uuid once. */
class Kernel {
  ledger = new Map();
  tabs = new Set();
  isUp = true;
  #queue = [];

  constructor(random) {
    this.random = random;
  }

  send(lines) {
    if (!this.isUp) throw new Error("dead");
    this.#queue.push(lines);
  }

  work(isHonest = false) {
    const queue = this.#queue.splice(0);
    for (const lines of queue) {
      if (!isHonest && this.random() < 0.2) continue; // it died with it
      if (!isHonest && this.random() < 0.2) {
        this.#queue.push(lines);
        continue;
      }
      if (!isHonest && this.random() < 0.1) {
        for (const tab of this.tabs) tab.notKept(uuids(lines), "locked");
        continue;
      }
      for (const one of lines) if (!this.ledger.has(one.uuid)) this.ledger.set(one.uuid, one);
      if (!isHonest && this.random() < 0.2) continue; // kept, and no answer
      const times = !isHonest && this.random() < 0.2 ? 2 : 1;
      for (let n = 0; n < times; n += 1) for (const tab of this.tabs) tab.kept(uuids(lines));
    }
  }
}

function session(seed) {
  const random = chance(seed);
  const [clock, storage] = [new Clock(), new Shelves()];
  const kernel = new Kernel(random);
  const begin = () => {
    const schedule = (todo, ms) => clock.schedule(() => kernel.tabs.has(outbox) && todo(), ms);
    const { outbox } = open({ clock, storage, schedule, send: (lines) => kernel.send(lines) });
    kernel.tabs.add(outbox);
    outbox.restore();
    return outbox;
  };
  const state = { tabs: [begin(), begin()], given: new Map(), notes: new Map(), safe: new Set() };
  const steps = [
    (tab) => { for (const one of [line(), line()]) { state.given.set(one.uuid, one); tab.give([one]); } },
    (tab, n) => {
      const typed = note(`text ${last}`, `n${n}`);
      tab.draft(typed);
      state.notes.set(`n${n}`, typed);
    },
    () => clock.pass(Math.floor(random() * 3_000)),
    () => kernel.work(),
    () => { kernel.isUp = random() < 0.7; for (const tab of state.tabs) tab.online(kernel.isUp); },
    (tab, n) => { // killed: nothing of it runs any more
      kernel.tabs.delete(tab);
      state.tabs[n] = begin();
    },
    () => { storage.fault = random() < 0.5 ? () => {} : (action) => { if (action === "remove" && random() < 0.5) throw new Error("denied"); }; },
  ];
  for (let step = 0; step < 300; step += 1) {
    const n = Math.floor(random() * 2);
    steps[Math.floor(random() * steps.length)](state.tabs[n], n);
  }
  return { ...state, clock, storage, kernel, begin };
}

for (let seed = 1; seed <= 30; seed += 1) {
  test(`two tabs, kills, dead and slow kernels: none lost, none doubled (seed ${seed})`, () => {
    const { given, notes, clock, storage, kernel, tabs, begin } = session(seed);
    kernel.isUp = true;
    storage.fault = () => {};
    for (const tab of [...tabs, begin()]) {
      tab.online(true);
      tab.flush();
      tab.resend();
    }
    for (let n = 0; n < 5; n += 1) {
      kernel.work(true);
      clock.pass(60_000);
    }
    for (const uuid of given.keys()) assert.ok(kernel.ledger.has(uuid), `${uuid} is lost`);
    for (const [id, typed] of notes) {
      const texts = [...kernel.ledger.values()].filter(({ value }) => value?.id === id).sort((a, b) => a.at - b.at);
      assert.equal(texts.at(-1)?.value.text, typed.value.text);
    }
    assert.ok(tabs.every((tab) => tab.sign === "saved"));
  });
}

for (let seed = 1; seed <= 20; seed += 1) {
  test(`a storage that refuses at random: what the sign does not call lost survives a kill (seed ${seed})`, () => {
    const random = chance(1_000 + seed);
    const { outbox, storage, clock } = open({ send: () => false });
    storage.fault = () => { if (random() < 0.3) throw new Error("refused"); };
    const given = [];
    for (let n = 0; n < 50; n += 1) {
      if (random() < 0.7) outbox.give([given[given.push(line()) - 1]]);
      else clock.pass(Math.floor(random() * 10_000));
      if (outbox.sign !== "lost") {
        const there = stored(storage);
        for (const { uuid } of outbox.lines()) assert.ok(there.includes(uuid), `${uuid} is called safe`);
      }
    }
    assert.equal(outbox.size, given.length);
    storage.fault = () => {};
    outbox.resend();
    assert.equal(outbox.sign, "browser");
    assert.deepEqual(uuids(open({ storage }).outbox.restore()), uuids(given));
  });
}
