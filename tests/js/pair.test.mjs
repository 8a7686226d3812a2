// A pair on the stage, without a page: what is seen on both sides while it stands, plays, loops, and is passed by.

import assert from "node:assert/strict";
import test from "node:test";

import { Pair } from "../../aleph_nb/dashboard/js/pair.js";
import { Reel } from "../../aleph_nb/dashboard/js/reel.js";
import { Transport } from "../../aleph_nb/dashboard/js/transport.js";
import { Cinema, Seat } from "./cinema.mjs";

const cinema = new Cinema();
let count = 0;

/** A side of a pair: a clip of its own. */
const clip = (film, rest = {}) => ({ name: "Clip", url: cinema.film(`https://media.example/${count += 1}.mp4`, film), ...rest });
const pairOf = (left, right, offset = 0) => ({ key: `pair ${count}`, offset, sides: [left, right] });

/** A stage with its pair. */
class Stage {
  heard = [];

  constructor() {
    cinema.wanted.clear();
    cinema.pulled.clear();
    cinema.holders.clear(); // what a test that failed has left
    this.pair = new Pair({ told: (what) => this.tell(what) });
    this.seats = [new Seat(), new Seat()];
    this.reel = new Reel({ media: cinema, videos: cinema, pair: this.pair, sides: this.seats, told: (what) => this.heard.push(what) });
    this.transport = new Transport({ pair: this.pair, changed: () => undefined });
  }

  tell(what) {
    if (what === "play") this.reel.played?.();
  }

  async show(pair, stays = false, ms = 1500) {
    this.reel.show(pair, stays);
    await cinema.pass(ms);
  }

  get videos() { return this.seats.map((seat) => seat.clip?.video ?? null); }
  get seen() { return this.videos.map((video) => video?.shown ?? null); }

  /** End it; nothing may be left. */
  async end() {
    this.reel.dispose();
    this.pair.dispose();
    await cinema.pass(20_000);
    assert.equal(cinema.holders.size, 0, "all videos are given back");
    assert.equal(cinema.wanted.size, 0, "all sources are released");
    assert.equal(cinema.clock.waiting, 0, "no timer is left");
  }
}

const film = (fps, frames, rest = {}) => ({ fps, frames, ...rest });
const RATES = [16, 24000 / 1001, 25, 30000 / 1001, 60];

test("a pair of unknown rates opens on the first frame of both", async () => {
  for (const left of RATES) {
    for (const right of RATES) {
      const stage = new Stage();
      await stage.show(pairOf(clip(film(left, 100)), clip(film(right, 100))));
      assert.deepEqual(stage.pair.clips.map((each) => each.fps), [left, right]);
      assert.equal(stage.pair.frame, 0);
      assert.deepEqual(stage.seen, [Math.floor((0.5 / right) * left), 0], `${left} and ${right}`);
      await stage.end();
    }
  }
});

test("each step is one frame, on both sides, from the first to the last and not beyond", async () => {
  for (const fps of RATES) {
    const stage = new Stage();
    await stage.show(pairOf(clip(film(fps, 60)), clip(film(fps, 60))));
    for (let frame = 1; frame < 62; frame += 1) {
      stage.transport.step(1);
      await cinema.pass(20);
      assert.deepEqual(stage.seen, [Math.min(frame, 59), Math.min(frame, 59)]);
    }
    stage.transport.step(-10);
    await cinema.pass(20);
    assert.deepEqual(stage.seen, [49, 49]);
    await stage.end();
  }
});

test("clips that begin at different times stand on the same frames", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(24, 72, { start: 2 / 24 })), clip(film(24, 72))));
  for (const frame of [0, 1, 2, 40, 71]) {
    stage.pair.go(frame);
    await cinema.pass(30);
    assert.deepEqual(stage.seen, [frame, frame]);
  }
  stage.pair.go(0);
  stage.pair.play(1);
  await cinema.pass(1500);
  const [left, right] = stage.seen;
  assert.ok(Math.abs(left - right) <= 1, `${left} beside ${right}`);
  stage.pair.pause();
  await cinema.pass(40);
  assert.equal(stage.seen[0], stage.seen[1]);
  await stage.end();
});

