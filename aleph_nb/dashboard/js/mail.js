// What the kernel's messages do to the desk.

import { Hearsay } from "./hearsay.js";
import { Judge } from "./judge.js";
import { Outbox } from "./outbox.js";
import { openStorage } from "./shelf.js";
import { Stand } from "./stand.js";
import { plural, thousands } from "./words.js";

const KERNEL_GONE = "Kernel gone: run this cell again.";

/** Reads the kernel's messages. */
export class Mail {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    const types = {
      start: (message) => this.start(message),
      goes_on: ({ now }) => this.goesOn(now),
      rows: (message, buffers) => this.rows(message, buffers),
      lines: (message, buffers) => this.lines(message, buffers),
      kept: ({ uuids }) => this.kept(uuids),
      refused: ({ lines }) => this.refused(lines),
      not_kept: ({ uuids, why }) => this.notKept(uuids, why),
      status: ({ text, kind }) => desk.say(text, kind),
      watch: (message) => this.watch(message),
      media: (message, buffers) => desk.media.take(message, buffers),
      clip: (message, buffers) => desk.media.takeClip(message, buffers),
      details: (message) => desk.detail.take(message),
      added: (message) => desk.toolbar.adder.added(message),
      alive: () => this.alive(),
    };
    this.offs = Object.entries(types).map(([type, handler]) => desk.link.on(type, handler));
  }

  /** Everything begins anew; for the same ledger the verdicts under way and the steps of undo stay. */
  start(message) {
    const { desk } = this;
    const { ledger, service, reviewer } = message;
    desk.media.mode = message.media;
    desk.canSave = message.can_save !== false;
    desk.store.start(message);
    desk.cursor.reset();
    desk.detail.forget();
    const place = JSON.stringify([ledger, service]);
    if (place !== this.place) this.settle(place, ledger, service);
    desk.judge.reviewer = reviewer;
    const left = desk.stand.load();
    desk.store.arrange(left.view);
    desk.auto = left.auto;
    desk.details = left.details;
    desk.onstage.left = left;
    desk.wanted = desk.model.get("selected") || left.selected;
    desk.started = true;
    desk.loading = message.total ? `Loading ${plural(message.total, "task")}` : "";
    desk.store.lines(desk.outbox.restore());
    desk.store.lines(desk.outbox.lines());
    desk.outbox.resend();
    desk.ask("started", "order", "rows", "view", "rearranged");
  }

  /** The kernel tells from here on what is beyond the beginning that came with the widget. */
  goesOn(now) {
    const { desk } = this;
    if (!desk.started) return;
    desk.store.clock.hear(now);
    desk.outbox.resend();
    desk.ask("now");
  }

  settle(place, ledger, service) {
    const { desk } = this;
    this.place = place;
    desk.outbox?.dispose();
    desk.stand?.dispose();
    const storage = openStorage();
    const send = (lines) => desk.link.send({ type: "verdicts", lines });
    desk.outbox = new Outbox({ storage, ledger, service, send });
    desk.outbox.on(() => desk.ask("sign"));
    this.hearsay?.dispose();
    this.hearsay = new Hearsay({ ledger, service, heard: (uuids) => this.handedOver(uuids) });
    desk.judge = new Judge({ store: desk.store, outbox: desk.outbox });
    const read = () => ({
      view: desk.store.view, selected: desk.current()?.task_id ?? "", auto: desk.auto, details: desk.details,
      ...desk.onstage.left,
    });
    desk.stand = new Stand({ storage, ledger, service, read });
  }

  /** What comes before `start` is of a beginning that this page did not hear: it is asked for anew, once. */
  isEarly() {
    const { desk } = this;
    if (!desk.started && !this.hasAsked) desk.link.hello();
    this.hasAsked = true;
    return !desk.started;
  }

  rows(message, buffers) {
    const { desk } = this;
    if (this.isEarly()) return;
    // A new row has its place among those that were told before it: it comes again once the kernel goes on.
    if (desk.link.isWaiting && !desk.store.hasAll(message, buffers)) return;
    desk.store.take(message, buffers);
    const come = message.first + message.count;
    if (!message.fresh) desk.loading = message.done ? "" : `Loading ${thousands(come)} of ${plural(message.total, "task")}`;
    if (desk.wanted && desk.store.index(desk.wanted) >= 0) this.find(desk.wanted);
    desk.ask("rows");
  }

  /** The task that an earlier desk, or code, wants has come; a filter that hides it wins. */
  find(id) {
    const { desk } = this;
    const row = desk.store.index(id);
    desk.wanted = "";
    if (desk.store.place(row) < 0) return;
    desk.cursor.go(row);
    desk.ask("rearranged");
  }

  lines(message, [buffer]) {
    if (this.isEarly()) return;
    const lines = JSON.parse(new TextDecoder().decode(buffer));
    this.desk.store.lines(lines, { baseline: message.baseline });
    this.kept(lines.map((line) => line.uuid));
  }

  /** The ledger has these; other desks of the browser may wait for that as well. */
  kept(uuids) {
    const ours = this.desk.outbox?.kept(uuids) ?? [];
    this.hearsay?.tell(ours);
  }

  /** Another desk has handed over what waits here: where this one's kernel does not answer, it was the old one. */
  handedOver(uuids) {
    const { desk } = this;
    const ours = desk.outbox?.handedOver(uuids) ?? [];
    if (!ours.length || desk.link.alive || this.hasSaidGone) return;
    this.hasSaidGone = true;
    desk.say(KERNEL_GONE, "error");
  }

  refused(lines) {
    const { desk } = this;
    const ours = desk.outbox?.refused(lines) ?? [];
    const uuids = lines.map((line) => line.uuid);
    desk.store.drop(uuids);
    desk.judge?.forget(uuids);
    if (ours.length) desk.say(`${plural(ours.length, "verdict")} taken back: ${lines[0].why}`, "error");
  }

  notKept(uuids, why) {
    this.desk.outbox?.notKept(uuids, why);
    this.desk.say(`Not in the ledger yet: ${why}`, "error");
  }

  watch(message) {
    const { desk } = this;
    if (desk.watch.on && !message.on && message.text) desk.say(message.text);
    desk.watch = message;
    desk.ask("watch");
  }

  alive() {
    const { desk } = this;
    desk.outbox?.online(desk.link.alive);
    if (desk.link.alive && this.hasSaidGone) desk.say(""); // it was only busy
    if (desk.link.alive) this.hasSaidGone = false;
    if (desk.link.alive) desk.media.retry();
    desk.ask("sign");
  }

  /** Hear no more. */
  dispose() {
    this.offs.forEach((off) => off());
    this.hearsay?.dispose();
  }
}
