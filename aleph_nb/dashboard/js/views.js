// The views of a pair: side by side, wipe, difference, one alone; swap and blink; zoom and fit.
// All of it by CSS on the pictures, so that it works on clips that no canvas may read.

import { attribute } from "./dom.js";
import { PICTURE_FITS, clampShare, isLarger, pannedBy, placePictures, zoomedAt } from "./placing.js";
import { StageHand } from "./stagehand.js";
import { ViewTools, setStyle, zoomWords } from "./viewtools.js";
import { VIEW_GAINS, freshViewState, placesOf, readViewState } from "./viewstate.js";

const WIPE_STEP = 0.01;
const PIXELS_SEEN = 6; // pixels of the page for one of the clip, from which on its pixels are drawn as squares
const VIEW_NEEDS_TWO = { wipe: "A wipe needs two pictures", difference: "A difference needs two pictures" };
const FIT_WORDS = { contain: "whole", cover: "filled, its edges cut off", fill: "stretched" };
const PICTURE_EVENTS = ["loadedmetadata", "resize", "emptied"];

/** How the pair on the stage is looked at. */
export class Views {
  /**
   * @param {object} world
   * @param {Element} world.stage the `.ad-pair`
   * @param {Array<{el: Element, picture: Element}>} world.sides the left one (the source, another take), and the result
   * @param {function(): void} world.changed something that is kept has changed
   * @param {function(string, string=): void} world.say
   */
  constructor({ stage, sides, changed = () => undefined, say = () => undefined }) {
    Object.assign(this, { stage, sides, changed, say });
    this.kept = freshViewState();
    this.count = sides.length;
    this.blinking = false;
    this.placed = [];
    this.tools = new ViewTools({ stage, sides, cycleFit: (place) => this.cycleFit(place) });
    /** The divider of the wipe. Its keys are `key`'s: let the desk's keys claim them. */
    this.divider = this.tools.divider;
    this.hand = new StageHand({
      stage, divider: this.divider,
      grip: (onDivider) => this.grip(onDivider),
      drag: (grip, point, by) => this.drag(grip, point, by),
      dropped: () => this.changed(),
      zoom: (factor, point) => this.zoom(factor, point),
    });
    this.listen();
    this.lay();
  }

  listen() {
    this.life = new AbortController();
    const { signal } = this.life;
    // Events of media do not bubble, but they are captured: a picture has got its size, or lost it.
    for (const name of PICTURE_EVENTS) this.stage.addEventListener(name, () => this.lay(), { capture: true, signal });
    this.sizes = new ResizeObserver(() => this.lay());
    this.swaps = new MutationObserver(() => this.lay());
    this.sizes.observe(this.stage);
    for (const { el, picture } of this.sides) {
      this.sizes.observe(el);
      this.swaps.observe(picture, { childList: true });
    }
  }

  // ── What is kept ────────────────────────────────────────────────────────────────────────────────

  /** How the pair is looked at, as plain JSON. */
  get state() {
    return structuredClone(this.kept);
  }

  set state(saved) {
    this.kept = readViewState(saved);
    this.lay();
  }

  change(changes) {
    Object.assign(this.kept, changes);
    this.lay();
    this.changed();
  }

  // ── What is asked for ───────────────────────────────────────────────────────────────────────────

  /** Choose a view; the one that it is already leads back to side by side. @returns {boolean} whether it could be */
  toggle(view) {
    if (view in VIEW_NEEDS_TWO && this.count < 2) {
      this.say(`${VIEW_NEEDS_TWO[view]}: there is ${this.count ? "only one" : "none"}.`);
      return false;
    }
    this.change({ view: this.kept.view === view ? "side" : view });
    return true;
  }

  /** Let the sides change places; alone, the other one is shown. */
  swap() {
    this.change({ swapped: !this.kept.swapped });
  }

  /**
   * While it is held: the other one, in the same place.
   *
   * Side by side and in the wipe both change places, so that it does not matter on which one the eye rests: there
   * the other one appears, pixel on pixel. A difference shows the picture that it is made of.
   */
  blink(on) {
    if (this.blinking === Boolean(on)) return;
    this.blinking = Boolean(on);
    this.lay();
  }

