// Two clips on one timeline, and how one that has drifted comes back.

import assert from "node:assert/strict";
import test from "node:test";

import { steer } from "../../aleph_nb/dashboard/js/steer.js";
import { Timeline } from "../../aleph_nb/dashboard/js/timeline.js";

const NTSC = { 23.976: 24000 / 1001, 29.97: 30000 / 1001, 59.94: 60000 / 1001 };
const side = (fps, frames, start = 0) => ({ fps, duration: frames / fps, start });
const RATES = [16, NTSC[23.976], 24, 25, NTSC[29.97], 30, 50, NTSC[59.94], 60];

test("equal clips stand on equal frames, whatever an offset of whole frames", () => {
  for (const fps of RATES) {
    for (const by of [-7, -1, 0, 1, 3, 30]) {
      const line = new Timeline([side(fps, 120), side(fps, 120)], by / fps);
      for (let frame = 0; frame < 120; frame += 1) {
        assert.equal(line.frameOf(1, frame), frame);
        assert.equal(line.frameOf(0, frame), Math.min(Math.max(frame + by, 0), 119), `${fps} by ${by} at ${frame}`);
      }
    }
  }
});

test("at each frame of the lead the other shows what it shows in its middle", () => {
  for (const [mine, theirs] of RATES.flatMap((one) => RATES.map((other) => [one, other]))) {
    const [lead, other] = [side(mine, Math.round(mine * 5)), side(theirs, Math.round(theirs * 4.2))];
    const line = new Timeline([other, lead]);
    assert.equal(line.lead, 1);
    assert.equal(line.frames, Math.round(mine * 5));
    for (let frame = 0; frame < line.frames; frame += 1) {
      const due = Math.min(Math.floor(((frame + 0.5) / mine) * theirs + 1e-6), Math.round(theirs * 4.2) - 1);
      assert.equal(line.frameOf(0, frame), due, `${theirs} against ${mine} at ${frame}`);
    }
  }
});

test("the timeline ends with the side that lasts longest, and that one leads", () => {
  const short = side(25, 105);
  const long = side(NTSC[29.97], 150);
  assert.deepEqual([new Timeline([long, short]).frames, new Timeline([long, short]).master], [125, 0]);
  assert.deepEqual([new Timeline([short, long]).frames, new Timeline([short, long]).master], [150, 1]);
  assert.deepEqual([new Timeline([short, null]).frames, new Timeline([short, null]).master], [105, 0]);
  assert.deepEqual([new Timeline([null, short]).frames, new Timeline([null, null]).frames], [105, 1]);
  const shifted = new Timeline([side(25, 125), side(25, 125)], -1);
  assert.deepEqual([shifted.frames, shifted.master], [150, 0]);
});

test("frames are those that there are", () => {
  const line = new Timeline([side(25, 105), side(25, 125)]);
  assert.deepEqual([-3, 0, 3.4, 124, 125, 1e9].map((frame) => line.clamp(frame)), [0, 0, 3, 124, 124, 124]);
  assert.equal(line.frameOf(0, 124), 104);
  assert.equal(new Timeline([side(25, 125), null]).frameOf(1, 5), 0);
  assert.equal(line.covers(0, 4.17), true);
  assert.equal(line.covers(0, 4.19), false);
  assert.equal(new Timeline([side(25, 125), side(25, 125)], -1).covers(0, 0.5), false);
});

test("a clip that begins late has its time, and its first frame is the first", () => {
  const line = new Timeline([side(24, 72, 2 / 24), side(24, 72)], 1 / 24);
  assert.equal(line.frames, 72);
  assert.equal(line.frameOf(0, 0), 1);
  assert.ok(Math.abs(line.secondsAt(0, 0) - 3 / 24) < 1e-9);
  assert.equal(line.secondsAt(1, 1.5), 1.5);
  for (const place of [0, 1]) assert.ok(Math.abs(line.timeAt(place, line.secondsAt(place, 0.7)) - 0.7) < 1e-9);
  assert.equal(line.master, 1);
});

// ── Steering ─────────────────────────────────────────────────────────────────────────────────────

const frame = 1 / 30;
const told = (drift, rest = {}) => steer({ drift, frame, speed: 1, steering: false, ...rest });

test("within half a frame nothing is done", () => {
  for (const drift of [0, 0.4 * frame, -0.49 * frame]) assert.deepEqual(told(drift), { seek: false, rate: 1 });
});

test("up to a quarter of a second it runs faster or slower, by a tenth at most", () => {
  for (const drift of [0.02, 0.06, 0.2, 0.249]) {
    for (const sign of [1, -1]) {
      for (const speed of [0.25, 0.5, 1, 2, 4]) {
        const { seek, rate } = told(sign * drift, { speed });
        assert.equal(seek, false);
        assert.ok(sign * (rate - speed) < 0, "towards the other");
        assert.ok(Math.abs(rate / speed - 1) <= 0.1 + 1e-9);
      }
    }
  }
});

test("further away it is one seek, at the speed that it has", () => {
  assert.deepEqual(told(0.3), { seek: true, rate: 1 });
  assert.deepEqual(told(-0.26, { speed: 0.5 }), { seek: true, rate: 0.5 });
  assert.equal(told(0.4, { speed: 2 }).seek, false, "at twice the speed twice as far is as long");
});

test("a correction goes on until it is well inside, and it is not undone by itself", () => {
  assert.notEqual(told(0.3 * frame, { steering: true }).rate, 1);
  assert.equal(told(0.1 * frame, { steering: true }).rate, 1);
  let [drift, steering] = [0.2, false];
  let ms = 0;
  for (; ms < 5000 && Math.abs(drift) > frame / 2; ms += 16) {
    const { rate } = told(drift, { steering });
    steering = rate !== 1;
    drift += (rate - 1) * 0.016;
  }
  assert.ok(ms < 2200, `${ms} ms`);
});
