// The desk: what all rooms share, and how they are told of each other.

import { Acts } from "./act.js";
import { Cursor } from "./cursor.js";
import { Details } from "./details.js";
import { attribute, button, h, put, shown } from "./dom.js";
import { Filters } from "./filters.js";
import { Foot } from "./foot.js";
import { Frame } from "./frame.js";
import { Gallery } from "./gallery.js";
import { Help } from "./help.js";
import { DESK_HELP, deskKeys } from "./keymap.js";
import { Keys } from "./keys.js";
import { Link } from "./link.js";
import { Mail } from "./mail.js";
import { Media } from "./media.js";
import { Onstage } from "./onstage.js";
import { keepSize } from "./sizes.js";
import { Store } from "./store.js";
import { Toolbar } from "./toolbar.js";
import { Verdict } from "./verdict.js";
import { Videos } from "./videos.js";

const DESK_NOW_MS = 30_000;
const DESK_SELECTED_MS = 120; // a key held down does not send a message for every task that it passes

/** One desk in one element. */
export class Desk {
  /** @param {{model: Object, el: Element}} world anywidget's */
  constructor({ model, el }) {
    this.model = model;
    this.life = new AbortController();
    this.auto = false;
    this.details = false;
    this.canSave = true;
    this.loading = "";
    this.watch = { on: false, text: "" };
    this.counts = {};
    this.outbox = this.judge = this.stand = null;
    this.store = new Store();
    this.link = new Link({ model });
    this.media = new Media({ send: (content) => this.link.send(content) });
    this.videos = new Videos();
    this.frame = new Frame((dirty) => this.paint(dirty));
    this.cursor = new Cursor({
      order: () => this.store.order, place: (row) => this.store.place(row), changed: () => this.moved(),
    });
    this.root = h("div", { class: "aleph-desk", tabindex: "0", role: "group", "aria-label": "Review desk" });
    this.act = new Acts(this);
    this.keys = new Keys({
      root: this.root, escape: (target) => this.act.escape(target), isOpen: () => this.help.isOpen, signal: this.life.signal,
    });
    this.furnish();
    this.offs = [this.store.on((what) => this.ask(what))];
    this.mail = new Mail(this);
    this.listen();
    el.append(this.root);
    this.endSize = keepSize(this.root, () => this.ask("size"));
    this.ask("size", "view");
    this.link.open();
  }

  furnish() {
    this.toolbar = new Toolbar(this);
    this.filters = new Filters(this);
    this.gallery = new Gallery(this);
    this.onstage = new Onstage(this);
    this.player = this.onstage.player;
    this.verdict = new Verdict(this);
    this.detail = new Details(this);
    this.help = new Help({ keys: this.keys, rows: DESK_HELP, closed: () => this.focusList() });
    this.foot = new Foot(this);
    this.emptyWords = h("p", null);
    this.emptyAdd = button("Add ids", () => this.toolbar.adder.toggle(), { class: "ad-button ad-main" });
    this.empty = h("div", { class: "ad-empty" }, this.emptyWords, this.emptyAdd);
    const left = h("div", { class: "ad-left-pane" }, this.filters.el, this.gallery.el);
    const middle = h("div", { class: "ad-middle-pane" }, this.player.el, this.verdict.el);
    this.body = h("div", { class: "ad-body" }, left, middle, this.detail.el, this.empty);
    this.root.append(this.toolbar.el, this.body, this.foot.el, this.help.el);
    this.keys.map = deskKeys(this);
  }

  listen() {
    const { signal } = this.life;
    const on = (target, name, listener) => target.addEventListener(name, listener, { signal });
    on(this.root, "focusin", () => this.paintRing());
    on(this.root, "focusout", () => queueMicrotask(() => this.paintRing()));
    on(this.root, "mousedown", (event) => this.pressed(event));
    on(window, "pagehide", () => this.keepAll());
    on(document, "fullscreenchange", () => this.ask("size"));
    this.clock = setInterval(() => this.ask("now"), DESK_NOW_MS);
    this.onSelected = () => this.follow(this.model.get("selected"));
    this.model.on("change:selected", this.onSelected);
  }

  // ── What the rooms ask ──────────────────────────────────────────────────────────────────────────

  /** Ask for a painting in the next frame. */
  ask(...whats) {
    this.frame.ask(...whats);
  }

  /** Now, by the clock that the records' times are compared with. */
  now() {
    return this.store.now();
  }

  /** The current row; null where there is none. */
  current() {
    return this.cursor.at < 0 ? null : this.store.row(this.cursor.at);
  }

  /** The current task's verdict. */
  verdictNow() {
    const row = this.current();
    return row ? this.store.verdict(row.task_id) : null;
  }

  /** The tasks that a verdict goes to: what was painted at that time, the whole selection where there is one. */
  target(time) {
    const { at, chosen } = time === undefined ? this.cursor : this.cursor.shownAt(time);
    if (at < 0) return { at, ids: [] };
    const rows = chosen.size > 1 && chosen.has(at) ? [...chosen] : [at];
    return { at, ids: rows.map((row) => this.store.row(row).task_id) };
  }

  /** Say something in the line of status. */
  say(text, kind) {
    this.foot.say(text, kind);
  }

