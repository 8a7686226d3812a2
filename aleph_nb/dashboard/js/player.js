// The player: result and source side by side in two plain videos, which play and pause together.

import { attribute, button, h, hint, icon, put, shown } from "./dom.js";
import { releaseVideo } from "./clips.js";
import { clockWords, faceOf, isGone, lengthWords, sourceName, stateWord, whyNoResult } from "./say.js";
import { safeUrl } from "./words.js";

const PLAYER_REST_MS = 130; // a task that is passed by with a key held down loads no clip

/** One side of the stage: a video, or why there is none. */
class Side {
  constructor(name, media) {
    this.name = name;
    this.media = media;
    this.release = null;
    this.video = h("video", { class: "ad-video", playsinline: true, preload: "auto", tabindex: "-1", "aria-label": name });
    this.video.muted = true;
    this.title = h("b", null);
    this.why = h("p", { dir: "auto" });
    this.link = h("a", { class: "ad-link", target: "_blank", rel: "noopener noreferrer" }, h("span", null), icon("open"));
    this.face = h("div", { class: "ad-side-face", hidden: true }, this.title, this.why, this.link);
    this.el = h("div", { class: `ad-side ad-side-${name.toLowerCase()}` },
      h("span", { class: "ad-badge ad-side-name", text: name }), this.video, this.face);
    this.video.addEventListener("error", () => this.failed());
  }

  /** Say what it is going to be; `load` fetches the clip. */
  show({ url, title = "", why = "" }) {
    this.letGo();
    this.url = safeUrl(url);
    this.wanted = Boolean(this.url && !why && !title);
    this.say(title, why || (this.url ? "" : `No ${this.name.toLowerCase()} is known.`), this.url);
    attribute(this.el, "data-state", this.wanted ? "waiting" : "none");
  }

  /** The picture that stands for the clip until it is there. */
  poster(src) {
    attribute(this.video, "poster", this.wanted && src ? src : null);
  }

  load() {
    if (!this.wanted || this.release) return;
    this.release = this.media.want(this.url, ({ src, error }) => {
      if (src) this.video.src = src;
      else this.failed(error);
    });
  }

  letGo() {
    this.wanted = false;
    this.release?.();
    this.release = null;
    releaseVideo(this.video);
  }

  failed(why = "") {
    if (!this.wanted) return;
    this.say("This clip cannot be shown here", why, this.url);
    attribute(this.el, "data-state", "none");
  }

  say(title, why, url) {
    put(this.title, title);
    put(this.why, why);
    shown(this.face, Boolean(title || why));
    shown(this.link, Boolean(url));
    attribute(this.link, "href", url || null);
    put(this.link.firstChild, url ? `Open ${sourceName(url)}` : "");
  }

  get playable() {
    return this.video.readyState >= 1 && !this.video.error;
  }
}

/** The stage and its controls. */
export class Player {
  /** @param {{media: Object, onTime: function(number|null): void, onLength: function(string, number): void}} world */
  constructor({ media, onTime, onLength }) {
    this.onTime = onTime ?? (() => undefined);
    this.media = media;
    this.source = new Side("Source", media);
    this.result = new Side("Result", media);
    this.sides = [this.source, this.result];
    this.playing = false;
    this.build();
    for (const { video } of this.sides) {
      video.addEventListener("loadedmetadata", () => this.met(video));
      video.addEventListener("ended", () => this.ended());
      video.addEventListener("timeupdate", () => this.tick());
      video.addEventListener("loadeddata", () => attribute(video.parentNode, "data-state", "shown"));
    }
    this.result.video.addEventListener("loadedmetadata", () => onLength?.(this.row?.result, this.result.video.duration));
  }

  build() {
    this.toggler = button("", () => this.toggle(), { class: "ad-play", glyph: "play", key: "Space", name: "Play" });
    this.seeker = h("input", {
      type: "range", class: "ad-seek", min: "0", max: "1", step: "any", value: "0", "aria-label": "Time",
      on: { input: () => this.seek(Number(this.seeker.value)) },
    });
    this.marks = h("div", { class: "ad-seek-marks", "aria-hidden": "true" });
    this.clock = h("span", { class: "ad-clock", text: "0:00.0" });
    this.facts = h("span", { class: "ad-clock ad-clock-facts" });
    this.nothing = h("div", { class: "ad-stage-nothing" });
    this.pair = h("div", { class: "ad-pair" }, this.source.el, this.result.el);
    const bar = h("div", { class: "ad-player-bar" },
      h("div", { class: "ad-seek-box" }, this.seeker, this.marks),
      h("div", { class: "ad-player-row" }, this.toggler, this.clock, this.facts));
    this.el = h("section", { class: "ad-stage", "aria-label": "Result and source" }, this.pair, this.nothing, bar);
  }

