// Frames, rates, and what an MP4 file tells of its rate.

import assert from "node:assert/strict";
import test from "node:test";

import { centreOf, frameAt, frameCode, framesIn, rateFrom, rateWords } from "../../aleph_nb/dashboard/js/frames.js";
import { rateInFile } from "../../aleph_nb/dashboard/js/mp4.js";
import { box, movie, track } from "./mp4_file.mjs";
import { chance } from "./world.mjs";

const NTSC = { 23.976: 24000 / 1001, 29.97: 30000 / 1001, 59.94: 60000 / 1001 };
const RATES = { 8: 8, 12: 12, 12.5: 12.5, 15: 15, 16: 16, 18: 18, 20: 20, 24: 24, 25: 25, 30: 30, 48: 48, 50: 50, 60: 60, ...NTSC };

/** The times at which frames begin; `step`: every how many of them. */
const times = (fps, count, { from = 0, step = 1, round = null } = {}) => Array.from({ length: count }, (_, place) => {
  const time = (from + place * step) / fps;
  return round ? Math.round(time * round) / round : time;
});

test("the middle of each frame of a minute is in that frame, and so is its beginning", () => {
  for (const fps of Object.values(RATES)) {
    for (let frame = 0; frame < 60 * fps; frame += 1) {
      assert.equal(frameAt(centreOf(frame, fps), fps), frame);
      assert.equal(frameAt(frame / fps, fps), frame);
      assert.equal(frameAt(Math.round((frame / fps) * 1e6) / 1e6 + 1e-4, fps), frame); // as a browser tells it
    }
  }
  assert.equal(frameAt(-3, 25), 0);
});

test("a length holds whole frames, at least one", () => {
  assert.equal(framesIn(5, 25), 125);
  assert.equal(framesIn(4.2, 25), 105);
  assert.equal(framesIn(120 * 1001 / 24000, NTSC[23.976]), 120);
  assert.equal(framesIn(5.005, NTSC[29.97]), 150);
  for (const odd of [0, NaN, Infinity, undefined]) assert.equal(framesIn(odd, 25), 1);
});

test("the rate is found from neighbours", () => {
  for (const [name, fps] of Object.entries(RATES)) {
    for (const from of [0, 1, 100]) {
      const found = rateFrom(times(fps, 6, { from }));
      assert.ok(Math.abs(found / fps - 1) < 1e-9, `${name} from ${from}: ${found}`);
    }
  }
});

test("the rate is found where times are told in milliseconds, once there are neighbours far apart", () => {
  for (const [name, fps] of Object.entries(RATES)) {
    const told = [...times(fps, 4, { round: 1000 }), ...times(fps, 2, { from: Math.floor(4.5 * fps), round: 1000 })];
    assert.equal(rateFrom(told), fps, name);
  }
});

test("the rate is found from a few neighbours among many that are far apart, in any order", () => {
  const dice = chance(5);
  for (const [name, fps] of Object.entries(RATES)) {
    const far = Array.from({ length: 30 }, () => Math.floor(dice() * 300) / fps);
    const told = [...far, ...times(fps, 3, { from: 40 })].sort(() => dice() - 0.5);
    assert.equal(rateFrom(told), fps, name);
  }
});

test("no rate is made up of times that have no neighbours among them", () => {
  const dice = chance(7);
  for (const fps of [16, 24, 25, NTSC[29.97], 60]) {
    for (let round = 0; round < 40; round += 1) {
      let at = 0;
      const told = Array.from({ length: 4 + Math.floor(dice() * 20) }, () => (at += 5 + Math.floor(dice() * 40)) / fps);
      const found = rateFrom(told);
      assert.equal(found, null, `${found} from ${told.map((time) => Math.round(time * fps))} at ${fps}`);
    }
  }
});

test("times that differ by less than any frame lasts are one frame's", () => {
  const told = times(25, 8).flatMap((time) => [time, time + 2e-6]);
  assert.equal(rateFrom(told), 25);
});

