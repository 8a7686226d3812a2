// Messages in and out, and whether anybody answers.

import assert from "node:assert/strict";
import test from "node:test";

import { Link } from "../../aleph_nb/dashboard/js/link.js";
import { Clock } from "./world.mjs";

class Model {
  sent = [];
  rounds = [];
  listeners = new Set();
  answer = () => undefined;
  state = {};

  get(name) {
    return this.state[name];
  }

  send(content, callbacks, buffers) {
    const outcome = this.answer();
    this.sent.push([content.type, buffers.length]);
    this.rounds.push(content.round);
    return outcome;
  }

  on(event, listener) {
    assert.equal(event, "msg:custom");
    this.listeners.add(listener);
  }

  off(event, listener) {
    this.listeners.delete(listener);
  }

  hear(content, buffers) {
    for (const listener of [...this.listeners]) listener(content, buffers);
  }

  get hellos() {
    return this.sent.filter(([type]) => type === "hello").length;
  }
}

function open() {
  const [model, clock] = [new Model(), new Clock()];
  return { model, clock, link: new Link({ model, schedule: clock.schedule }) };
}

test("messages reach the handlers of their type, with their buffers, until those are off", () => {
  const { model, link } = open();
  const heard = [];
  const off = link.on("rows", (content, buffers) => heard.push([content.count, buffers.length]));
  link.open();
  link.open();
  model.hear({ type: "rows", count: 2 }, [1, 2]);
  model.hear({ type: "rows", count: 3 });
  model.hear({ type: "lines" }, []);
  for (const junk of [null, undefined, 1, {}, { type: 3 }, { type: "alive" }]) model.hear(junk, []);
  off();
  model.hear({ type: "rows", count: 4 }, []);
  assert.deepEqual(heard, [[2, 2], [3, 0]]);
});

test("a desk just made hears its start, and asks for nothing", () => {
  const { model, clock, link } = open();
  link.open();
  model.hear({ type: "start" }, []);
  clock.pass(600_000);
  assert.deepEqual(model.sent, []);
});

test("the beginning that came with the widget is taken at once, and the kernel asked for what follows it", () => {
  const { model, clock, link } = open();
  const heard = [];
  link.on("start", ({ total }) => heard.push(["start", total]));
  link.on("rows", ({ count }, buffers) => heard.push(["rows", count, buffers.length]));
  model.state.beginning = [[{ type: "start", round: 7, total: 2 }, []], [{ type: "rows", count: 2 }, [1, 2]]];
  link.open();
  assert.deepEqual(heard, [["start", 2], ["rows", 2, 2]]);
  assert.deepEqual([model.sent, model.rounds], [[["hello", 0]], [7]]);
  clock.pass(2_000);
  assert.deepEqual([model.rounds, link.isWaiting], [[7, 7], true]); // the kernel is busy
  model.hear({ type: "goes_on" }, []);
  assert.equal(link.isWaiting, false);
  clock.pass(600_000);
  assert.equal(model.hellos, 2);
  link.hello();
  assert.equal(model.rounds.at(-1), undefined); // anew
});

test("what another view is told to go on with is no answer to one that shows nothing yet", () => {
  const { model, clock, link } = open();
  link.open();
  model.hear({ type: "goes_on" }, []);
  clock.pass(300);
  assert.equal(model.hellos, 1);
});

test("without a start it asks, again and more slowly, until there is one", () => {
  const { model, clock, link } = open();
  link.open();
  const asked = [300, 2_000, 5_000, 15_000, 30_000].map((ms) => {
    clock.pass(ms);
    return model.hellos;
  });
  assert.deepEqual(asked, [1, 2, 3, 4, 5]);
  model.hear({ type: "start" }, []);
  clock.pass(600_000);
  assert.equal(model.hellos, 5);
  link.hello();
  assert.equal(model.hellos, 6);
});

test("what needs an answer and gets none for 3 s tells that the kernel is silent; any word that it is back", () => {
  const { model, clock, link } = open();
  const seen = [];
  link.on("alive", ({ alive }) => seen.push(alive));
  link.open();
  model.hear({ type: "start" }, []);
  link.send({ type: "media", urls: [] });
  clock.pass(10_000);
  assert.deepEqual(seen, []);
  assert.equal(link.send({ type: "verdicts", lines: [] }, [new ArrayBuffer(1)]), true);
  clock.pass(2_999);
  assert.equal(link.alive, true);
  clock.pass(1);
  assert.deepEqual([seen, link.alive], [[false], false]);
  model.hear({ type: "status" }, []);
  assert.deepEqual([seen, link.alive], [[false, true], true]);
});

test("an answer in time is one", () => {
  const { model, clock, link } = open();
  link.open();
  model.hear({ type: "start" }, []);
  link.send({ type: "verdicts", lines: [] });
  clock.pass(2_900);
  model.hear({ type: "kept", uuids: [] }, []);
  clock.pass(10_000);
  assert.equal(link.alive, true);
});

test("a dead line is told, whether it throws or breaks a promise", async () => {
  const { model, link } = open();
  model.answer = () => { throw new Error("Kernel connection is disposed"); };
  assert.equal(link.send({ type: "refresh" }), false);
  assert.equal(link.alive, false);
  const other = open();
  other.model.answer = () => Promise.reject(new Error("Canceled"));
  assert.equal(other.link.send({ type: "refresh" }), true);
  await new Promise((done) => { other.link.on("alive", done); });
  assert.equal(other.link.alive, false);
});

test("nothing is left of a link that is disposed of", () => {
  const { model, clock, link } = open();
  const heard = [];
  link.on("rows", () => heard.push(1));
  link.open();
  link.send({ type: "verdicts", lines: [] });
  link.dispose();
  model.hear({ type: "rows" }, []);
  assert.deepEqual([model.listeners.size, clock.waiting, heard], [0, 0, []]);
});
