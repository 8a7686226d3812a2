// Where a seek goes: into the frame that was asked for, and never to where the clock stands already.

import assert from "node:assert/strict";
import test from "node:test";

import { sameFrame } from "../../aleph_nb/dashboard/js/frames.js";
import { Playhead } from "../../aleph_nb/dashboard/js/playhead.js";

/** A <video> that notes where it is sent; `arrive` ends its seek, and paints. */
class Screen {
  duration = 5;
  paused = true;
  seeking = false;
  sent = [];
  #time = 0;
  #paint = null;

  get currentTime() { return this.#time; }
  set currentTime(time) {
    this.#time = time;
    this.seeking = true;
    this.sent.push(time);
  }

  requestVideoFrameCallback(paint) {
    this.#paint = paint;
    return 1;
  }

  cancelVideoFrameCallback() { this.#paint = null; }

  play(until) {
    this.paused = false;
    this.#time = until;
  }

  arrive() {
    this.seeking = false;
    this.#paint?.(0, { mediaTime: Math.floor(this.#time * 25) / 25 });
  }
}

function open() {
  const video = new Screen();
  return { video, head: new Playhead(video, { rate: () => 25, painted: () => undefined }) };
}

test("a seek goes into the frame, before its middle", () => {
  const { video, head } = open();
  head.seek(10);
  assert.deepEqual(video.sent, [10.4 / 25]);
  assert.equal(head.busy, true);
  video.arrive();
  assert.equal(head.busy, false);
});

test("one seek is under way at a time, and the last one asked for is done", () => {
  const { video, head } = open();
  for (const frame of [10, 11, 12, 13]) head.seek(frame);
  assert.equal(video.sent.length, 1);
  video.arrive();
  assert.deepEqual(video.sent, [10.4 / 25, 13.4 / 25]);
});

test("to stand where it stands, nothing is sought", () => {
  const { video, head } = open();
  head.seek(10);
  video.arrive();
  head.seek(10);
  assert.equal(video.sent.length, 1);
  assert.equal(head.busy, false);
});

test("where it played to where a seek goes, the screen may be a frame ahead: it is sought all the same", () => {
  const { video, head } = open();
  head.seek(48);
  video.arrive();
  head.played();
  video.play(49.4 / 25);
  video.paused = true;
  head.seek(49);
  assert.equal(video.sent.length, 2);
  assert.notEqual(video.sent[1], 49.4 / 25); // which a browser takes for no seek at all
  assert.equal(Math.floor(video.sent[1] * 25), 49);
  video.arrive();
  head.seek(49);
  assert.equal(video.sent.length, 2);
});

test("where it played back to the frame it stood on, it is sought all the same", () => {
  const { video, head } = open();
  head.seek(49);
  video.arrive();
  head.played();
  video.play(49.4 / 25);
  video.paused = true;
  head.seek(49);
  assert.equal(video.sent.length, 2);
  assert.equal(Math.floor(video.sent[1] * 25), 49);
});

test("a frame stays where it is when its rate becomes known", () => {
  assert.equal(sameFrame(0, 25, 60), 0);
  assert.equal(sameFrame(0, 60, 25), 0);
  assert.equal(sameFrame(57, 25, 50), 114);
  for (const frame of [1, 100, 1234]) assert.equal(sameFrame(frame, 24, 24000 / 1001), frame - (frame > 1000 ? 1 : 0));
});
