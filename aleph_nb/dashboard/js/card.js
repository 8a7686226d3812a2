// One card of the gallery: made once, and painted again for whichever task comes under it.

import { attribute, h, icon, put, shown } from "./dom.js";
import { faceOf, isDying, labelOf, lifeOf } from "./say.js";

const CARD_STARS = 5;

/** A pooled card; `show` makes it another task's. */
export class Card {
  /**
   * @param {string} id the id of its element, by which the list says which option is active
   * @param {function(): void} onBroken its picture cannot be loaded
   */
  constructor(id, onBroken) {
    this.onBroken = onBroken;
    this.row = -1;
    this.url = null;
    this.broken = false;
    this.img = h("img", { class: "ad-thumb", alt: "", loading: "lazy", decoding: "async", draggable: "false" });
    this.img.addEventListener("load", () => this.loaded(true));
    this.img.addEventListener("error", () => this.loaded(false));
    this.title = h("b", null);
    this.why = h("span", null);
    this.face = h("span", { class: "ad-face" }, this.title, this.why);
    this.pick = h("span", { class: "ad-badge ad-badge-pick" });
    this.length = h("span", { class: "ad-badge ad-badge-length" });
    this.picture = h("span", { class: "ad-picture" }, this.face, this.img, this.pick, this.length);
    this.prompt = h("span", { class: "ad-prompt", dir: "auto" });
    this.stars = h("span", { class: "ad-stars" }, ...Array.from({ length: CARD_STARS }, () => icon("star")));
    this.notes = h("span");
    this.marks = h("span", { class: "ad-marks" }, icon("note"), this.notes);
    this.left = h("span", { class: "ad-left" });
    const foot = h("span", { class: "ad-card-foot" }, this.stars, this.marks, this.left);
    this.el = h("div", { class: "ad-card", role: "option", id }, this.picture, this.prompt, foot);
  }

  /** Stand at a place, with a size. */
  stand({ x, y, width, height }) {
    const where = `${x} ${y} ${width} ${height}`;
    if (where === this.where) return;
    this.where = where;
    Object.assign(this.el.style, {
      transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px`,
    });
  }

  /**
   * Show a task.
   * @param {{number: number, row: Object, verdict: Object, place: number, count: number, now: number,
   *   current: boolean, chosen: boolean, length: string}} what the task and how it stands
   */
  show(what) {
    const { number, row, verdict, place, count, now } = what;
    this.row = number;
    attribute(this.el, "data-state", row.state);
    attribute(this.el, "data-task", row.task_id);
    attribute(this.el, "data-current", what.current);
    attribute(this.el, "aria-selected", what.chosen ? "true" : "false");
    attribute(this.el, "aria-posinset", place + 1);
    attribute(this.el, "aria-setsize", count);
    attribute(this.el, "aria-label", labelOf(row, verdict, now));
    this.paintFace(row, now);
    put(this.prompt, row.prompt || row.task_id);
    attribute(this.prompt, "data-missing", !row.prompt);
    attribute(this.el, "data-rating", verdict.rating);
    attribute(this.stars, "hidden", !verdict.rating);
    put(this.pick, verdict.pick === "pick" ? "Pick" : verdict.pick === "reject" ? "Reject" : "");
    attribute(this.pick, "data-pick", verdict.pick);
    put(this.notes, String(verdict.notes.length));
    attribute(this.marks, "data-none", verdict.notes.length === 0);
    put(this.left, lifeOf(row, now));
    attribute(this.left, "data-dying", isDying(row, now));
    put(this.length, what.length);
  }

  paintFace(row, now) {
    const face = faceOf(row, now);
    const missing = !row.thumbnail ? "the service gave none" : this.broken ? "it cannot be loaded" : "";
    put(this.title, face?.title ?? (missing ? "No picture" : ""));
    put(this.why, face?.why ?? missing);
    shown(this.face, Boolean(face || missing));
  }

  /** Show a picture, or none: the one before must not be seen under another task. */
  paintPicture(url, media) {
    if (url === this.url) return;
    this.release?.();
    this.release = null;
    this.url = url;
    this.broken = false;
    attribute(this.el, "data-loaded", null);
    this.img.removeAttribute("src");
    shown(this.img, Boolean(url));
    if (url) this.release = media.want(url, ({ src }) => (src ? this.img.setAttribute("src", src) : this.loaded(false)));
  }

  loaded(well) {
    if (!this.url) return;
    this.broken = !well;
    attribute(this.el, "data-loaded", well);
    shown(this.img, well);
    if (!well) this.onBroken();
  }
}
