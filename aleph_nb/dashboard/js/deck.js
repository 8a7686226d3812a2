/** The controls under the pictures, each with its key. */

import { attribute, button, h, hint, icon, put, shown } from "./dom.js";
import { frameCode, rateWords } from "./frames.js";
import { clockWords } from "./say.js";

const DECK_VIEWS = [
  ["side", "Side by side", "Sides", ""], ["wipe", "Wipe", "Wipe", "W"], ["difference", "Difference", "Diff", "D"], ["single", "Result", "Result", "V"],
];
const DECK_SOUNDS = { none: "Sound off", result: "Sound of the result", source: "Sound of the source" };

/** A row of controls. It asks the player for everything that it paints. */
export class Deck {
  /** @param {Object} player */
  constructor(player) {
    this.player = player;
    this.play = button("", () => player.toggle(), { class: "ad-play", glyph: "play", key: "Space", name: "Play" });
    this.clock = h("span", { class: "ad-clock", text: "0:00.0" });
    this.at = h("span", null);
    this.frame = h("span", { class: "ad-frame" }, h("i", { text: "frame " }), this.at);
    this.code = h("span", { class: "ad-timecode" });
    this.speed = h("span", { class: "ad-speed", text: "1×" });
    this.rate = h("span", { class: "ad-rate" });
    this.offset = button("", () => player.nudge(0), { class: "ad-chip-button ad-offset", title: "Frames by which the sides are shifted; a click takes the offset away" });
    this.range = button("Loop", () => player.clearRange(), { class: "ad-chip-button ad-range", title: "Take the loop away (Shift I, Shift O)" });
    this.views = this.#views();
    this.tools = this.#tools();
    this.el = h("div", { class: "ad-player-row" },
      this.play, this.clock, this.frame, this.code, this.speed, this.rate, h("span", { class: "ad-spread" }), this.range, this.offset,
      h("div", { class: "ad-views", role: "group", "aria-label": "View" }, ...this.views),
      h("div", { class: "ad-deck-tools" }, ...this.tools));
  }

  #views() {
    const { player } = this;
    return DECK_VIEWS.map(([view, label, short, key]) => button(label, () => player.view(view), {
      class: "ad-view", "data-view": view, "data-short": short, "aria-pressed": "false", name: label, title: key ? `${label} (${key})` : label,
    }));
  }

  #tools() {
    const { player } = this;
    const tool = (glyph, name, key, press, props = {}) => button("", press, {
      class: `ad-tool ad-tool-${glyph}`, glyph, name, title: `${name} (${key})`, ...props,
    });
    this.take = tool("take", "Compare with the next take", "A", () => player.nextTake());
    this.sound = tool("mute", DECK_SOUNDS.none, "M", () => player.cycleSound());
    return [
      tool("swap", "Swap sides", "S", () => player.swap()), this.take, this.sound,
      tool("camera", "This frame as a picture", "Y", () => player.shoot()),
      tool("expand", "Full screen", "F", () => player.fullScreen()),
    ];
  }

  /** Paint what changes with every frame. */
  tick(pair) {
    const { frame, line } = pair;
    put(this.clock, clockWords(pair.time));
    put(this.at, pair.ready ? `${frame + 1} of ${line.frames}` : "");
    put(this.code, pair.ready ? frameCode(frame, line.fps) : "");
  }

  /** Paint the rest. */
  paint() {
    const { player } = this;
    const { pair } = player;
    this.tick(pair);
    this.#paintPlay(pair);
    put(this.speed, `${String(pair.speed || 1).replace("-", "−")}×`);
    attribute(this.speed, "data-on", pair.playing && pair.speed !== 1);
    put(this.rate, rateFacts(pair));
    attribute(this.rate, "title", pair.clips.some((clip) => clip?.ready && clip.rate !== "known") ? "Estimated from the frames seen" : null);
    shown(this.range, pair.range.from !== null || pair.range.to !== null);
    shown(this.offset, Boolean(pair.offset));
    put(this.offset, offsetWords(pair));
    for (const each of this.views) {
      attribute(each, "aria-pressed", each.dataset.view === player.views.shown ? "true" : "false");
      each.disabled = !player.hasBoth && each.dataset.view !== "side" && each.dataset.view !== "single";
    }
    this.take.disabled = !player.hasTakes;
    this.#paintSound(player.sound);
  }

  #paintPlay({ playing }) {
    const name = playing ? "Pause" : "Play";
    if (this.play.getAttribute("aria-label") === name) return;
    this.play.replaceChildren(icon(playing ? "pause" : "play"), hint("Space"));
    attribute(this.play, "aria-label", name);
  }

  #paintSound(sound) {
    const name = DECK_SOUNDS[sound];
    if (this.sound.getAttribute("aria-label") === name) return;
    this.sound.replaceChildren(icon(sound === "none" ? "mute" : "sound"), h("span", { text: { none: "", result: "R", source: "S" }[sound] }));
    attribute(this.sound, "aria-label", name);
    attribute(this.sound, "title", `${name} (M)`);
    attribute(this.sound, "data-on", sound !== "none");
  }
}

/** The rates of both sides, once where they are one: "29.97 fps", "25 → ≈ 24 fps". */
export function rateFacts({ clips }) {
  const told = clips.filter((clip) => clip?.ready).map((clip) => {
    const words = rateWords(clip.fps);
    return { known: words, estimate: `≈ ${words}` }[clip.rate] ?? "?";
  });
  const once = [...new Set(told)];
  return once.length ? `${once.join(" → ")} fps` : "";
}

/** An offset in frames: "Offset +3". */
export function offsetWords({ offset, line }) {
  const frames = Math.round(offset * line.fps);
  const sign = frames < 0 ? "−" : "+";
  return `Offset ${sign}${Math.abs(frames)}`;
}