  /** Make the difference louder (1) or less loud (-1). @returns {boolean} whether there is one */
  louder(step) {
    if (this.arranged.view !== "difference") {
      this.say("The gain is the difference's: D shows it.");
      return false;
    }
    const place = VIEW_GAINS.indexOf(this.kept.gain) + Math.sign(step);
    this.change({ gain: VIEW_GAINS[Math.max(0, Math.min(VIEW_GAINS.length - 1, place))] });
    return true;
  }

  /** Zoom both sides by a factor, at a point of the stage or in the middle of what is seen. */
  zoom(factor, point = null) {
    const { placed, inside } = this.placedAt(point);
    if (placed) this.change({ zoom: zoomedAt(this.kept.zoom, placed, factor, inside) });
  }

  /** The whole picture again. */
  fit() {
    this.change({ zoom: freshViewState().zoom });
  }

  /** The next fit of one side (0, 1): whole, filled, stretched. @returns {string} the fit */
  cycleFit(place) {
    const fits = [...this.kept.fits];
    fits[place] = PICTURE_FITS[(PICTURE_FITS.indexOf(fits[place]) + 1) % PICTURE_FITS.length];
    this.change({ fits });
    this.say(`${this.nameOf(place)}: ${FIT_WORDS[fits[place]]}.`);
    return fits[place];
  }

  /** Say how many sides have a picture, or are going to: with one, there is nothing to lay over it. */
  present(count) {
    if (this.count === count) return;
    this.count = count;
    this.lay();
  }

  /** Move the divider to a share of the stage (0..1). */
  wipeTo(share) {
    this.change({ wipe: clampShare(share) });
  }

  /** Take a key that went down on the divider. @returns {boolean} whether it was one */
  key({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey) return false;
    const step = WIPE_STEP * (shiftKey ? 10 : 1);
    const { wipe } = this.kept;
    const to = {
      ArrowLeft: wipe - step, ArrowDown: wipe - step, ArrowRight: wipe + step, ArrowUp: wipe + step,
      PageDown: wipe - 0.1, PageUp: wipe + 0.1, Home: 0, End: 1,
    }[key];
    if (to === undefined) return false;
    this.wipeTo(to);
    return true;
  }

  /** Say in words how the pair is looked at. */
  describe() {
    const { gain, zoom, wipe, swapped } = this.kept;
    const { view, places } = this.arranged;
    const words = {
      side: `Side by side${swapped && this.count > 1 ? ", swapped" : ""}`,
      wipe: `Wipe at ${Math.round(wipe * 100)} %${swapped ? ", swapped" : ""}`,
      difference: `Difference, gain ${gain}`,
      single: `${this.nameOf(places.indexOf("alone"))} alone`,
    }[view];
    const scale = zoom.scale > 1 ? `, zoom ${zoomWords(zoom.scale)}` : "";
    return (this.count === 1 ? "One picture" : words) + scale;
  }

  nameOf(place) {
    return this.sides[place]?.el.querySelector(".ad-side-name")?.textContent || ["Source", "Result"][place] || "";
  }

  // ── The pointer ─────────────────────────────────────────────────────────────────────────────────

  grip(onDivider) {
    if (onDivider) return "wipe";
    if (this.placed.some((each) => each?.seen && isLarger(each))) return "pan";
    return this.arranged.view === "wipe" ? "wipe" : "";
  }

  drag(grip, point, { dx, dy }) {
    if (grip === "wipe") {
      this.kept.wipe = clampShare(point.x / (this.stage.clientWidth || 1));
    } else {
      const { placed } = this.placedAt(point, isLarger);
      if (placed) this.kept.zoom = pannedBy(this.kept.zoom, placed, dx, dy);
    }
    this.lay();
  }

