/** The player: two clips on one frame, and everything that looks at them. */

import { attribute, h } from "./dom.js";
import { Deck, offsetWords } from "./deck.js";
import { Pair } from "./pair.js";
import { Reel } from "./reel.js";
import { Scrubber } from "./scrubber.js";
import { keepShot, takeShot } from "./shot.js";
import { Side } from "./side.js";
import { Transport } from "./transport.js";
import { Views } from "./views.js";

const PLAYER_SOUNDS = ["none", "result", "source"];

/**
 * Shows a pair: {key, offset, sides: [left, right]}, a side being null or {name, about, url, fps, title, why, link,
 * poster, id}. A side with a title or a reason has no clip. The right one is the result.
 */
export class Player {
  /**
   * @param {object} world
   * @param {Object} world.media where clips come from
   * @param {Object} world.videos the page's few videos
   * @param {function(string, string=): void} world.say the line of status
   * @param {function(): void} [world.changed] what is kept from task to task is another
   * @param {function(Object, number): void} [world.onLength] how long the result's clip is
   * @param {function(string, number): void} [world.onOffset] a pair's offset was nudged: its key, seconds
   * @param {function(): void} [world.onTake] compare with the next take
   * @param {function(): void} [world.onFullScreen]
   */
  constructor({ media, videos, say, changed, onLength, onOffset, onTake, onFullScreen }) {
    const nothing = () => undefined;
    Object.assign(this, { say, changed: changed ?? nothing, onLength: onLength ?? nothing, onOffset: onOffset ?? nothing });
    this.nextTake = onTake ?? nothing;
    this.fullScreen = onFullScreen ?? nothing;
    this.hasTakes = false;
    this.sound = "none";
    this.pair = new Pair({ told: (what) => this.#heard(what) });
    this.transport = new Transport({ pair: this.pair, changed: () => { this.#measure(); this.changed(); } });
    this.sides = [new Side("source"), new Side("result")];
    this.reel = new Reel({ media, videos, pair: this.pair, sides: this.sides, told: (what, place) => this.#told(what, place) });
    this.#build();
  }

  #build() {
    this.stage = h("div", { class: "ad-pair", on: { click: (event) => this.#clicked(event) } }, ...this.sides.map((side) => side.el));
    this.nothing = h("div", { class: "ad-stage-nothing" });
    this.views = new Views({
      stage: this.stage, sides: this.sides, changed: () => this.#viewed(), say: (text, kind) => this.say(text, kind),
    });
    this.scrubber = new Scrubber({ scrub: (frame) => this.transport.scrub(frame), scrubbed: () => this.transport.scrubbed() });
    this.deck = new Deck(this);
    const bar = h("div", { class: "ad-player-bar" }, this.scrubber.el, this.deck.el);
    this.el = h("section", { class: "ad-stage", tabindex: "0", "aria-label": "Result and source" }, this.stage, this.nothing, bar);
    this.deck.paint();
  }

  // ── What is shown ───────────────────────────────────────────────────────────────────────────────

  /**
   * Show a pair, or nothing (null). What plays, the loop and the view stay; so does the time where `stays`.
   * `state`: the task's, which colours what stands in place of a result.
   */
  show(pair, { stays = false, state = null } = {}) {
    attribute(this.el, "data-none", !pair);
    attribute(this.el, "data-task", state);
    this.reel.show(pair, stays);
  }

  /** What is likely to be shown next. */
  prepare(pair) {
    this.reel.prepare(pair);
  }

  #told(what, place) {
    if (what === "ready" && place === 1) this.onLength(this.reel.shown.sides[1], this.pair.clips[1].duration);
    if (what === "progress") return;
    this.#hear();
    this.views.present(this.sides.filter((side) => side.isExpected).length);
    this.#measure();
  }

  #heard(what) {
    if (what === "frame") {
      this.scrubber.paint(this.pair);
      this.deck.tick(this.pair);
    } else {
      this.#measure();
      if (what !== "play") return;
      this.reel.played();
      this.changed();
    }
  }

  #measure() {
    this.scrubber.measure(this.pair);
    this.scrubber.paint(this.pair);
    this.deck.paint();
  }

  #viewed() {
    this.deck.paint();
    this.changed();
  }

  #clicked(event) {
    if (!event.defaultPrevented && !event.target.closest("a, button, .ad-side-face")) this.toggle();
  }

  get hasBoth() {
    return this.sides.every((side) => side.isShown);
  }

  // ── What one does with it ───────────────────────────────────────────────────────────────────────

  /** The time of the pair in seconds of the result; null where nothing is there to have one. */
  get time() {
    return this.pair.ready ? this.pair.time : null;
  }

  toggle() {
    this.transport.toggle();
  }

  /** Go to a time, in seconds of the result. */
  seek(seconds) {
    this.transport.seek(seconds);
  }

  /** Mark where notes were begun. */
  mark(notes) {
    this.scrubber.mark(notes, this.pair);
  }

  /** Choose a view; the one that is there already goes back to side by side. */
  view(name) {
    if (this.views.toggle(name)) this.say(this.views.describe());
  }

  swap() {
    this.views.swap();
    this.say(this.views.describe());
  }

  louder(step) {
    if (this.views.louder(step)) this.say(this.views.describe());
  }

  /** Shift the other side by so many frames of the lead; 0 takes the offset away. */
  nudge(frames) {
    if (!this.hasBoth) {
      this.say("There is nothing to shift: one side is not there");
      return;
    }
    const { fps } = this.pair.line;
    const offset = frames ? (Math.round(this.pair.offset * fps) + frames) / fps : 0;
    this.pair.shift(offset);
    this.onOffset(this.reel.shown.key, offset);
    this.say(offset ? offsetWords(this.pair) : "No offset");
  }

  clearRange() {
    this.transport.range({ from: null, to: null });
  }

  /** The sound of the result, of the source, of none. */
  cycleSound() {
    this.sound = PLAYER_SOUNDS[(PLAYER_SOUNDS.indexOf(this.sound) + 1) % PLAYER_SOUNDS.length];
    this.#hear();
    this.deck.paint();
    this.changed();
    this.say(this.sound === "none" ? "Sound off" : `Sound of the ${this.sound}`);
  }

  #hear() {
    this.pair.clips.forEach((clip, place) => { if (clip) clip.video.muted = this.sound !== ["source", "result"][place]; });
  }

  /** The frame as a picture, on the clipboard or as a file. */
  async shoot() {
    try {
      const { blob } = await takeShot({
        sides: this.sides.filter((side) => side.isShown).map(({ clip, picture }) => ({ video: clip.video, picture, busy: () => clip.head.busy })),
        views: this.views,
      });
      const done = await keepShot(blob, `frame-${this.pair.frame + 1}.png`);
      this.say(done === "copied" ? "The picture is on the clipboard" : "The picture is saved");
    } catch (error) {
      this.say(error.message, "error");
    }
  }

  /** What is kept when a desk is opened again; from task to task the loop is, too. */
  get left() {
    return { view: this.views.state, sound: this.sound };
  }

  set left(left) {
    this.views.state = left?.view;
    if (PLAYER_SOUNDS.includes(left?.sound)) this.sound = left.sound;
    this.#measure();
  }

  /** Let go of all clips. */
  dispose() {
    this.reel.dispose();
    this.pair.dispose();
    this.views.dispose();
  }
}