  /** Sort and filter anew; the current task stays where it still is one that is shown. */
  arrange(change) {
    this.store.arrange(change);
    const { order } = this.store;
    if (this.store.place(this.cursor.at) < 0) this.cursor.go(order.length ? order[0] : -1);
    else if (this.cursor.chosen.size > 1) this.cursor.clear();
    this.ask("order", "rearranged", "view");
    this.stand?.save();
  }

  /** Filter by a name, or no more where it is the one already. */
  toggleView(field, name) {
    this.arrange({ [field]: this.store.view[field] === name ? "" : name });
  }

  /** Switch the jump to the next task after a verdict. */
  setAuto(on) {
    this.auto = on;
    this.ask("view");
    this.stand?.save();
  }

  /** Show or hide the details. */
  setDetails(on) {
    if (this.details && !on && this.detail.el.contains(this.focused)) this.focusList();
    this.details = on;
    this.ask("details");
    this.stand?.save();
  }

  /** What has the focus in the desk's tree. */
  get focused() {
    return this.root.getRootNode().activeElement;
  }

  /** Give the keys back to the gallery. */
  focusList() {
    this.gallery.list.focus({ preventScroll: true });
  }

  // ── Where the reviewer is ───────────────────────────────────────────────────────────────────────

  moved() {
    this.ask("cursor");
    this.stand?.save();
    this.telling ??= setTimeout(() => this.tell(), DESK_SELECTED_MS);
  }

  tell() {
    this.telling = undefined;
    const id = this.current()?.task_id ?? "";
    if (!id || this.model.get("selected") === id) return;
    this.model.set("selected", id);
    this.model.save_changes();
  }

  /** Go to a task by its id, as code or an earlier desk asks; one that has not come yet is waited for. */
  follow(id) {
    const row = id ? this.store.index(id) : -1;
    this.wanted = id && row < 0 ? id : "";
    if (row < 0 || row === this.cursor.at) return;
    if (this.store.place(row) < 0) this.arrange({ state: "", verdict: "", rating: 0, tag: "", text: "" });
    this.cursor.go(row);
  }

  // ── Painting ────────────────────────────────────────────────────────────────────────────────────

  paint(dirty) {
    const has = (...whats) => whats.some((what) => dirty.has(what));
    const told = has("rows", "order", "view", "verdicts", "now", "started");
    const changed = told || has("cursor");
    if (told) this.counts = this.store.counts();
    if (has("rows", "order") && this.cursor.at < 0 && this.store.order.length) this.cursor.go(this.store.order[0]);
    this.gallery.paint(dirty);
    if (has("cursor", "rows", "order", "started", "now")) this.onstage.paint({ rows: has("rows", "started") });
    if (changed || has("details")) {
      this.verdict.paint();
      this.player.mark(this.verdictNow()?.notes ?? []);
      this.detail.paint();
      attribute(this.root, "data-details", this.details);
    }
    if (told || has("watch")) {
      this.toolbar.paint();
      this.filters.paint();
    }
    if (changed || has("sign", "watch")) this.foot.paint();
    this.paintEmpty();
    this.cursor.painted(performance.now());
  }

  /** Paint now what waits for the next frame. */
  paintNow() {
    cancelAnimationFrame(this.frame.handle);
    this.frame.run();
  }

  paintEmpty() {
    const none = this.store.size === 0;
    shown(this.empty, none);
    attribute(this.root, "data-empty", none);
    if (!none) return;
    const loading = !this.started || Boolean(this.loading);
    attribute(this.empty, "data-loading", loading);
    shown(this.emptyAdd, !loading);
    put(this.emptyWords, loading ? "Waiting for the kernel…" : "No tasks yet. Paste ids, or try the demo: %aleph_demo");
  }

  /** The ring says whether the keys are heard; in an input they are the input's. */
  paintRing() {
    const { focused } = this;
    const inside = focused && this.root.contains(focused);
    const typing = inside && focused.matches("input:not([type=range]), textarea, select");
    attribute(this.root, "data-keys", inside ? (typing ? "input" : "on") : null);
    if (inside) this.foot.back();
  }

  /** A click on a control leaves the keys with the gallery. */
  pressed(event) {
    const control = event.target.closest("button, a, .ad-option");
    if (!control || control.closest(".ad-help, .ad-adder")) return;
    event.preventDefault();
    if (!this.root.contains(this.focused) || this.focused.matches("input, textarea, select")) this.focusList();
  }

  // ── The end ─────────────────────────────────────────────────────────────────────────────────────

  /** The page goes: what was typed is sent. */
  keepAll() {
    this.outbox?.flush();
    this.stand?.write();
  }

  /** Take everything away. */
  dispose() {
    if (this.life.signal.aborted) return;
    this.life.abort();
    this.model.off("change:selected", this.onSelected);
    clearInterval(this.clock);
    clearTimeout(this.telling);
    this.endSize();
    this.offs.forEach((off) => off());
    this.frame.dispose();
    for (const room of [this.gallery, this.player, this.videos, this.toolbar, this.detail, this.foot, this.mail]) room.dispose();
    this.stand?.dispose();
    this.outbox?.dispose();
    this.link.dispose();
    this.media.dispose();
    this.root.remove();
  }
}
