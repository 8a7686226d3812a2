/** A clip in a video of its own: it comes, from its host or through the kernel, or says why it does not. */

import { Film } from "./film.js";
import { releaseVideo } from "./clips.js";
import { frameAt, framesIn, rateFrom } from "./frames.js";
import { rateInFile } from "./mp4.js";
import { Playhead } from "./playhead.js";
import { onPaint, openSpare, probeFar, probeTimes } from "./probe.js";

const CLIP_GUESS = 25; // frames a second, until the rate is known
const CLIP_PATIENCE_MS = 12_000; // after which the kernel is asked for what the browser still waits for
const CLIP_MOST_TIMES = 120; // beginnings of frames by which the rate is judged
const CLIP_LOWER = 0.99; // of the rate that was seen: 24 may turn out to be 23.976
const CLIP_SLOW_MS = 22; // of a seek, from which on pictures are kept, and fetched ahead
const CLIP_STEP = 10; // frames: more than that at once is no step
const CLIP_NEAR = 5e-4; // seconds: a beginning that is not 0, but as good as that
const CLIP_PROBED = 61; // frames a second, from which on the guess may have led past the first frame
const CLIP_UNDECODED = "This browser cannot decode it.";
const CLIP_UNREACHED = "It could not be loaded: it is gone, its host refuses, or this browser cannot decode it.";

/**
 * What `told` says: "ready", "failed", "waiting" (again), "progress", "rate" (its rate, its first frame or its last one
 * is known better), "painted" (a seek's), "frame" (a playing one), "ended", "stopped".
 */
export class Clip {
  /** @type {"waiting"|"ready"|"failed"} */
  state = "waiting";
  /** In words, where it failed. */
  why = "";
  /** Of a clip that comes through the kernel: {state, got, size}. */
  progress = null;
  #given;
  #inFile = null;
  #seen = null;
  #first = 0; // seconds at which the frame began that was painted first
  #end = null; // seconds, where sound goes on after the last frame
  #times = new Set();
  #blob = null;
  #isViaKernel = false;
  #isOver = false;
  #isProbed = false;
  #cannotSeek = false;
  #endProbe = () => undefined;
  #cancelFirst = () => undefined;
  #cancelLast = () => undefined;
  #release = null;
  #patience = undefined;

  /**
   * @param {{url: string, fps: ?number, media: Object, videos: Object, told: function(string): void}} world
   *   fps: where somebody knows it
   */
  constructor({ url, fps = null, media, videos, told }) {
    Object.assign(this, { url, media, videos, told });
    this.#given = fps;
    this.video = videos.take(this);
    this.head = new Playhead(this.video, {
      rate: () => this.fps, start: () => this.start, painted: (time, sought) => this.#painted(time, sought),
    });
    this.film = new Film(this);
    this.#ask();
  }

  get ready() {
    return this.state === "ready";
  }

  /** When its first frame begins, in seconds of its video: not at 0 where frames are out of order, or sound is ahead. */
  get start() {
    const isTold = this.rate === "known" || (this.#seen !== null && this.#seen < CLIP_PROBED);
    return isTold && this.#first >= CLIP_NEAR ? this.#first : 0;
  }

  /** How long its frames last, in seconds; 0 where that is not known. */
  get duration() {
    const end = this.#end ?? this.video.duration;
    return Number.isFinite(end) ? Math.max(end - this.start, 0) : 0;
  }

  /** Frames a second: as given, else as its file says, else as seen; a guess until then. */
  get fps() {
    return this.#given ?? this.#inFile ?? this.#seen ?? CLIP_GUESS;
  }

  /** How the rate is known: "known", "estimate", or "" where it is a guess. */
  get rate() {
    if (this.#given ?? this.#inFile) return "known";
    return this.#seen ? "estimate" : "";
  }

  get frames() {
    return framesIn(this.duration, this.fps);
  }

  // ── It comes ────────────────────────────────────────────────────────────────────────────────────

  #ask() {
    this.#release?.();
    const use = (got) => this.#use(got);
    const progress = (now) => { this.progress = now; this.told("progress"); };
    this.#release = this.media.want(this.url, use, { viaKernel: this.#isViaKernel, progress });
  }

  async #use({ src, error, blob }) {
    if (this.#isOver) return;
    this.#blob = blob ?? null;
    if (!src && this.#cannotSeek) { // it is shown as the browser has it: it plays, and stands on its first frame
      this.video.src = this.url;
      return;
    }
    if (!src) {
      this.#fail(error || CLIP_UNREACHED);
      return;
    }
    if (blob && this.#given === null) this.#inFile = await rateInFile(blob);
    if (this.#isOver) return;
    if (this.state === "failed") this.#wait(); // it has come after all
    this.video.src = src;
    if (!blob) this.#patience = setTimeout(() => this.#waited(), CLIP_PATIENCE_MS);
  }

  /** What happens to the video. */
  heard(event) {
    if (this.#isOver) return;
    if (event === "loadedmetadata") this.#awaitFirst();
    else if (event === "loadeddata") this.#arrive();
    else if (event === "seeked") this.head.sought();
    else if (event === "playing") this.#plays();
    else if (event === "error") this.#broke();
    else if (event === "ended") this.told("ended");
    else if (event === "pause") this.told("stopped");
  }

  #plays() {
    this.head.played();
    this.film.hide();
  }

  #arrive() {
    if (this.state !== "waiting") return;
    clearTimeout(this.#patience);
    const { seekable } = this.video;
    if (!this.#blob && !this.#cannotSeek && (!seekable.length || seekable.end(seekable.length - 1) === 0)) {
      this.#cannotSeek = true; // its host sends no ranges, and a browser then seeks nowhere, without a word
      this.#throughKernel();
      return;
    }
    this.progress = null;
    this.state = "ready";
    this.told("ready");
  }

  #waited() {
    if (this.state === "waiting" && this.video.readyState < 1) this.#broke();
  }

  /** What the browser cannot load, the kernel may: it is elsewhere, and no page with rules of its own. */
  #broke() {
    if (!this.video.hasAttribute("src")) return;
    clearTimeout(this.#patience);
    if (this.#blob) {
      this.#fail(CLIP_UNDECODED);
    } else if (this.#isViaKernel) {
      this.#fail(CLIP_UNREACHED);
    } else {
      this.#throughKernel();
    }
  }

  #throughKernel() {
    releaseVideo(this.video); // what comes late is not taken for what comes through the kernel
    this.head.dispose();
    this.film.clear();
    this.#isViaKernel = true;
    this.#wait();
    this.#ask();
  }

  #wait() {
    const isAgain = this.state !== "waiting";
    this.state = "waiting";
    this.why = "";
    if (isAgain) this.told("waiting");
  }

