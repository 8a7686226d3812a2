// Clips that come through the kernel, in pieces.

import assert from "node:assert/strict";
import test from "node:test";

import { Pulls } from "../../aleph_nb/dashboard/js/chunks.js";
import { Media } from "../../aleph_nb/dashboard/js/media.js";
import { Clock } from "./world.mjs";

const STEP = 10;
const url = (n) => `https://clips.example/${n}.mp4`;

/** Numbers that tell where they stand. */
const bytes = (size) => Uint8Array.from({ length: size }, (_, n) => (n * 7) % 251);

/** A kernel that hears what is asked, and answers when it is told to. */
class Kernel {
  heard = [];
  clips = new Map();
  answer = () => {};

  send = (content) => {
    this.heard.push(content.type === "clip" ? [content.url, content.at] : [content.url, "done"]);
  };

  take(message, buffers = []) {
    this.answer({ type: "clip", ...message }, buffers);
  }

  /** Send the piece that begins at a place. */
  piece(name, at, { content = bytes(35), kind = "video/mp4" } = {}) {
    const part = content.slice(at, at + STEP);
    const size = content.length;
    this.take({ url: name, state: "chunk", at, size, kind, done: at + part.length >= size }, [new DataView(part.buffer)]);
  }

  /** What was asked since the last time. */
  get news() {
    return this.heard.splice(0);
  }
}

function open() {
  const [clock, kernel] = [new Clock(), new Kernel()];
  const pulls = new Pulls({ send: kernel.send, schedule: clock.schedule });
  kernel.answer = (message, buffers) => pulls.take(message, buffers);
  const [told, got] = [[], []];
  const pull = (n) => pulls.pull(url(n), {
    progress: ({ state, got: come, size }) => told.push([state, come, size]),
    done: (one) => got.push(one),
  });
  return { clock, kernel, pulls, pull, told, got };
}

test("a clip comes in pieces, two asked for at a time, and the kernel is told to let go", async () => {
  const { clock, kernel, pull, told, got } = open();
  pull(1);
  assert.deepEqual(kernel.news, [[url(1), 0]]);
  kernel.take({ url: url(1), state: "fetching", got: 20, size: 35 });
  kernel.piece(url(1), 0);
  assert.deepEqual(kernel.news, [[url(1), 10], [url(1), 20]]);
  kernel.piece(url(1), 20);
  assert.deepEqual(kernel.news, [[url(1), 30]]);
  kernel.piece(url(1), 10);
  assert.deepEqual(kernel.news, []);
  kernel.piece(url(1), 30);
  assert.deepEqual(kernel.news, [[url(1), "done"]]);
  assert.deepEqual(told, [
    ["asking", 0, null], ["fetching", 20, 35], ["coming", 10, 35], ["coming", 20, 35], ["coming", 30, 35],
  ]);
  const [{ blob, kind, error }] = got;
  assert.deepEqual([kind, blob.type, error], ["video/mp4", "video/mp4", ""]);
  assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), bytes(35));
  assert.equal(clock.waiting, 0);
});

test("no answer for a second and a half: the kernel is busy, and asked again more and more slowly", () => {
  const { clock, kernel, pull, told } = open();
  pull(1);
  clock.pass(1_400);
  assert.deepEqual(told, [["asking", 0, null]]);
  clock.pass(200);
  assert.deepEqual(told.at(-1), ["busy", 0, null]);
  assert.equal(kernel.news.length, 1);
  clock.pass(20_000);
  assert.deepEqual(told.at(-1), ["busy", 0, null]);
  clock.pass(580_000);
  assert.deepEqual(told.at(-1), ["silent", 0, null]);
  const asked = kernel.news;
  assert.ok(asked.length >= 8 && asked.length <= 14, `${asked.length} in ten minutes`);
  kernel.piece(url(1), 0);
  assert.deepEqual(told.at(-1), ["coming", 10, 35]);
  clock.pass(1_600);
  assert.deepEqual(told.at(-1), ["busy", 10, 35]);
});

