/** Two clips on one timeline: they stand on one frame, and play together. One of them leads, the other is steered. */

import { steer } from "./steer.js";
import { Timeline } from "./timeline.js";
import { centreOf, frameAt, sameFrame } from "./frames.js";

const PAIR_REST_MS = 500; // after a seek that corrects: what it did is seen only then
const PAIR_STALL_MS = 120;
const PAIR_TICK = 0.008; // seconds: half of what a screen shows at once

/** Holds up to two clips; counts in frames of the pair. */
export class Pair {
  /** The frame shown, or asked for. */
  frame = 0;
  /** Times real time; 0 is paused, below 0 backwards. */
  speed = 0;
  /** Seconds of the pair that are played again and again; null ends are those of the pair. */
  range = { from: null, to: null };
  #clips = [null, null];
  #line = new Timeline([null, null]);
  #offset = 0;
  #wish = null; // seconds of the pair that were asked for: what frame they are may turn out later
  #told;
  #ticking = 0;
  #restUntil = 0;
  #steering = false;
  #moved = { time: -1, at: 0 };
  #backwards = { from: 0, at: 0 };

  /** @param {{told: function(string): void}} world "frame", "play", "line" */
  constructor({ told }) {
    this.#told = told;
  }

  get line() {
    return this.#line;
  }

  get clips() {
    return this.#clips;
  }

  get offset() {
    return this.#offset;
  }

  /** Whether there is anything to see. */
  get ready() {
    return this.#line.sides.some(Boolean);
  }

  /** The pair's time in seconds, where its frame begins. */
  get time() {
    return this.frame / this.#line.fps;
  }

  /** The moment that was asked for, where one was, else the frame's. */
  get moment() {
    return this.#wish ?? this.time;
  }

  get playing() {
    return this.speed !== 0;
  }

  // ── What it holds ───────────────────────────────────────────────────────────────────────────────

  /** Hold these clips. They count once they are ready: tell by `refresh`. */
  hold(clips, offset = 0) {
    this.#stopVideos();
    this.#clips = clips;
    this.#offset = offset;
    this.frame = 0;
    this.#wish = 0;
    this.refresh();
  }

  /** A clip has come, has failed, or its rate is another one: the time stays where it is. */
  refresh() {
    const { fps, sides: was } = this.#line;
    const had = this.ready;
    const sideOf = ({ fps, duration, start }) => ({ fps, duration, start });
    this.#line = new Timeline(this.#clips.map((clip) => (clip?.ready ? sideOf(clip) : null)), this.#offset);
    const frame = this.#wish === null ? sameFrame(this.frame, fps, this.#line.fps) : frameAt(this.#wish, this.#line.fps);
    if (had) this.frame = this.#line.clamp(frame);
    const hasCome = this.#line.sides.some((side, place) => side && !was[place]);
    if (!this.playing || (had && hasCome)) this.go(this.frame, this.#wish); // who comes late comes in at this moment
    if (this.playing && this.ready) this.play(this.speed);
    this.#told("line");
  }

  /** Move the other side against the lead, in seconds. */
  shift(offset) {
    this.#offset = offset;
    this.refresh();
  }

  // ── It stands ───────────────────────────────────────────────────────────────────────────────────

  /** Show a moment, in seconds. */
  seek(seconds) {
    this.go(frameAt(seconds, this.#line.fps), Math.max(seconds, 0));
  }

  /** Show where what is played begins. */
  begin() {
    const { first } = this.span;
    this.go(first, first > 0 ? this.range.from : 0);
  }

  /** Show a frame on both sides; what plays goes on from there, once both have it. */
  go(frame, wish = null) {
    this.frame = this.#line.clamp(frame);
    this.#wish = this.frame === 0 ? wish ?? 0 : wish;
    if (this.speed > 0) this.#clips.forEach((clip) => clip?.video.pause());
    this.#each((clip, place) => clip.seek(this.#line.frameOf(place, this.frame)));
    this.#moved = { time: -1, at: performance.now() };
    this.#backwards = { from: this.frame, at: performance.now() };
    this.#told("frame");
  }

  #each(act) {
    this.#clips.forEach((clip, place) => { if (this.#line.sides[place]) act(clip, place); });
  }

  // ── It plays ────────────────────────────────────────────────────────────────────────────────────

  /** The first and the last frame that are played. */
  get span() {
    const { fps, last } = this.#line;
    const { from, to } = this.range;
    const first = from === null ? 0 : this.#line.clamp(frameAt(from, fps));
    const end = to === null ? last : this.#line.clamp(frameAt(to, fps));
    return first < end ? { first, end } : { first: 0, end: last };
  }

  /** Play at a speed, below 0 backwards. */
  play(speed) {
    const was = this.speed;
    this.speed = speed;
    if (speed !== was) this.#told("play");
    if (!this.ready) return;
    if (speed > 0 && this.frame >= this.span.end) this.begin();
    if (speed < 0) this.#stopVideos();
    if (speed < 0 || was < 0) this.go(this.frame);
    this.#steering = false;
    this.#each((clip) => {
      clip.head.follow(speed > 0); // the other one too: its rate is to be known
      if (speed > 0) clip.video.playbackRate = speed;
    });
    this.#ticking ||= requestAnimationFrame(() => this.#tick());
  }

