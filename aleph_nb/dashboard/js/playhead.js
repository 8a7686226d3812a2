/** Where a video stands: on exactly the frame that was asked for, or, while it plays, on the one painted last. */

import { frameAt, seekTime } from "./frames.js";
import { onPaint } from "./probe.js";

const HEAD_LOST_MS = 1_500; // a seek that is never answered is not waited for
const HEAD_GRACE_MS = 50; // from the seek's end to its painting; the same frame again is not painted again
const HEAD_MEMORY = 4; // seeks
const HEAD_NEAR = 1e-4; // seconds
const HEAD_BESIDE = 0.3; // of a frame: a second place in it to seek to

/** Seeks one video. One seek is under way at a time, and the last one asked for is always done. */
export class Playhead {
  frame = 0;
  /** Where the frame painted last begins, in seconds; null where the browser has not told. */
  mediaTime = null;
  /** Milliseconds that a seek takes, as of late. */
  cost = 0;
  #video;
  #rate;
  #start;
  #told;
  #wanted = null;
  #going = null;
  #stands = null; // {frame, time} of the last seek that is over, until it plays again
  #cancelPaint = null;
  #asked = 0;
  #grace = undefined;
  #following = null;

  /**
   * @param {HTMLVideoElement} video
   * @param {{rate: () => number, start?: () => number, painted: (mediaTime: ?number, sought: boolean) => void}} clip
   *   its rate now, when its first frame begins, and who learns of painted frames
   */
  constructor(video, { rate, start = () => 0, painted }) {
    this.#video = video;
    this.#rate = rate;
    this.#start = start;
    this.#told = painted;
  }

  /** Show a frame. */
  seek(frame) {
    this.#wanted = frame;
    if (this.#going === null) this.#go();
  }

  /** The frame that it is to end on. */
  get target() {
    return this.#wanted ?? this.frame;
  }

  /** Whether it is on its way. */
  get busy() {
    return this.#going !== null || this.#wanted !== null;
  }

  /** The frame that a viewer sees. */
  get shown() {
    const time = this.mediaTime === null ? this.#video.currentTime : this.mediaTime + HEAD_NEAR;
    return frameAt(time - this.#start(), this.#rate());
  }

  #go() {
    const video = this.#video;
    this.frame = this.#wanted;
    this.#wanted = null;
    if (this.#isThere) {
      this.#told(this.mediaTime, true);
      return;
    }
    const time = this.#timeToSeek();
    this.#going = this.frame;
    this.#asked = performance.now();
    this.#stands = { frame: this.frame, time };
    this.#cancelPaint?.();
    this.#cancelPaint = onPaint(video, (mediaTime) => this.#paint(mediaTime), HEAD_LOST_MS);
    video.currentTime = time;
  }

  /**
   * Within the frame, but never where the clock stands already: what played has often painted the frame that
   * follows, and a seek to where the clock stands paints nothing.
   */
  #timeToSeek() {
    const { duration, currentTime } = this.#video;
    const time = this.#start() + seekTime(this.frame, this.#rate());
    if (Math.abs(currentTime - time) < HEAD_NEAR) return this.#start() + seekTime(this.frame, this.#rate(), HEAD_BESIDE);
    return Number.isFinite(duration) ? Math.min(time, duration - HEAD_NEAR) : time;
  }

  get #isThere() {
    const { paused, seeking, currentTime } = this.#video;
    const { frame, time } = this.#stands ?? {};
    const isSame = frame === this.frame && frameAt(time - this.#start(), this.#rate()) === frame;
    return isSame && paused && !seeking && Math.abs(currentTime - time) < HEAD_NEAR;
  }

  /** The video plays. */
  played() {
    this.#stands = null;
  }

  /** The video says that its seek is over. */
  sought() {
    clearTimeout(this.#grace);
    if (this.#going !== null) this.#grace = setTimeout(() => this.#paint(null), HEAD_GRACE_MS);
  }

  #paint(mediaTime) {
    this.#cancelPaint?.();
    this.#cancelPaint = null;
    clearTimeout(this.#grace);
    if (this.#going === null) return;
    if (this.#video.seeking && mediaTime !== null) { // the last picture of before the seek
      this.#cancelPaint = onPaint(this.#video, (time) => this.#paint(time), HEAD_LOST_MS);
      return;
    }
    this.#going = null;
    this.mediaTime = mediaTime;
    this.cost += (performance.now() - this.#asked - this.cost) / HEAD_MEMORY;
    this.#told(mediaTime, true);
    if (this.#wanted !== null) this.#go();
  }

  /** Tell of every frame that is painted, while it plays. */
  follow(on) {
    if (on === Boolean(this.#following)) return;
    if (!on) {
      this.#following();
      this.#following = null;
      return;
    }
    const next = () => {
      const mine = onPaint(this.#video, (mediaTime) => {
        if (mediaTime !== null && this.#going === null) {
          this.mediaTime = mediaTime;
          this.frame = this.shown;
          this.#told(mediaTime, false);
        }
        if (this.#following === mine) next(); // not where whoever was told has ended it
      });
      this.#following = mine;
    };
    next();
  }

  /** Ask for nothing more, and forget what was painted: the video is another clip's from now on. */
  dispose() {
    clearTimeout(this.#grace);
    this.#cancelPaint?.();
    this.#following?.();
    this.#following = null;
    this.#wanted = this.#going = this.#stands = this.mediaTime = null;
  }
}