test("the rates of both are found while they play, and what comes after a pause is exact", async () => {
  const stage = new Stage();
  stage.pair.play(1);
  await stage.show(pairOf(clip(film(60, 300)), clip(film(24, 120))));
  assert.deepEqual(stage.pair.clips.map((each) => each.fps), [60, 24]);
  stage.pair.pause();
  await cinema.pass(40);
  stage.pair.go(30);
  await cinema.pass(40);
  assert.deepEqual(stage.seen, [Math.floor((30.5 / 24) * 60), 30]);
  await stage.end();
});

test("what was played too fast to tell is looked for once it stands", async () => {
  const stage = new Stage();
  stage.pair.play(8);
  await stage.show(pairOf(clip(film(60, 1200)), clip(film(30, 600))));
  stage.pair.pause();
  await cinema.pass(1500);
  assert.deepEqual(stage.pair.clips.map((each) => each.fps), [60, 30]);
  await stage.end();
});

test("it begins again at the end, with both, and stays together", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 105)), clip(film(30000 / 1001, 60))));
  stage.pair.play(1);
  await cinema.pass(3_000);
  assert.equal(stage.seen[1], 59, "the shorter one holds its last frame");
  await cinema.pass(2_000);
  const times = stage.videos.map((video) => video.currentTime);
  assert.ok(times[0] < 1.2 && Math.abs(times[0] - times[1]) < 0.02, String(times));
  await stage.end();
});

test("a range is played again and again, and one that is beyond a clip is the whole of it", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 125)), clip(film(25, 125))));
  stage.pair.go(50);
  stage.transport.mark("from");
  stage.pair.go(60);
  stage.transport.mark("to");
  assert.deepEqual(stage.pair.span, { first: 50, end: 60 });
  stage.pair.play(1);
  await cinema.pass(300);
  stage.videos.forEach((video) => { video.painted.length = 0; });
  await cinema.pass(3_000);
  for (const video of stage.videos) {
    assert.deepEqual([Math.min(...video.painted), Math.max(...video.painted)], [50, 60]);
  }
  stage.pair.pause();
  await stage.show(pairOf(clip(film(25, 40)), clip(film(25, 40))));
  assert.deepEqual(stage.pair.span, { first: 0, end: 39 });
  assert.deepEqual(stage.seen, [0, 0], "it opens on its first frame");
  await stage.show(pairOf(clip(film(60, 300)), clip(film(60, 300))));
  assert.deepEqual(stage.pair.span, { first: 120, end: 144 });
  assert.deepEqual(stage.seen, [120, 120], "the same moment, whatever the rate turns out to be");
  await stage.end();
});

test("an end of the range on the wrong side takes the other away", () => {
  const stage = new Stage();
  stage.pair.range = { from: 2, to: 3 };
  stage.transport.mark("to");
  assert.deepEqual(stage.pair.range, { from: null, to: 0 });
  stage.transport.range({ from: null, to: null });
  assert.deepEqual(stage.pair.range, { from: null, to: null });
});

test("the other one, at its end a moment early, does not begin again by itself", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 125)), clip(film(25, 125))));
  stage.pair.go(100);
  await cinema.pass(40);
  stage.pair.play(1);
  await cinema.pass(300);
  const [left, right] = stage.videos;
  left.painted.length = 0;
  left.currentTime = right.currentTime + 0.2;
  while (!left.ended) await cinema.pass(4);
  await cinema.pass(100);
  assert.ok(right.shown > 118, "the master is not there yet");
  assert.equal(Math.min(...left.painted) > 90, true, String(left.painted));
  await stage.end();
});

