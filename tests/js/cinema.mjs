// Videos without a browser: they load, seek, play and paint by a clock that is wound by hand.

import { Clock } from "./world.mjs";

const SCREEN_MS = 16;

/** A page's clock, in place of the globals; one in a process. */
export class Cinema {
  clock = new Clock();
  videos = [];
  idle = [];
  holders = new Map();
  files = new Map();
  #cancels = new Map();
  #last = 0;

  constructor() {
    this.clock.time = 0;
    const later = (todo, ms = 0, ...rest) => {
      const name = (this.#last += 1);
      this.#cancels.set(name, this.clock.schedule(() => { this.#cancels.delete(name); todo(...rest); }, ms));
      return name;
    };
    const never = (name) => { this.#cancels.get(name)?.(); this.#cancels.delete(name); };
    Object.assign(globalThis, {
      setTimeout: later, clearTimeout: never,
      requestAnimationFrame: (todo) => later(todo, SCREEN_MS - (this.clock.time % SCREEN_MS) || SCREEN_MS),
      cancelAnimationFrame: never,
    });
    performance.now = () => this.clock.time;
    globalThis.document = { createElement: () => new Prop() };
  }

  /** Let time pass, and what waits for promises go on in between. */
  async pass(ms) {
    const end = this.clock.time + ms;
    while (this.clock.time < end) {
      this.clock.pass(Math.min(2, end - this.clock.time));
      await new Promise((done) => { setImmediate(done); });
    }
  }

  /** Have a clip: {fps, frames, start, duration, loadMs, seekMs, breaks}. */
  film(url, told) {
    this.files.set(url, { fps: 25, start: 0, loadMs: 10, seekMs: 6, ...told });
    return url;
  }

  // ── As `Videos` ────────────────────────────────────────────────────────────────────────────────

  take(holder) {
    const video = this.idle.pop() ?? new FilmVideo(this);
    this.holders.set(video, holder);
    return video;
  }

  give(video) {
    if (!this.holders.delete(video)) return;
    video.pause();
    video.removeAttribute("src");
    video.load();
    video.isConnected = false;
    this.idle.push(video);
  }

  // ── As `Media` ─────────────────────────────────────────────────────────────────────────────────

  /** What was wanted and is not released: [url, how, use]. */
  wanted = new Set();
  pulled = new Map(); // by URL: what comes through the kernel, {src, error, blob}; nothing: it is waited for

  want(url, use, how = {}) {
    const one = [url, how, use];
    this.wanted.add(one);
    if (!how.viaKernel) use({ src: url, kind: "", error: "" });
    else if (this.pulled.has(url)) use(this.pulled.get(url));
    return () => this.wanted.delete(one);
  }
}

/** An element that is only held. */
class Prop {
  hidden = false;
  #attributes = new Map();
  setAttribute(name, value) { this.#attributes.set(name, value); if (name === "hidden") this.hidden = true; }
  getAttribute(name) { return this.#attributes.get(name) ?? null; }
  hasAttribute(name) { return this.#attributes.has(name); }
  removeAttribute(name) { this.#attributes.delete(name); }
  append() {}
  remove() {}
}

/** A <video>. */
class FilmVideo {
  paused = true;
  ended = false;
  seeking = false;
  readyState = 0;
  playbackRate = 1;
  muted = true;
  isConnected = false;
  /** Every frame that it painted. */
  painted = [];
  #src = null;
  #time = 0;
  #film = null;
  #callbacks = new Map();
  #last = 0;
  #load = 0;
  #seek = 0;
  #shown = null;
  #stalled = false;

  constructor(cinema) {
    this.cinema = cinema;
    cinema.videos.push(this);
  }

  get film() { return this.#film; }
  get duration() { return this.#film && this.readyState > 0 ? this.#film.duration ?? this.#film.start + this.#film.frames / this.#film.fps : NaN; }
  get seekable() { return { length: this.readyState && 1, end: () => this.duration }; }
  get currentSrc() { return this.#src ?? ""; }
  get currentTime() { return this.#time; }

  hasAttribute(name) { return name === "src" && this.#src !== null; }
  removeAttribute(name) { if (name === "src") this.#src = null; }
  setAttribute() {}
  getAttribute() { return null; }
  removeEventListener() {}

  set src(url) {
    this.#src = url;
    this.load();
  }

  load() {
    const load = (this.#load += 1);
    this.#seek += 1;
    Object.assign(this, { readyState: 0, seeking: false, ended: false, paused: true, playbackRate: 1 });
    this.#time = 0;
    this.#film = null;
    this.#shown = null;
    if (this.#src === null) return;
    const film = this.cinema.files.get(this.#src);
    this.cinema.clock.schedule(() => {
      if (load !== this.#load) return;
      if (!film || film.breaks) {
        this.#tell("error");
        return;
      }
      this.#film = film;
      this.readyState = 4;
      this.#tell("loadedmetadata");
      this.#tell("loadeddata");
      this.#paint();
    }, film?.loadMs ?? 5);
  }

  set currentTime(time) {
    if (!this.#film) return;
    const seek = (this.#seek += 1);
    this.#time = Math.min(Math.max(time, 0), this.duration);
    this.seeking = true;
    this.ended = false;
    this.cinema.clock.schedule(() => {
      if (seek !== this.#seek) return;
      this.seeking = false;
      this.#tell("seeked");
      this.cinema.clock.schedule(() => { if (seek === this.#seek) this.#paint(); }, 1);
    }, this.#film.seekMs);
  }

  play() {
    if (!this.#film) return Promise.reject(new Error("nothing to play"));
    if (this.ended) this.currentTime = 0; // as browsers do
    if (this.paused) {
      this.paused = false;
      this.#run();
    }
    return Promise.resolve();
  }

  pause() { this.paused = true; }

  /** Have no data for a while. */
  stall(ms) {
    this.#stalled = true;
    this.cinema.clock.schedule(() => { this.#stalled = false; }, ms);
  }

  /** Break: the network, or the decoder. */
  fail() { this.#tell("error"); }

  #run() {
    this.cinema.clock.schedule(() => {
      if (this.paused || !this.#film) return;
      if (!this.seeking && !this.#stalled) {
        this.#time = Math.min(this.#time + (SCREEN_MS / 1000) * this.playbackRate, this.duration);
        if (this.frame !== this.#shown) this.#paint();
        if (this.#time >= this.duration) {
          Object.assign(this, { ended: true, paused: true });
          this.#tell("pause");
          this.#tell("ended");
          return;
        }
      }
      this.#run();
    }, SCREEN_MS);
  }

  /** The frame that belongs to its time, from 0. */
  get frame() {
    const { fps, start, frames } = this.#film;
    return Math.min(Math.max(Math.floor((this.#time - start) * fps + 1e-9), 0), frames - 1);
  }

  /** The frame that is seen. */
  get shown() { return this.#shown; }

  #paint() {
    this.#shown = this.frame;
    this.painted.push(this.#shown);
    const { fps, start } = this.#film;
    const mediaTime = Math.round((start + this.#shown / fps) * 1e6) / 1e6;
    const due = [...this.#callbacks.values()];
    this.#callbacks.clear();
    for (const callback of due) callback(this.cinema.clock.time, { mediaTime });
  }

  requestVideoFrameCallback(callback) {
    this.#callbacks.set((this.#last += 1), callback);
    return this.#last;
  }

  cancelVideoFrameCallback(handle) { this.#callbacks.delete(handle); }

  #tell(event) { this.cinema.holders.get(this)?.heard(event); }
}

/** A side of the stage without a page. */
export class Seat {
  clip = null;
  describe(told) { this.told = told; }
  mount(clip) {
    if (this.clip && this.clip !== clip) this.clip.video.isConnected = false;
    this.clip = clip;
    if (clip) clip.video.isConnected = true;
  }
  poster() {}
  paint() {}
}
