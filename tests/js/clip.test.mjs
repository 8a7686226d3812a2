// A clip in its video: its rate, its frames, and what becomes of it when something goes wrong.

import assert from "node:assert/strict";
import test from "node:test";

import { Clip } from "../../aleph_nb/dashboard/js/clip.js";
import { Cinema } from "./cinema.mjs";

const cinema = new Cinema();
let count = 0;

/** Open a clip, on the stage or not, and wait until it is there. */
async function open(film, { onStage = true, fps = null } = {}) {
  count += 1;
  const url = cinema.film(`https://media.example/${count}.mp4`, film);
  const told = [];
  const clip = new Clip({ url, fps, media: cinema, videos: cinema, told: (what) => told.push(what) });
  clip.video.isConnected = onStage;
  clip.video.painted.length = 0;
  await cinema.pass(60);
  return { clip, told, url, video: clip.video };
}

const RATES = [8, 12, 15, 16, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60];

test("the rate is found by a probe, slow rates too, on the stage and off it", async () => {
  for (const fps of RATES) {
    for (const onStage of [true, false]) {
      const { clip } = await open({ fps, frames: Math.round(fps * 5) }, { onStage });
      assert.equal(clip.rate, "");
      const probing = clip.probe();
      await cinema.pass(1500);
      await probing;
      assert.equal(clip.rate, "estimate", `${fps}, on stage: ${onStage}`);
      assert.equal(clip.fps, fps);
      assert.equal(clip.frames, Math.round(fps * 5));
      clip.letGo();
    }
  }
  assert.equal(cinema.holders.size, 0, "all videos are given back");
});

test("a clip of few frames is probed to its end and no further", async () => {
  for (const frames of [1, 2, 3, 5]) {
    const { clip } = await open({ fps: 25, frames });
    const probing = clip.probe();
    await cinema.pass(4000);
    await probing;
    clip.letGo();
  }
  assert.equal(cinema.holders.size, 0);
});

test("a probe stops at once where its clip is put on the stage meanwhile", async () => {
  const { clip, video } = await open({ fps: 60, frames: 300 }, { onStage: false });
  const probing = clip.probe();
  await cinema.pass(12);
  video.isConnected = true;
  clip.head.seek(0);
  await cinema.pass(10);
  video.painted.length = 0;
  await cinema.pass(400);
  await probing;
  assert.deepEqual([...new Set(video.painted)], [], "nothing else is seen");
  assert.equal(video.shown, 0);
  const again = clip.probe(); // it is not done yet
  await cinema.pass(800);
  await again;
  assert.equal(clip.fps, 60);
  clip.letGo();
});

test("a probe that was overtaken by playing does not seek what plays", async () => {
  const { clip, video } = await open({ fps: 25, frames: 125 }, { onStage: false });
  const probing = clip.probe();
  await cinema.pass(12);
  video.isConnected = true;
  clip.head.seek(0);
  await cinema.pass(30);
  video.play();
  video.painted.length = 0;
  await cinema.pass(600);
  await probing;
  assert.deepEqual(video.painted, [...video.painted].sort((a, b) => a - b), "it plays on");
  clip.letGo();
});

test("what plays fast tells no rate: frames are left out", async () => {
  const { clip, video } = await open({ fps: 60, frames: 600 });
  video.playbackRate = 4;
  clip.head.follow(true);
  video.play();
  await cinema.pass(500);
  assert.equal(clip.rate, "");
  video.playbackRate = 1;
  await cinema.pass(500);
  assert.equal(clip.fps, 60);
  clip.letGo();
});

test("a given rate is what it is", async () => {
  const { clip } = await open({ fps: 25, frames: 125 }, { fps: 24 });
  await clip.probe();
  assert.deepEqual([clip.fps, clip.rate], [24, "known"]);
  clip.letGo();
});