test("an odd rate, and one that varies, is about what is seen", () => {
  const odd = rateFrom(times(27.3, 40));
  assert.ok(Math.abs(odd - 27.3) < 0.1, String(odd));
  const dice = chance(3);
  let at = 0;
  const varying = Array.from({ length: 60 }, () => (at += 0.03 + 0.02 * dice()));
  const found = rateFrom(varying);
  assert.ok(found > 20 && found < 34, String(found));
});

test("too few times tell nothing", () => {
  for (const count of [0, 1, 2, 3]) assert.equal(rateFrom(times(25, count)), null);
});

test("rates and frames are called as editors call them", () => {
  assert.deepEqual([24000 / 1001, 24, 25, 30000 / 1001, 60000 / 1001, 12.5, 120].map(rateWords), ["23.976", "24", "25", "29.97", "59.94", "12.5", "120"]);
  assert.equal(frameCode(57, 25), "00:00:02:07");
  assert.equal(frameCode(0, NTSC[23.976]), "00:00:00:00");
  assert.equal(frameCode(24, NTSC[23.976]), "00:00:01:00");
  assert.equal(frameCode(30 * 3600 + 29, NTSC[29.97]), "01:00:00:29");
});

// ── What a file tells ────────────────────────────────────────────────────────────────────────────

const isNear = async (file, fps) => {
  const found = await rateInFile(file);
  assert.ok(found !== null && Math.abs(found / fps - 1) < 2e-4, `${found} instead of ${fps}`);
};

test("a file's rate is its video's, wherever that stands among the tracks", async () => {
  const sound = track({ kind: "soun", scale: 48000, runs: [[235, 1024]] });
  for (const [scale, length] of [[24000, 1001], [12800, 512], [30000, 1001], [60000, 1001], [16, 1], [15360, 256]]) {
    const video = track({ scale, runs: [[120, length]] });
    await isNear(movie([video, sound]), scale / length);
    await isNear(movie([sound, video]), scale / length);
    await isNear(movie([sound, video], { ahead: [box("free", new Uint8Array(40)), box("mdat", new Uint8Array(5000))] }), scale / length);
  }
});

test("a still picture among the tracks, a cover or the thumbnails of chapters, is not the video", async () => {
  const cover = track({ scale: 90000, runs: [[1, 450000]] });
  const video = track({ scale: 12800, runs: [[125, 512]] });
  await isNear(movie([cover, video]), 25);
  await isNear(movie([video, cover]), 25);
});

test("frames that are counted in milliseconds, and a last one of another length, change nothing", async () => {
  await isNear(movie([track({ scale: 1000, runs: [[80, 33], [40, 34]] })]), 30);
  await isNear(movie([track({ scale: 12800, runs: [[124, 512], [1, 5120]] })]), 25);
  await isNear(movie([track({ scale: 12800, runs: [[124, 512], [1, 0]] })]), 25);
});

test("a file whose frames differ, or that has none in its index, tells nothing", async () => {
  assert.equal(await rateInFile(movie([track({ scale: 1000, runs: [[60, 33], [60, 50]] })])), null);
  assert.equal(await rateInFile(movie([track({ scale: 12800, runs: [] })])), null); // in fragments
  assert.equal(await rateInFile(movie([track({ kind: "soun", scale: 48000, runs: [[235, 1024]] })])), null);
  assert.equal(await rateInFile(movie([track({ scale: 12800, runs: [[1, 640000]] })])), null); // a picture that stands
});

test("a file that lies about itself, or is none, is no error", async () => {
  const dice = chance(11);
  const whole = new Uint8Array(await movie([track({ scale: 12800, runs: [[125, 512]] })]).arrayBuffer());
  for (let round = 0; round < 400; round += 1) {
    const bytes = whole.slice(0, 1 + Math.floor(dice() * whole.length));
    for (let hits = 0; hits < 4; hits += 1) bytes[Math.floor(dice() * bytes.length)] = Math.floor(dice() * 256);
    const found = await rateInFile(new Blob([bytes]));
    assert.ok(found === null || (found >= 1 && found <= 1000), String(found));
  }
  for (const none of [new Blob([]), new Blob(["RIFF....WEBM"]), new Blob([new Uint8Array(100)])]) assert.equal(await rateInFile(none), null);
});
