/** One timeline for two clips that may differ in rate, length and beginning: an integer frame, and each side's own for it. */

import { centreOf, framesIn } from "./frames.js";

const LATE = 1e-6; // seconds

/**
 * Counts in frames of the lead: the result, or the side that is there. A time of the pair is the lead's; the
 * other side stands at that time and its offset.
 */
export class Timeline {
  /**
   * @param {Array<?{fps: number, duration: number, start: (number|undefined)}>} sides the left one and the right one, null
   *   where there is none: how long its frames last, and when the first one begins in seconds of the clip
   * @param {number} [offset] seconds by which the other side is ahead of the lead
   */
  constructor(sides, offset = 0) {
    this.sides = sides;
    this.lead = sides[1] ? 1 : 0;
    this.offset = sides[0] && sides[1] ? offset : 0;
    const lead = sides[this.lead];
    this.fps = lead?.fps ?? 25;
    const ends = sides.map((side, place) => (side ? side.duration - this.ahead(place) : 0));
    this.frames = Math.max(...sides.map((side, place) => (side ? this.#count(side, place, ends[place]) : 0)), 1);
    /** The side that lasts longest: its clock leads while it plays. */
    this.master = ends[1 - this.lead] > ends[this.lead] + 1 / this.fps ? 1 - this.lead : this.lead;
  }

  #count(side, place, end) {
    return place === this.lead ? framesIn(side.duration, side.fps) : Math.ceil((end - LATE) * this.fps - 0.5);
  }

  /** By how many seconds a side is ahead of the pair's time. */
  ahead(place) {
    return place === this.lead ? 0 : this.offset;
  }

  get last() {
    return this.frames - 1;
  }

  /** The nearest frame that there is. */
  clamp(frame) {
    return Math.min(Math.max(Math.round(frame), 0), this.last);
  }

  /** Which frame of its own a side shows at a frame of the pair; its first or last one outside its length. */
  frameOf(place, frame) {
    const side = this.sides[place];
    if (!side) return 0;
    const own = place === this.lead ? frame : Math.floor((centreOf(frame, this.fps) + this.offset) * side.fps + LATE);
    return Math.min(Math.max(own, 0), framesIn(side.duration, side.fps) - 1);
  }

  /** The pair's time at a time of a side's clip, in seconds. */
  timeAt(place, seconds) {
    return seconds - this.ahead(place) - (this.sides[place]?.start ?? 0);
  }

  /** The time of a side's clip at a time of the pair, in seconds. */
  secondsAt(place, time) {
    return time + this.ahead(place) + (this.sides[place]?.start ?? 0);
  }

  /** Whether a side has a picture of its own at a time of the pair, rather than its first or last one held. */
  covers(place, seconds) {
    const side = this.sides[place];
    const own = seconds + this.ahead(place);
    return Boolean(side) && own >= 0 && own < side.duration - 0.5 / side.fps;
  }
}