test("a clip whose first frame is late is counted from that frame", async () => {
  for (const fps of [24000 / 1001, 25, 60]) {
    for (const start of [0.0213, 0.5 / fps, 0.1]) {
      const { clip, video } = await open({ fps, frames: 50, start });
      const probing = clip.probe();
      await cinema.pass(1500);
      await probing;
      assert.equal(clip.frames, 50);
      for (const frame of [0, 1, 2, 17, 30, 49, 48, 3]) {
        clip.head.seek(frame);
        await cinema.pass(30);
        assert.deepEqual([video.shown, clip.head.shown], [frame, frame], `${fps} from ${start}`);
      }
      clip.letGo();
    }
  }
});

test("sound that lasts longer than the picture makes no frames", async () => {
  const { clip, told, video } = await open({ fps: 25, frames: 125, duration: 5.08 }, { fps: 25 });
  clip.head.seek(clip.frames - 1);
  await cinema.pass(500);
  assert.equal(video.shown, 124);
  assert.equal(clip.frames, 125);
  assert.ok(told.includes("rate"), "the timeline is told");
  clip.letGo();
});

test("a clip that breaks while it is shown waits for the kernel, and is no picture meanwhile", async () => {
  const { clip, told, url, video } = await open({ frames: 125 });
  assert.ok(clip.ready);
  told.length = 0;
  video.fail();
  assert.equal(clip.state, "waiting");
  assert.deepEqual(told, ["waiting"]);
  const [[wanted, how, use]] = cinema.wanted;
  assert.deepEqual([wanted, how.viaKernel], [url, true]);
  use({ src: cinema.film("blob:1", { frames: 125 }), kind: "video/mp4", error: "", blob: new Blob([]) });
  await cinema.pass(60);
  assert.ok(clip.ready);
  assert.equal(told.at(-1), "ready");
  clip.letGo();
});

test("what comes late, once the kernel was asked, is not taken for what was asked for", async () => {
  const { clip, told, video } = await open({ frames: 125, loadMs: 13_000 });
  await cinema.pass(12_500);
  assert.equal([...cinema.wanted][0][1].viaKernel, true);
  await cinema.pass(2_000);
  assert.equal(clip.state, "waiting");
  assert.ok(!told.includes("ready"));
  assert.equal(video.readyState, 0, "the browser loads it no more");
  clip.letGo();
});

test("a clip that failed is shown where it comes after all", async () => {
  const { clip, told, url } = await open({ breaks: true });
  await cinema.pass(20);
  const [[, , use]] = [...cinema.wanted].filter(([each]) => each === url);
  use({ src: "", kind: "", error: "the link has expired (403)" });
  assert.deepEqual([clip.state, clip.why], ["failed", "the link has expired (403)"]);
  use({ src: cinema.film("blob:2", { frames: 125 }), kind: "video/mp4", error: "", blob: new Blob([]) });
  await cinema.pass(60);
  assert.deepEqual([clip.state, told.at(-1)], ["ready", "ready"]);
  clip.letGo();
});

test("what was let go of hears, asks and holds nothing more", async () => {
  const { clip, told } = await open({ frames: 125 });
  const probing = clip.probe();
  await cinema.pass(10);
  clip.letGo();
  told.length = 0;
  await cinema.pass(20_000);
  await probing;
  assert.deepEqual(told, []);
  assert.equal(cinema.holders.size, 0);
  assert.equal(cinema.wanted.size, 0);
  assert.equal(cinema.clock.waiting, 0, "no timer is left");
});

test("without frame callbacks a seek ends, and nothing is claimed to be known", async () => {
  const { clip, video } = await open({ fps: 25, frames: 125 });
  video.requestVideoFrameCallback = undefined;
  clip.head.seek(40);
  await cinema.pass(100);
  assert.deepEqual([video.shown, clip.head.shown, clip.head.busy, clip.rate], [40, 40, false, ""]);
  delete video.requestVideoFrameCallback;
  clip.letGo();
});
