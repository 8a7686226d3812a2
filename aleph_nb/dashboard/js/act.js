// What the keys and the buttons do.

import { plural } from "./words.js";

/** The reviewer's acts. A verdict goes to the task that was on the screen when its key went down. */
export class Acts {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
  }

  // ── Verdicts ────────────────────────────────────────────────────────────────────────────────────

  /** Rate; 0 takes the rating away. `again`: pressing what is set takes it away. `stay`: no jump to the next. */
  rate(stars, { time, again = false, stay = false } = {}) {
    const target = this.desk.target(time);
    const same = again && target.ids.length === 1 && this.desk.store.verdict(target.ids[0]).rating === stars;
    const value = same ? 0 : stars;
    const words = value ? `Rated ${value}` : "Rating taken away";
    this.judge(target, (judge, ids) => judge.rate(ids, value), words, value > 0 && !stay);
  }

  /** Pick, reject, or neither (null). */
  pick(choice, { time, again = false } = {}) {
    const target = this.desk.target(time);
    const same = again && target.ids.length === 1 && this.desk.store.verdict(target.ids[0]).pick === choice;
    const value = same ? null : choice;
    const words = { pick: "Picked", reject: "Rejected" }[value] ?? "Neither picked nor rejected";
    this.judge(target, (judge, ids) => judge.pick(ids, value), words, value !== null);
  }

  /** Give a tag to the tasks that it was begun for. */
  tag(text, target = this.desk.target()) {
    this.judge(target, (judge, ids) => judge.tag(ids, text), `Tagged ${text}`, false);
  }

  /** Take a tag away. */
  untag(text) {
    this.judge(this.desk.target(), (judge, ids) => judge.untag(ids, text), `Tag ${text} taken away`, false);
  }

  judge(target, give, words, advance) {
    const { desk } = this;
    if (!desk.judge || !target.ids.length) return;
    give(desk.judge, target.ids);
    desk.say(target.ids.length > 1 ? `${words}: ${plural(target.ids.length, "task")}` : words);
    if (advance && desk.auto && target.ids.length === 1) this.after(target.at);
  }

  /** On to the task after the one judged, unless the reviewer has gone on already. */
  after(row) {
    const { store, cursor } = this.desk;
    if (cursor.at !== row) return;
    const place = store.place(row);
    const next = store.order[place + 1];
    if (place >= 0 && next !== undefined) cursor.go(next);
  }

  /** A note's text as it stands, at every input; `ends`: this was the last one. */
  note(task, note, { ends = false } = {}) {
    const given = this.desk.judge.note(task, note);
    if (ends) this.endNote();
    return given;
  }

  /** The note is written. */
  endNote() {
    this.desk.judge?.endNote();
  }

  /** Take the last verdict back, and show whose it was. */
  undo() {
    const { desk } = this;
    const undone = desk.judge?.undo();
    if (!undone) {
      desk.say("Nothing to undo");
      return;
    }
    const row = undone.ids.length === 1 ? desk.store.index(undone.ids[0]) : -1;
    if (row >= 0 && desk.store.place(row) >= 0) desk.cursor.go(row);
    desk.say(`Undone: ${undone.what}${undone.ids.length > 1 ? `, ${plural(undone.ids.length, "task")}` : ""}`);
  }

  // ── Going about ─────────────────────────────────────────────────────────────────────────────────

  /** Go by an arrow key, by a page, or to an end. */
  move(key, extend) {
    const { gallery, store, cursor } = this.desk;
    const place = Math.max(store.place(cursor.at), 0);
    const far = store.order.length;
    const steps = {
      Home: () => -far, End: () => far, PageUp: () => gallery.sight.page(place, -1), PageDown: () => gallery.sight.page(place, 1),
    };
    cursor.step(steps[key] ? steps[key]() : gallery.sight.arrow(key, place), extend);
  }

  /** Go to the next succeeded task without a verdict. */
  nextToReview() {
    const { store, cursor } = this.desk;
    const place = store.nextToReview(store.place(cursor.at));
    if (place < 0) this.desk.say(store.order.length ? "All that is shown is reviewed" : "No task is shown");
    else cursor.go(store.order[place]);
  }

  /** Back to what was on the screen when the key went down: a note and a tag are begun there. */
  hold(time) {
    const { cursor } = this.desk;
    const seen = cursor.shownAt(time);
    if (seen.at >= 0 && seen.at !== cursor.at) cursor.go(seen.at);
    if (seen.at >= 0) this.desk.paintNow();
  }

  /** Begin a note. */
  beginNote(time) {
    this.hold(time);
    this.desk.verdict.notes.input.focus({ preventScroll: true });
  }

  /** Begin a tag. */
  beginTag(time) {
    if (this.desk.cursor.chosen.size <= 1) this.hold(time);
    this.desk.verdict.tags.input.focus({ preventScroll: true });
  }

  /** Show every task again. */
  clearFilter() {
    this.desk.arrange({ state: "", verdict: "", rating: 0, tag: "", text: "" });
    this.desk.focusList();
  }

  /** Show or hide the details. */
  toggleDetails() {
    this.desk.setDetails(!this.desk.details);
  }

  /** Compare with the next take of the source. */
  nextTake() {
    this.desk.onstage.nextTake();
  }

  /** Fill the screen, or no more. */
  toggleFullScreen() {
    const { root } = this.desk;
    const done = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.();
    done?.catch(() => this.desk.say("The browser does not allow full screen here", "error"));
  }

  /** Esc: close what is open, else leave an input, else end a selection, else let go of the keys. */
  escape(target) {
    const { desk } = this;
    if (desk.help.close() || desk.toolbar.adder.close()) return;
    if (target.matches?.("input, textarea, select")) desk.focusList();
    else if (desk.cursor.chosen.size > 1) desk.cursor.clear();
    else this.letGo(target);
  }

  /** The notebook has its keys where its cell has the focus, not where nothing has. */
  letGo(target) {
    target.blur?.();
    this.desk.root.parentElement?.closest("[tabindex]")?.focus({ preventScroll: true });
    this.desk.say("The notebook has the keys again. Click into the desk to go on", "away");
  }

  /** Put a text on the clipboard. */
  async copy(text) {
    if (!text) return;
    try {
      await navigator.clipboard.writeText(text);
      this.desk.say("Copied");
    } catch {
      this.desk.say(this.copyByHand(text) ? "Copied" : `Copy it by hand: ${text}`);
    }
  }

  /** On plain http there is no clipboard, but a selection can be copied. */
  copyByHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "ad-offscreen";
    this.desk.root.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    this.desk.focusList();
    return done;
  }
}