  #fail(why) {
    this.state = "failed";
    this.progress = null;
    this.why = why;
    this.told("failed");
  }

  // ── It stands on a frame ────────────────────────────────────────────────────────────────────────

  /** Show a frame: at once where its picture is here, else as soon as the video has it. */
  seek(frame) {
    const way = Math.sign(frame - this.head.target);
    const isStep = this.video.paused && Boolean(this.rate) && Math.abs(frame - this.head.target) <= CLIP_STEP;
    const shows = isStep && this.film.show(frame);
    if (!isStep) this.film.hide();
    this.head.seek(frame);
    if (isStep && way && (shows || this.head.cost > CLIP_SLOW_MS)) this.film.lookAhead(frame, way);
  }

  #sought(mediaTime) {
    const { head, film, video } = this;
    if (!head.busy || film.frame !== head.target) film.hide();
    const isRight = mediaTime !== null && head.shown === head.frame; // the browser may tell of the picture before
    if (!head.busy && isRight && video.paused && this.rate && head.cost > CLIP_SLOW_MS) film.keep(head.frame);
  }

  // ── Its rate ────────────────────────────────────────────────────────────────────────────────────

  #painted(mediaTime, sought) {
    if (mediaTime !== null && this.rate !== "known" && (sought || this.video.playbackRate <= 1)) this.#judge([mediaTime]);
    if (mediaTime !== null && sought && this.rate) this.#learnEnd();
    if (sought) this.#sought(mediaTime);
    this.told(sought ? "painted" : "frame");
  }

  /** Frames were seen to begin at these times. More of them can only show that there are more in a second. */
  #judge(times) {
    if (this.#times.size >= CLIP_MOST_TIMES) return;
    times.forEach((time) => this.#times.add(time));
    const fps = rateFrom(this.#times);
    if (fps === null || fps === this.#seen || this.#isOver || fps < (this.#seen ?? 0) * CLIP_LOWER) return;
    this.#seen = fps;
    this.#end = null;
    this.film.clear();
    this.told("rate");
  }

  #awaitFirst() {
    this.#cancelFirst();
    this.#cancelFirst = onPaint(this.video, (mediaTime) => {
      if (mediaTime === null || this.head.target !== 0 || this.#isOver) return;
      this.#first = mediaTime;
      if (this.start) this.told("rate");
    }, CLIP_PATIENCE_MS);
  }

  /** Where the last frame was sought and one before it is what stays on the screen, that one is the last. */
  #learnEnd() {
    const { head, video } = this;
    const { frame } = head;
    this.#cancelLast();
    const isLast = () => !this.#isOver && video.paused && !head.busy && head.frame === frame && frame === this.frames - 1
      && frame > 0 && head.shown < frame && frameAt(video.currentTime - this.start, this.fps) === frame;
    if (!isLast()) return;
    this.#cancelLast = onPaint(video, (later) => { // a browser may tell of the picture before, and then of this one
      if (later !== null || !isLast()) return;
      this.#end = this.start + (head.shown + 1) / this.fps;
      this.told("rate");
    });
  }

  /** Find the rate where nobody knows it yet: in this video while nobody sees it, else in another one. */
  async probe() {
    if (this.rate === "known" || !this.ready || this.#isProbed) return;
    this.#isProbed = true;
    if (this.video.isConnected) {
      await this.#probeSpare();
      return;
    }
    await this.#probeIn(this.video, () => !this.video.isConnected);
    if (this.video.isConnected) this.#isProbed = false; // it was put on the stage meanwhile, and sought there
    else if (!this.#isOver) this.head.seek(this.head.frame);
  }

  async #probeIn(video, wanted) {
    const isWanted = () => wanted() && !this.#isOver && this.rate !== "known";
    const times = await probeTimes(video, { wanted: isWanted, isEnough: (seen) => rateFrom(seen) !== null });
    this.#judge(times);
    const far = this.#seen && isWanted() ? await probeFar(video) : null;
    if (far !== null) this.#judge([far]);
  }

  async #probeSpare() {
    const spare = openSpare(this.videos, this.video.currentSrc, CLIP_PATIENCE_MS);
    this.#endProbe = spare.giveUp;
    if (await spare.opened) await this.#probeIn(spare.video, () => true);
    this.videos.give(spare.video);
  }

  // ── The end ─────────────────────────────────────────────────────────────────────────────────────

  /** Let go of the video and of the bytes. */
  letGo() {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#patience);
    for (const end of [this.#endProbe, this.#cancelFirst, this.#cancelLast]) end();
    this.head.dispose();
    this.film.dispose();
    this.#release?.();
    this.videos.give(this.video);
  }
}