test("a kernel that is fetching is not busy, however long that takes; one that falls silent is asked again", () => {
  const { clock, kernel, pull, told } = open();
  pull(1);
  for (let n = 0; n < 60; n += 1) {
    clock.pass(1_000);
    kernel.take({ url: url(1), state: "fetching", got: 0, size: null });
  }
  assert.deepEqual(new Set(told.map(([state]) => state)), new Set(["asking", "fetching"]));
  assert.equal(kernel.news.length, 1);
  clock.pass(3_900);
  assert.equal(told.at(-1)[0], "fetching");
  clock.pass(1_700);
  assert.deepEqual(kernel.news, [[url(1), 0]]);
  assert.equal(told.at(-1)[0], "busy");
});

test("a piece that was dropped on the way is asked for again, and no other", async () => {
  const { clock, kernel, pull, got } = open();
  pull(1);
  kernel.piece(url(1), 0);
  kernel.piece(url(1), 20); // 10 is lost
  kernel.piece(url(1), 30);
  assert.deepEqual(kernel.news, [[url(1), 0], [url(1), 10], [url(1), 20], [url(1), 30]]);
  clock.pass(4_100);
  assert.deepEqual(kernel.news, [[url(1), 10]]);
  kernel.piece(url(1), 10);
  assert.deepEqual(new Uint8Array(await got[0].blob.arrayBuffer()), bytes(35));
});

test("pieces that come twice, or of another page's pull, do no harm", async () => {
  const { kernel, pull, got } = open();
  pull(1);
  kernel.piece(url(1), 20); // before the first
  kernel.piece(url(2), 0);
  kernel.piece(url(1), 0);
  kernel.piece(url(1), 0);
  kernel.piece(url(1), 30); // nobody has asked yet
  kernel.piece(url(1), 20);
  kernel.piece(url(1), 10);
  kernel.piece(url(1), 10);
  assert.equal(got.length, 1);
  assert.deepEqual(new Uint8Array(await got[0].blob.arrayBuffer()), bytes(35));
  assert.deepEqual(kernel.heard.filter(([, what]) => what === "done").length, 1);
});

test("a clip that is another one when it is fetched anew begins from the start, three times at most", () => {
  const { clock, kernel, pull, got } = open();
  pull(1);
  kernel.piece(url(1), 0);
  kernel.piece(url(1), 10, { content: bytes(45) });
  assert.deepEqual(kernel.news.at(-1), [url(1), 0]);
  kernel.piece(url(1), 0, { content: bytes(45) });
  kernel.piece(url(1), 10, { content: bytes(55) });
  kernel.piece(url(1), 0, { content: bytes(55) });
  kernel.take({ url: url(1), state: "chunk", at: 60, size: 55, kind: "video/mp4" }, [new ArrayBuffer(0)]);
  assert.match(got[0].error, /changed/);
  assert.deepEqual(kernel.news.at(-1), [url(1), "done"]);
  assert.equal(clock.waiting, 0);
});

test("two at a time, the latest wish first; what fails makes room", () => {
  const { kernel, pull, got } = open();
  for (const n of [1, 2, 3, 4]) pull(n);
  assert.deepEqual(kernel.news, [[url(1), 0], [url(2), 0]]);
  kernel.take({ url: url(1), state: "failed", why: "The server answered 404: it is not there any more" });
  assert.equal(got[0].error, "The server answered 404: it is not there any more");
  assert.deepEqual(kernel.news, [[url(4), 0]]);
});

test("what is not wanted any more is stopped, and the kernel told, where it was asked", () => {
  const { clock, kernel, pull, got } = open();
  const stops = [1, 2, 3].map(pull);
  stops[2]();
  assert.deepEqual(kernel.news, [[url(1), 0], [url(2), 0]]);
  stops[0]();
  stops[0]();
  assert.deepEqual(kernel.news, [[url(1), "done"]]);
  kernel.piece(url(1), 0);
  stops[1]();
  assert.deepEqual(got, []);
  assert.equal(clock.waiting, 0);
});

test("when the kernel is back it is asked at once; nothing is left of what is disposed of", () => {
  const { clock, kernel, pulls, pull } = open();
  for (const n of [1, 2, 3]) pull(n);
  clock.pass(100_000);
  kernel.heard.length = 0;
  pulls.retry();
  assert.deepEqual(kernel.news, [[url(1), 0], [url(2), 0]]);
  pulls.dispose();
  assert.deepEqual(kernel.news, [[url(1), "done"], [url(2), "done"]]);
  pull(4);
  assert.deepEqual([kernel.news, clock.waiting], [[], 0]);
});