  /** Stand still, both sides at the middle of the frame that is seen. */
  pause() {
    if (!this.playing) return;
    const shown = this.speed > 0 ? this.#shown() : this.frame;
    this.speed = 0;
    this.#stopVideos();
    this.go(shown);
    this.#told("play");
  }

  #stopVideos() {
    cancelAnimationFrame(this.#ticking);
    this.#ticking = 0;
    this.#clips.forEach((clip) => {
      clip?.head.follow(false);
      clip?.video.pause();
    });
  }

  get #master() {
    return this.#clips[this.#line.master];
  }

  #shown() {
    const { master, lead, fps } = this.#line;
    const clip = this.#clips[master];
    if (!clip?.ready || clip.head.busy) return this.frame;
    if (master === lead) return this.#line.clamp(clip.head.shown);
    return this.#line.clamp(frameAt(centreOf(clip.head.shown, clip.fps) - this.#line.ahead(master), fps));
  }

  /** A frame of the leading clip was painted while it plays. */
  painted() {
    if (this.speed <= 0) return;
    this.frame = this.#shown();
    this.#wish = null;
    this.#told("frame");
  }

  #tick() {
    this.#ticking = this.playing && this.ready ? requestAnimationFrame(() => this.#tick()) : 0;
    if (!this.ready) return;
    if (this.speed < 0) this.#stepBack();
    else if (this.speed > 0) this.#stepOn();
  }

  #stepOn() {
    const { end } = this.span;
    const { master, fps } = this.#line;
    const { video } = this.#master;
    const now = performance.now();
    if (this.#busy) return;
    const time = this.#line.timeAt(master, video.currentTime);
    if (video.ended || time >= (end + 1) / fps - PAIR_TICK * this.speed) {
      this.begin();
      return;
    }
    const hasMoved = time !== this.#moved.time;
    if (hasMoved || video.paused) this.#moved = { time, at: now };
    if (video.paused) start(video);
    if (!video.requestVideoFrameCallback) this.painted(); // nobody else tells
    const other = 1 - master;
    if (this.#line.sides[other]) this.#lead(this.#clips[other], other, time, { hasMoved, now });
  }

  get #busy() {
    return this.#clips.some((clip, place) => this.#line.sides[place] && (clip.head.busy || clip.video.seeking));
  }

  /** Bring the other side to where it should be. */
  #lead(clip, place, time, { hasMoved, now }) {
    const { video } = clip;
    if (!this.#line.covers(place, time)) {
      if (!video.paused) {
        video.pause();
        clip.head.seek(this.#line.frameOf(place, frameAt(time, this.#line.fps)));
      }
      return;
    }
    if (now - this.#moved.at > PAIR_STALL_MS) { // the master waits for its bytes, and the other for it
      video.pause();
      return;
    }
    if (video.ended) return; // a moment early: played, it would begin anew
    if (video.paused) start(video);
    const isReady = video.readyState > 2 && this.#master.video.readyState > 2;
    if (!isReady || !hasMoved || now < this.#restUntil) return;
    this.#steer(clip, place, this.#line.secondsAt(place, time));
  }

  #steer(clip, place, due) {
    const frame = Math.min(...this.#line.sides.map((side) => 1 / side.fps));
    const { seek, rate } = steer({ drift: clip.video.currentTime - due, frame, speed: this.speed, steering: this.#steering });
    this.#steering = rate !== this.speed;
    if (clip.video.playbackRate !== rate) clip.video.playbackRate = rate;
    if (!seek) return;
    clip.video.currentTime = due;
    this.#restUntil = performance.now() + PAIR_REST_MS;
  }

  /** Backwards no browser plays: one seek after another, to where it would be by now. */
  #stepBack() {
    if (this.#busy) return;
    const { first, end } = this.span;
    const { from, at } = this.#backwards;
    const gone = Math.floor(((performance.now() - at) / 1000) * this.#line.fps * -this.speed);
    const frame = from - gone;
    if (frame === this.frame) return;
    if (frame < first) {
      this.go(end);
      return;
    }
    this.frame = frame;
    this.#wish = null;
    this.#each((clip, place) => clip.head.seek(this.#line.frameOf(place, frame)));
    this.#told("frame");
  }

  /** Let go of both clips; they are not its own. */
  dispose() {
    this.#stopVideos();
    this.speed = 0;
    this.#clips = [null, null];
    this.#line = new Timeline([null, null]);
  }
}

function start(video) {
  video.play().catch(() => undefined); // refused, or let go of meanwhile: the next tick tries again
}