  /** The picture at a point of the stage: the one whose box it is in, else the first that is seen. */
  placedAt(point, fits = () => true) {
    const seen = this.placed.filter((each) => each?.seen && fits(each));
    const isIn = ({ box }) => point && point.x >= box.x && point.x < box.x + box.w;
    const placed = seen.find(isIn) ?? seen[0] ?? null;
    const inside = placed && point && isIn(placed) ? { x: point.x - placed.box.x, y: point.y - placed.box.y } : null;
    return { placed, inside };
  }

  // ── Painting ────────────────────────────────────────────────────────────────────────────────────

  /** What is shown where at the moment, the blink included. */
  get arranged() {
    return placesOf(this.kept, this);
  }

  /** The view that is on the stage, which with one picture is not the one that is kept; a key held aside. */
  get shown() {
    return placesOf(this.kept, { count: this.count, blinking: false }).view;
  }

  /**
   * What is seen, in pixels of the stage, for who draws it: the view, and for each side its box, its picture
   * and the part of the stage that the wipe leaves it.
   */
  get seen() {
    const { view, places } = this.arranged;
    return { view, places, gain: this.kept.gain, width: this.stage.clientWidth, height: this.stage.clientHeight, placed: this.placed };
  }

  /** Put everything where it belongs; called again when nothing has changed, it changes nothing. */
  lay() {
    const { view, places } = this.arranged;
    const { stage, kept } = this;
    const width = stage.clientWidth;
    attribute(stage, "data-view", view);
    attribute(stage, "data-count", this.count);
    attribute(stage, "data-swapped", kept.swapped);
    attribute(stage, "data-blink", this.blinking);
    setStyle(stage, "--ad-half", `${Math.max(0, Math.floor((width - 2) / 2))}px`);
    this.sides.forEach(({ el }, place) => attribute(el, "data-place", places[place]));
    this.placed = placePictures(this.sides.map((side, place) => this.measure(side, place, view, places[place])), {
      zoom: kept.zoom, overlaid: view !== "side",
    });
    const wipeAt = Math.round(kept.wipe * width);
    this.placed.forEach((each, place) => {
      each.picture = this.sides[place].picture;
      each.seen = places[place] !== "behind" && each.box.w > 0;
      each.from = view === "wipe" && places[place] === "right" ? wipeAt : 0;
      each.to = view === "wipe" && places[place] === "left" ? wipeAt : width;
      this.paint(each, view);
    });
    attribute(stage, "data-pan", this.placed.some((each) => each.seen && isLarger(each)));
    this.tools.paint({ view, kept, wipeAt, nameOf: (place) => this.nameOf(place) });
  }

  measure({ el, picture }, place, view, where) {
    const { videoWidth: w, videoHeight: high } = picture.querySelector("video") ?? {};
    const alone = view !== "side" || el.clientWidth === this.stage.clientWidth;
    return {
      box: { x: el.offsetLeft, y: el.offsetTop, w: el.clientWidth, h: el.clientHeight },
      natural: w && high ? { w, h: high } : null,
      fit: this.kept.fits[place],
      // Side by side the pictures meet in the middle, so that the eye jumps no gap.
      align: alone ? 0.5 : Number(where === "left"),
    };
  }

  paint({ picture, box, natural, x, y, w, h: high, scale, fit, align, from, to }, view) {
    setStyle(picture, "width", `${w}px`);
    setStyle(picture, "height", `${high}px`);
    setStyle(picture, "transform", `translate(${x}px, ${y}px) scale(${scale})`);
    setStyle(picture, "--ad-align", `${align * 100}%`);
    attribute(picture, "data-fit", fit);
    attribute(picture, "data-pixels", natural && (w * scale) / natural.w >= PIXELS_SEEN);
    // A clip is cut before it is moved, so the divider is told in the picture's own pixels.
    const inner = (at) => Math.min(w, Math.max(0, (at - box.x - x) / scale));
    setStyle(picture, "clip-path", view === "wipe" ? `inset(0 ${w - inner(to)}px 0 ${inner(from)}px)` : "");
  }

  /** Take away what was added, and hear no more. */
  dispose() {
    this.life.abort();
    this.hand.dispose();
    this.sizes.disconnect();
    this.swaps.disconnect();
    this.tools.dispose();
  }
}