// ── Media ────────────────────────────────────────────────────────────────────────────────────────

function openMedia(rest = {}) {
  const [clock, kernel] = [new Clock(), new Kernel()];
  const sent = [];
  const send = (content) => (content.type === "media" ? sent.push(...content.urls) : kernel.send(content));
  const media = new Media({ send, schedule: clock.schedule, ...rest });
  kernel.answer = (message, buffers) => media.takeClip(message, buffers);
  return { clock, kernel, media, sent };
}

const whole = (kernel, name) => [0, 10, 20, 30].forEach((at) => kernel.piece(name, at));

test("by URL or through the kernel, as it is wished; what only the kernel has always through it", () => {
  const { kernel, media } = openMedia();
  const [seen, how] = [[], []];
  media.want(url(1), ({ src }) => seen.push(src));
  assert.deepEqual([seen, kernel.news], [[url(1)], []]);
  media.want(url(1), (got) => seen.push(got), { viaKernel: true, progress: ({ state }) => how.push(state) });
  media.want("kernel:0", (got) => seen.push(got));
  assert.deepEqual(kernel.news, [[url(1), 0], ["kernel:0", 0]]);
  whole(kernel, url(1));
  whole(kernel, "kernel:0");
  assert.deepEqual(seen.slice(1).map(({ src, kind, error, blob }) => [src.slice(0, 5), kind, error, blob.size]), [
    ["blob:", "video/mp4", "", 35], ["blob:", "video/mp4", "", 35],
  ]);
  assert.deepEqual(how, ["asking", "coming", "coming", "coming"]);
});

test("two that want the same pull it once, and both see how far it is; the last that lets go stops it", () => {
  const { kernel, media, clock } = openMedia();
  const how = [[], []];
  const via = (n) => media.want(url(1), () => assert.fail("released"), {
    viaKernel: true, progress: ({ state }) => how[n].push(state),
  });
  const first = via(0);
  kernel.take({ url: url(1), state: "fetching", got: 1, size: 2 });
  const second = via(1);
  assert.deepEqual(how, [["asking", "fetching"], ["fetching"]]);
  first();
  assert.deepEqual(kernel.news, [[url(1), 0]]);
  second();
  assert.deepEqual(kernel.news, [[url(1), "done"]]);
  kernel.piece(url(1), 0);
  assert.equal(clock.waiting, 0);
});

test("a clip that came is kept for the next one who wants it, also without saying how", () => {
  const { kernel, media } = openMedia({ mode: "bytes" });
  const seen = [];
  const use = ({ src }) => seen.push(src);
  const release = media.want(url(1), use, { viaKernel: true });
  whole(kernel, url(1));
  release();
  media.want(url(1), use, { viaKernel: true });
  media.want(url(1), use);
  assert.equal(new Set(seen).size, 1);
  assert.deepEqual(kernel.news.filter(([, what]) => what === 0), [[url(1), 0]]);
});

test("why it cannot be had is told, and it may be asked for again", () => {
  const { kernel, media } = openMedia();
  const errors = [];
  media.want(url(1), ({ error }) => errors.push(error), { viaKernel: true });
  kernel.take({ url: url(1), state: "failed", why: "It is 300 MB" });
  whole(kernel, url(1)); // too late
  kernel.heard.length = 0;
  media.retry();
  assert.deepEqual(kernel.news, [[url(1), 0]]);
  whole(kernel, url(1));
  assert.deepEqual(errors, ["It is 300 MB", ""]);
});

test("what comes whole meanwhile, or is no clip, is told as such; disposal stops all", () => {
  const { kernel, media, clock, sent } = openMedia({ mode: "bytes" });
  const errors = [];
  media.want(url(1), ({ error }) => errors.push(error), { viaKernel: true });
  media.want(url(9), () => {});
  clock.pass(100);
  assert.deepEqual(sent, [url(9)]);
  media.take({ type: "media", url: url(9), error: "gone" }, []);
  kernel.piece(url(1), 0, { kind: "text/html", content: bytes(10) });
  assert.match(errors[0], /neither a picture nor a clip/);
  media.want(url(2), () => {}, { viaKernel: true });
  kernel.heard.length = 0;
  media.dispose();
  assert.deepEqual([kernel.news, clock.waiting], [[[url(2), "done"]], 0]);
});
