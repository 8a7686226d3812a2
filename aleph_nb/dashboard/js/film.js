/** Frames that were painted, or will be stepped to: a browser decodes from the key frame before, which takes its time. */

import { h, shown } from "./dom.js";
import { frameAt, seekTime } from "./frames.js";
import { onPaint } from "./probe.js";

const FILM_AHEAD = 12; // frames
const FILM_LOST_MS = 1_500; // in which no frame is painted
const FILM_NEAR = 1e-4; // seconds
const FILM_MOST_BYTES = 40_000_000; // of one clip's pictures
const FILM_SHARP = 0.8; // of the pixels that are seen: with fewer a picture is not shown
const FILM_IDLE_MS = 4_000; // after the last step: then the second video is given back

/** A clip's pictures by frame, on a canvas that lies over its video until that is there as well. */
export class Film {
  #pictures = new Map(); // by frame, the one used last at the end
  #bytes = 0;
  #clip;
  #spare = null;
  #isOpen = false;
  #wanted = [];
  #isRunning = false;
  #isOver = false;
  #turn = 0; // frames have other numbers after each `clear`
  /** The frame on the canvas; null where it is not seen. */
  frame = null;
  #idle = undefined;

  /** @param {{video: HTMLVideoElement, fps: number, start: number, frames: number, videos: Object}} clip whose frames they are */
  constructor(clip) {
    this.#clip = clip;
    this.canvas = h("canvas", { class: "ad-film", "aria-hidden": "true", hidden: true });
  }

  /** Show a frame at once. @returns {boolean} whether it is here */
  show(frame) {
    const picture = this.#pictures.get(frame);
    if (!picture) return false;
    this.#pictures.delete(frame);
    if (picture.width < this.#width * FILM_SHARP) { // it was zoomed meanwhile, or is larger now
      this.#bytes -= sizeOf(picture);
      picture.close();
      return false;
    }
    this.#pictures.set(frame, picture);
    const { canvas } = this;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      Object.assign(canvas, { width: picture.width, height: picture.height });
    }
    canvas.getContext("2d").drawImage(picture, 0, 0);
    shown(canvas, true);
    this.frame = frame;
    return true;
  }

  /** The video itself shows what was asked for. */
  hide() {
    shown(this.canvas, false);
    this.frame = null;
  }

  /** Keep what a video that stands still shows. */
  async keep(frame, video = this.#clip.video) {
    if (this.#isOver || this.#pictures.has(frame) || !video.videoWidth) return;
    const turn = this.#turn;
    try {
      const picture = await createImageBitmap(video, this.#size(video));
      if (this.#isOver || turn !== this.#turn || this.#pictures.has(frame)) picture.close();
      else this.#add(frame, picture);
    } catch {
      // A browser that does not hand out pictures of this clip: the video alone is shown.
    }
  }

  /** How many pixels wide a picture is to be: as it is seen, zoomed, and no more than it has. */
  get #width() {
    const { video } = this.#clip;
    const seen = Math.ceil(video.getBoundingClientRect().width * (globalThis.devicePixelRatio || 1));
    return seen > 0 ? Math.min(seen, video.videoWidth) : video.videoWidth;
  }

  #size({ videoWidth }) {
    const width = this.#width;
    return width < videoWidth ? { resizeWidth: width, resizeQuality: "medium" } : {};
  }

  #add(frame, picture) {
    this.#pictures.set(frame, picture);
    this.#bytes += sizeOf(picture);
    for (const [other, old] of this.#pictures) {
      if (this.#bytes <= FILM_MOST_BYTES) break;
      this.#pictures.delete(other);
      this.#bytes -= sizeOf(old);
      old.close();
    }
  }

  /** Fetch the frames that come next in a direction, in a second video that nobody sees. */
  lookAhead(frame, way) {
    const ahead = Array.from({ length: FILM_AHEAD }, (_, place) => frame + way * (place + 1));
    this.#wanted = ahead.filter((each) => each >= 0 && each < this.#clip.frames && !this.#pictures.has(each));
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), FILM_IDLE_MS);
    if (!this.#isRunning && this.#wanted.length && !this.#isOver) this.#run();
  }

  async #run() {
    this.#isRunning = true;
    if (!this.#spare) await this.#open();
    while (this.#isOpen && this.#wanted.length) await this.#roll(this.#spare);
    this.#isRunning = false;
  }

  /**
   * Play over the frames that are wanted, and keep them as they pass. A seek to each would decode all since its key
   * frame, again and again; those that a busy browser leaves out are wanted anew with the next step.
   */
  async #roll(spare) {
    const { fps, start } = this.#clip;
    let at = await this.#painted(spare, () => { spare.currentTime = start + seekTime(Math.min(...this.#wanted), fps); });
    const isAhead = () => this.#isOpen && this.#wanted.some((frame) => frame > at && frame <= at + 2 * FILM_AHEAD);
    if (at === null) this.#wanted = [];
    else if (isAhead()) spare.play().catch(() => { this.#wanted = []; });
    while (at !== null && isAhead()) at = await this.#painted(spare);
    if (at === null) this.#wanted = [];
    if (this.#isOpen) spare.pause();
  }

  /** The frame that is painted next, kept where it is wanted; null where none comes. */
  async #painted(spare, begin = () => undefined) {
    const time = await new Promise((done) => {
      onPaint(spare, done, FILM_LOST_MS);
      begin();
    });
    if (time === null || !this.#isOpen) return null;
    const frame = frameAt(time - this.#clip.start + FILM_NEAR, this.#clip.fps);
    if (this.#wanted.includes(frame)) this.keep(frame, spare);
    this.#wanted = this.#wanted.filter((each) => each !== frame);
    return frame;
  }

  #open() {
    return new Promise((done) => {
      let timer = 0;
      const ended = (isOpen) => {
        clearTimeout(timer);
        this.#isOpen = isOpen && !this.#isOver;
        done();
      };
      const heard = (event) => { if (event === "loadeddata" || event === "error") ended(event === "loadeddata"); };
      this.#spare = this.#clip.videos.take({ heard });
      this.#spare.src = this.#clip.video.currentSrc;
      timer = setTimeout(ended, FILM_IDLE_MS, false);
    });
  }

  /** Nobody steps any more: let go of the second video, and keep the pictures. */
  #rest() {
    this.#wanted = [];
    this.#isOpen = false;
    if (this.#spare) this.#clip.videos.give(this.#spare);
    this.#spare = null;
  }

  /** Let go of everything: the clip's rate is another one, or nobody looks at it. */
  clear() {
    clearTimeout(this.#idle);
    this.#rest();
    this.hide();
    for (const picture of this.#pictures.values()) picture.close();
    this.#pictures.clear();
    this.#bytes = 0;
    this.#turn += 1;
  }

  dispose() {
    this.#isOver = true;
    this.clear();
    this.canvas.remove();
  }
}

function sizeOf({ width, height }) {
  return width * height * 4;
}