test("backwards, frames come in order on both sides, and from the beginning it goes to the end", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 50)), clip(film(25, 50))));
  stage.pair.go(20);
  await cinema.pass(40);
  for (const video of stage.videos) video.painted.length = 0;
  stage.transport.shuttle(-1);
  assert.equal(stage.pair.speed, -1);
  await cinema.pass(700);
  for (const { painted } of stage.videos) {
    assert.ok(painted.length >= 8, "at least eight a second");
    assert.deepEqual(painted, [...painted].sort((a, b) => b - a));
  }
  await cinema.pass(600);
  assert.ok(stage.pair.frame > 30, String(stage.pair.frame));
  stage.transport.stop();
  await cinema.pass(40);
  assert.equal(stage.seen[0], stage.seen[1]);
  await stage.end();
});

test("J and L go through the speeds, and K stops", async () => {
  const stage = new Stage();
  await stage.show(pairOf(null, clip(film(25, 500))));
  const press = (ways) => ways.map((way) => { stage.transport.shuttle(way); return stage.pair.speed; });
  assert.deepEqual(press([1, 1, 1, 1, 1]), [1, 2, 4, 8, 8]);
  assert.deepEqual(press([-1, -1, -1, -1, -1, -1, -1, -1, -1]), [4, 2, 1, 0.5, 0.25, -1, -2, -4, -4]);
  assert.deepEqual(press([1, 1, 1]), [-2, -1, 0.25]);
  stage.transport.stop();
  assert.equal(stage.pair.speed, 0);
  stage.transport.toggle();
  assert.equal(stage.pair.speed, 1);
  await stage.end();
});

test("scrubbing stops what plays and goes on where it is let go; a stop meanwhile counts", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 125)), clip(film(25, 125))));
  stage.pair.play(1);
  await cinema.pass(200);
  for (const frame of [20, 60, 90]) stage.transport.scrub(frame);
  assert.equal(stage.pair.playing, false);
  await cinema.pass(60);
  assert.deepEqual(stage.seen, [90, 90]);
  stage.transport.scrubbed();
  assert.equal(stage.pair.speed, 1);
  stage.transport.scrub(30);
  stage.transport.stop();
  stage.transport.scrubbed();
  assert.equal(stage.pair.playing, false);
  await stage.end();
});

test("while a master has no data the other waits for it, and then they are together", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 250)), clip(film(25, 250))));
  stage.pair.play(1);
  await cinema.pass(500);
  const [left, right] = stage.videos;
  right.stall(300);
  await cinema.pass(2_000);
  assert.ok(Math.abs(left.currentTime - right.currentTime) < 0.02, `${left.currentTime} and ${right.currentTime}`);
  await stage.end();
});

test("without frame callbacks what plays is counted all the same", async () => {
  const stage = new Stage();
  await stage.show(pairOf(null, clip(film(25, 125))));
  stage.videos[1].requestVideoFrameCallback = undefined;
  stage.pair.clips[1].head.dispose();
  stage.pair.play(1);
  await cinema.pass(1_000);
  assert.ok(stage.pair.frame > 20, String(stage.pair.frame));
  await stage.end();
  delete cinema.videos.at(-1).requestVideoFrameCallback;
  cinema.idle.forEach((video) => { delete video.requestVideoFrameCallback; });
});

// ── What comes and goes ──────────────────────────────────────────────────────────────────────────

test("tasks that are passed by load nothing, and the last one is shown", async () => {
  const stage = new Stage();
  const pairs = Array.from({ length: 12 }, () => pairOf(clip(film(25, 125)), clip(film(25, 125))));
  for (const each of pairs) {
    stage.reel.show(each, false);
    stage.reel.prepare(pairs[pairs.indexOf(each) + 1] ?? null);
    await cinema.pass(40);
  }
  await cinema.pass(1_500);
  assert.deepEqual([...cinema.wanted].map(([url]) => url).sort(), pairs.at(-1).sides.map(({ url }) => url).sort());
  assert.deepEqual(stage.seen, [0, 0]);
  await stage.end();
});