  /** Show a task, or nothing (null); what played goes on playing with the next one. */
  show(row, now = Date.now()) {
    const same = row && this.row && row.task_id === this.row.task_id
      && row.result === this.row.result && row.source === this.row.source && row.state === this.row.state
      && isGone(row, now) === this.gone;
    this.row = row;
    this.gone = Boolean(row) && isGone(row, now);
    const why = row ? whyNoResult(row, now) : "";
    const title = why || (row && row.state !== "succeeded") ? faceOf(row, now)?.title ?? stateWord(row) : "";
    if (same) {
      if (title) this.result.say(title, why, this.result.url); // how long a task has been running, a new reason
      return;
    }
    clearTimeout(this.timer);
    attribute(this.el, "data-none", !row);
    attribute(this.el, "data-task", row?.state ?? null);
    this.result.show({ url: row?.result, title, why });
    this.source.show({ url: row?.source });
    this.releasePoster?.();
    this.releasePoster = row?.thumbnail ? this.media.want(row.thumbnail, ({ src }) => this.result.poster(src)) : null;
    if (!row?.thumbnail) this.result.poster(null);
    this.reset();
    if (row) this.timer = setTimeout(() => this.sides.forEach((side) => side.load()), PLAYER_REST_MS);
  }

  reset() {
    this.seeker.value = "0";
    this.fill(0);
    put(this.clock, clockWords(0));
    put(this.facts, "");
    this.paintToggler();
  }

  /** The time of the pair in seconds; null where nothing is there to have one. */
  get time() {
    const lead = this.lead;
    return lead ? lead.currentTime : null;
  }

  /** The video whose clock counts: the result's, where there is one. */
  get lead() {
    return [this.result, this.source].find((side) => side.playable)?.video ?? null;
  }

  get duration() {
    const lengths = this.sides.filter((side) => side.playable).map((side) => side.video.duration);
    return Math.max(0, ...lengths.filter(Number.isFinite));
  }

  /** Play both, or pause both. */
  toggle() {
    this.playing = !this.playing;
    if (this.playing) this.start();
    else this.sides.forEach((side) => side.video.pause());
    this.paintToggler();
  }

  start() {
    if (this.time !== null && this.time >= this.duration - 0.05) this.seek(0);
    for (const { video } of this.sides) {
      if (video.currentSrc && video.hasAttribute("src")) video.play().catch(() => undefined);
    }
  }

  /** Go to a time, both sides. */
  seek(seconds) {
    for (const side of this.sides) {
      if (side.playable) side.video.currentTime = Math.min(seconds, side.video.duration || seconds);
    }
    this.tick();
  }

  met(video) {
    attribute(this.seeker, "max", this.duration || 1);
    put(this.facts, `of ${lengthWords(this.duration)}`);
    this.mark(this.notes ?? []);
    if (!this.playing) return;
    video.currentTime = this.time ?? 0;
    video.play().catch(() => undefined);
  }

  ended() {
    if (this.sides.some((side) => side.playable && !side.video.ended && !side.video.paused)) return;
    if (this.playing) this.start(); // from the beginning: a reviewer looks more than once
  }

  tick() {
    const time = this.time ?? 0;
    this.seeker.value = String(time);
    this.fill(this.duration ? time / this.duration : 0);
    put(this.clock, clockWords(time));
    this.onTime(this.time);
  }

  fill(share) {
    this.seeker.style.setProperty("--ad-share", `${(share * 100).toFixed(2)}%`);
  }

  /** Mark on the bar where notes were begun. */
  mark(notes) {
    this.notes = notes;
    const length = this.duration;
    const at = length ? notes.filter((note) => note.time !== null && note.time <= length) : [];
    this.marks.replaceChildren(...at.map((note) => {
      const mark = h("i", null);
      mark.style.left = `${((note.time / length) * 100).toFixed(2)}%`;
      return mark;
    }));
  }

  paintToggler() {
    const name = this.playing ? "Pause" : "Play";
    if (this.toggler.getAttribute("aria-label") === name) return;
    this.toggler.replaceChildren(icon(this.playing ? "pause" : "play"), hint("Space"));
    attribute(this.toggler, "aria-label", name);
  }

  /** Let go of both clips. */
  dispose() {
    clearTimeout(this.timer);
    this.playing = false;
    this.releasePoster?.();
    this.sides.forEach((side) => side.letGo());
  }
}
