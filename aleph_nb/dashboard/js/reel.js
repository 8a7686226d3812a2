/** What is on the stage, and what comes next: clips are opened in time, and let go of. */

import { Rack } from "./rack.js";

const REEL_REST_MS = 130; // a task that is passed by with a key held down loads no clip
const REEL_CALM_MS = 250; // after which what comes next is loaded, and a rate looked for

/** Puts the clips of a pair into its two sides. */
export class Reel {
  /** The pair that is shown: {key, offset, sides}; null for none. */
  shown = null;
  #next = null;
  #begin = null; // where the clips begin that have not come yet: {seconds}, null seconds where what is played begins
  #rack;
  #pair;
  #sides;
  #media;
  #told;
  #timers = {};
  #posters = [];

  /**
   * @param {{media: Object, videos: Object, pair: Object, sides: Object[], told: function(string, number): void}} world
   *   told: "ready", "failed", "waiting", "rate" or "progress", and of which side; "held": other clips are shown
   */
  constructor({ media, videos, pair, sides, told }) {
    this.#media = media;
    this.#pair = pair;
    this.#sides = sides;
    this.#told = told;
    this.#rack = new Rack({ media, videos, told: (clip, what) => this.#heard(clip, what) });
  }

  /** Show a pair, or nothing. What plays goes on playing; `stays`: at the same time, not from the beginning. */
  show(pair, stays) {
    const before = clipKeys(this.shown);
    const keys = clipKeys(pair);
    const begin = stays ? this.#now() : { seconds: null };
    this.shown = pair;
    this.#sides.forEach((side, place) => side.describe(pair?.sides[place] ?? null));
    if (pair && keys.join("\n") === before.join("\n")) {
      if (pair.offset !== this.#pair.offset) this.#pair.shift(pair.offset);
      return;
    }
    clearTimeout(this.#timers.rest);
    this.#hold(keys.map((key) => (this.#rack.has(key) ? key : null)), begin);
    this.#showPosters();
    if (keys.every((key) => !key || this.#rack.has(key))) this.#settle();
    else this.#timers.rest = setTimeout(() => this.#open(keys), REEL_REST_MS);
  }

  #now() {
    return this.#pair.ready ? { seconds: this.#pair.moment } : this.#begin ?? { seconds: null };
  }

  #open(keys) {
    this.#hold(keys, this.#now());
    this.#settle();
  }

  #hold(keys, begin) {
    const clips = keys.map((key, place) => (key ? this.#rack.open(key, this.shown.sides[place]) : null));
    while (clips.length < 2) clips.push(null);
    clips.forEach((clip, place) => this.#sides[place].mount(clip));
    this.#pair.hold(clips, this.shown?.offset ?? 0);
    this.#begin = begin;
    this.#start();
    this.#told("held", -1);
  }

  /** Go to where the clips begin, once there is one. */
  #start() {
    if (!this.#pair.ready || this.#begin === null) return;
    const { seconds } = this.#begin;
    this.#begin = null;
    if (seconds === null) this.#pair.begin();
    else this.#pair.seek(seconds);
  }

  #settle() {
    this.#rack.keep(new Set([...clipKeys(this.shown), ...clipKeys(this.#next)]));
    this.#calm();
  }

  #showPosters() {
    this.#posters.forEach((release) => release());
    this.#posters = this.#sides.map((side, place) => {
      const url = this.shown?.sides[place]?.poster;
      side.poster("");
      return url ? this.#media.want(url, ({ src }) => side.poster(src)) : () => undefined;
    });
  }

  /** What is likely to be shown next: it is loaded once the stage has what it needs. */
  prepare(pair) {
    this.#next = pair;
    this.#calm();
  }

  /** It plays now, or stands: then what could not be told while it played is looked for. */
  played() {
    if (!this.#pair.playing) this.#calm();
  }

  #calm() {
    clearTimeout(this.#timers.calm);
    this.#timers.calm = setTimeout(() => this.#useCalm(), REEL_CALM_MS);
  }

  #useCalm() {
    const clips = this.#pair.clips.filter(Boolean);
    if (clips.some((clip) => clip.state === "waiting")) return; // it tells when it has come
    if (!this.#pair.playing) clips.forEach((clip) => clip.probe());
    const keys = clipKeys(this.#next);
    this.#rack.keep(new Set([...clipKeys(this.shown), ...keys]));
    keys.forEach((key, place) => { if (key && !this.#rack.has(key)) this.#rack.open(key, this.#next.sides[place]); });
  }

  #heard(clip, what) {
    const place = this.#pair.clips.indexOf(clip);
    if (place < 0) {
      if (what === "ready") clip.probe(); // while nobody sees it
      return;
    }
    if (what === "frame") {
      if (place === this.#pair.line.master) this.#pair.painted();
      return;
    }
    if (!["ready", "failed", "waiting", "rate", "progress"].includes(what)) return;
    this.#sides[place].paint();
    if (what !== "progress") {
      this.#pair.refresh();
      this.#start();
      this.#calm();
    }
    this.#told(what, place);
  }

  /** Let go of all clips. */
  dispose() {
    clearTimeout(this.#timers.rest);
    clearTimeout(this.#timers.calm);
    this.#posters.forEach((release) => release());
    this.#sides.forEach((side) => side.mount(null));
    this.#rack.keep(new Set());
  }
}

/** By what the clips of a pair are found again: null where there is none; one clip on both sides is opened twice. */
function clipKeys(pair) {
  const keys = (pair?.sides ?? []).map((side) => (side?.url && !side.title && !side.why ? side.url : null));
  return keys[0] && keys[0] === keys[1] ? [keys[0], `${keys[1]} again`] : keys;
}