test("what was prepared is there at once, keeps its rate, and the pool stays small", async () => {
  const stage = new Stage();
  const source = clip(film(25, 125));
  const pairs = Array.from({ length: 30 }, () => pairOf(source, clip(film(60, 300))));
  for (const [place, each] of pairs.entries()) {
    stage.reel.show(each, false);
    stage.reel.prepare(pairs[place + 1] ?? null);
    if (place > 0) {
      await cinema.pass(30);
      assert.deepEqual(stage.seen, [0, 0], `task ${place}`);
      assert.equal(stage.pair.clips[1].fps, 60);
    }
    await cinema.pass(1_500);
  }
  assert.ok(cinema.holders.size <= 4, String(cinema.holders.size));
  await stage.end();
});

test("back and forth before anything has come ends on what was asked for last", async () => {
  const stage = new Stage();
  const [a, b] = [1, 2].map(() => pairOf(clip(film(25, 125)), clip(film(25, 125))));
  await stage.show(a);
  stage.reel.show(b, false);
  await cinema.pass(20);
  stage.reel.show(b, false);
  await cinema.pass(20);
  stage.reel.show(a, false);
  await cinema.pass(5);
  stage.reel.show(null, false);
  await cinema.pass(5);
  stage.reel.show(b, false);
  await cinema.pass(600);
  assert.deepEqual(stage.pair.clips.map((each) => each.url), b.sides.map(({ url }) => url));
  assert.deepEqual(stage.seen, [0, 0]);
  await stage.show(null);
  assert.deepEqual(stage.videos, [null, null]);
  assert.equal(stage.pair.ready, false);
  await stage.end();
});

test("one clip on both sides is two videos on one frame", async () => {
  const stage = new Stage();
  const same = clip(film(25, 125));
  await stage.show(pairOf(same, same));
  assert.notEqual(stage.videos[0], stage.videos[1]);
  stage.pair.go(33);
  await cinema.pass(40);
  assert.deepEqual(stage.seen, [33, 33]);
  await stage.show(pairOf(clip(film(25, 125)), same), true);
  assert.deepEqual(stage.seen, [33, 33], "another source, at the same moment");
  await stage.end();
});

test("the moment stays from take to take, also where they are gone through quickly", async () => {
  const stage = new Stage();
  const source = { ...clip(film(25, 125)), url: "" };
  const takes = [24, 60, 30000 / 1001].map((fps) => pairOf(source, clip(film(fps, Math.round(fps * 5)))));
  await stage.show(takes[0]);
  stage.pair.go(48);
  await cinema.pass(40);
  stage.reel.show(takes[1], true);
  await cinema.pass(30);
  stage.reel.show(takes[2], true);
  await cinema.pass(1_500);
  assert.equal(stage.seen[1], Math.floor((48 / 24) * (30000 / 1001)));
  await stage.end();
});

test("a clip that breaks while it plays leaves the other playing, and comes back through the kernel", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 250)), clip(film(25, 250))));
  stage.pair.play(1);
  await cinema.pass(500);
  stage.videos[1].fail();
  await cinema.pass(400);
  assert.equal(stage.pair.line.sides[1], null);
  assert.equal(stage.videos[0].paused, false, "the other goes on");
  const [, , use] = [...cinema.wanted].find(([, how]) => how.viaKernel);
  use({ src: cinema.film("blob:again", film(25, 250)), kind: "video/mp4", error: "", blob: new Blob([]) });
  await cinema.pass(1_500);
  const [left, right] = stage.videos.map((video) => video.currentTime);
  assert.ok(left > 1.5 && Math.abs(left - right) < 0.02, `${left} and ${right}`);
  await stage.end();
});

test("an offset shifts the other side, and goes with its pair", async () => {
  const stage = new Stage();
  await stage.show(pairOf(clip(film(25, 125)), clip(film(25, 125)), 3 / 25));
  assert.deepEqual(stage.seen, [3, 0]);
  stage.pair.shift(-2 / 25);
  stage.pair.go(10);
  await cinema.pass(40);
  assert.deepEqual(stage.seen, [8, 10]);
  await stage.show(pairOf(clip(film(25, 125)), clip(film(25, 125))));
  assert.deepEqual([stage.pair.offset, ...stage.seen], [0, 0, 0]);
  await stage.end();
});
