/** What was given and is not in the ledger yet: kept in the browser, handed over until it is taken. */

import { afterAWhile } from "./clock.js";
import { portions } from "./portions.js";
import { Shelf } from "./shelf.js";

const NOTE_PAUSE = 400; // after the last input of a note, in milliseconds
const PATIENCE = 3_000; // without an answer, before the sign says that only the browser has it
const LOOK_EVERY = 500;
const FIRST_RESEND = 5_000;
const SLOWEST_RESEND = 60_000; // a busy kernel queues all that is sent, so what waits is sent at a slowing pace

/**
 * Lines on their way to the ledger. No method throws, whatever the storage and the kernel do.
 *
 * Every line is an item of the storage of its own, so that the desks of two tabs do not overwrite each other;
 * both may hand it over, for the ledger counts a uuid once.
 */
export class Outbox {
  /** @type {string} why the ledger did not keep the last ones; "" where it did */
  why = "";
  #shelf;
  #send;
  #now;
  #schedule;
  #waiting = new Map(); // by uuid: {line, item, name and there: what lies on the shelf, isDraft, sent, isAlone}
  #drafts = new Map(); // by the note: {uuid, cancel}
  #listeners = new Set();
  #isOnline = true;
  #pause = FIRST_RESEND;
  #cancelResend = null;
  #cancelLook = null;
  #told = "saved 0";
  #isOver = false;

  /**
   * @param {object} parts
   * @param {?Storage} parts.storage null where there is none
   * @param {string} parts.ledger its uuid
   * @param {string} parts.service
   * @param {(lines: Line[]) => (boolean|void)} parts.send hands lines to the kernel; may throw, or say false
   * @param {() => number} [parts.now]
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule] a timer; returns its cancel
   */
  constructor({ storage, ledger, service, send, now = Date.now, schedule = afterAWhile }) {
    this.#shelf = new Shelf(storage, `aleph_nb/${ledger}/${service}/`);
    this.#send = send;
    this.#now = now;
    this.#schedule = schedule;
  }

  /** Keep lines and send them. @param {Line[]} lines */
  give(lines) {
    const fresh = lines.filter((line) => !this.#waiting.has(line.uuid));
    for (const line of fresh) this.#hold(line);
    this.#hand(fresh.map((line) => line.uuid));
  }

  /**
   * Keep a note that is being typed; it is sent 400 ms after the last input.
   * @param {Line} line
   * @returns {?string} the uuid of the unsent draft that it replaces
   */
  draft(line) {
    const note = `${line.task_id}\n${line.value?.id}`;
    const before = this.#drafts.get(note);
    before?.cancel();
    const { name, there } = this.#waiting.get(before?.uuid) ?? {};
    this.#hold(line, { isDraft: true, name, there }); // in the other's place: one of the two is always there
    if (before) this.#waiting.delete(before.uuid);
    this.#drafts.set(note, { uuid: line.uuid, cancel: this.#later(() => this.#handDraft(note), NOTE_PAUSE) });
    this.#tell();
    return before?.uuid ?? null;
  }

  /** Send drafts now (a note is left, the page goes). */
  flush() {
    for (const note of [...this.#drafts.keys()]) this.#handDraft(note);
  }

  /** These are in the ledger. @param {string[]} uuids @returns {string[]} those that waited here */
  kept(uuids) {
    this.why = "";
    const ours = uuids.filter((uuid) => this.#waiting.has(uuid));
    for (const uuid of ours) this.#release(uuid);
    this.#heard();
    return ours;
  }

  /**
   * Another desk was told that these are in the ledger, which says nothing of this desk's kernel.
   * @param {string[]} uuids @returns {string[]} those that waited here
   */
  handedOver(uuids) {
    const ours = uuids.filter((uuid) => this.#waiting.has(uuid));
    for (const uuid of ours) this.#release(uuid);
    this.#tell();
    return ours;
  }

  /** These will never be taken. @param {Array<{uuid: string, why: string}>} lines @returns {Line[]} those that were ours */
  refused(lines) {
    const ours = lines.map(({ uuid }) => this.#waiting.get(uuid)?.line).filter(Boolean);
    for (const { uuid } of lines) this.#release(uuid);
    this.#heard();
    return ours;
  }

  /** The ledger cannot be written just now. @param {string[]} uuids @param {string} why */
  notKept(uuids, why) {
    this.why = why;
    for (const uuid of uuids) {
      const held = this.#waiting.get(uuid);
      if (held) held.isAlone = true;
    }
    this.#heard();
  }

  /** Send again all that waits. On `start`, when the kernel is back; by itself while something waits. */
  resend() {
    this.#pause = FIRST_RESEND;
    this.#cancelResend?.();
    this.#cancelResend = null;
    this.#handAgain();
  }

  /** Take in what an earlier desk could not hand over. @returns {Line[]} the lines that are new here, for the store */
  restore() {
    const found = [];
    for (const [name, item] of this.#shelf.all()) {
      const line = readItem(item);
      if (line && !this.#waiting.has(line.uuid)) {
        this.#waiting.set(line.uuid, { line, item, name, there: item, isDraft: false, sent: null, isAlone: true });
        found.push(line);
      }
    }
    found.sort((a, b) => a.at - b.at);
    this.#hand(found.map((line) => line.uuid));
    return found;
  }

  /** The kernel is gone or back. @param {boolean} isThere */
  online(isThere) {
    const isBack = isThere && !this.#isOnline;
    this.#isOnline = isThere;
    if (isBack) this.resend();
    this.#tell();
  }

  /** @returns {Line[]} all that waits, drafts too, in the order given */
  lines() {
    return [...this.#waiting.values()].map((held) => held.line);
  }

  /** @returns {"saved"|"waiting"|"browser"|"lost"} how safe the least safe line is */
  get sign() {
    let sign = this.#waiting.size > 0 ? "waiting" : "saved";
    for (const held of this.#waiting.values()) {
      if (held.there !== held.item) return "lost";
      if (held.isAlone || !this.#isOnline) sign = "browser";
    }
    return sign;
  }

  /** @returns {number} how many wait */
  get size() {
    return this.#waiting.size;
  }

  /** @param {(sign: string) => void} listener called when the sign, or how many wait, changes @returns {() => void} off */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Send what can be sent, and end the timers. What waits stays in the storage. */
  dispose() {
    this.flush();
    this.#isOver = true;
    this.#stopTimers();
    this.#listeners.clear();
  }

  #hold(line, { isDraft = false, name = line.uuid, there = null } = {}) {
    const held = { line, item: JSON.stringify(line), name, there, isDraft, sent: null, isAlone: false };
    this.#waiting.set(line.uuid, held);
    this.#keep(held);
  }

  /** What the storage refused is tried again, with the next answer or resend. */
  #keep(held) {
    if (held.there !== held.item && this.#shelf.put(held.name, held.item, held.there)) held.there = held.item;
  }

  #release(uuid) {
    const held = this.#waiting.get(uuid);
    if (!held) return;
    this.#waiting.delete(uuid);
    if (held.there !== null) this.#shelf.remove(held.name, held.there);
    for (const [note, draft] of this.#drafts) {
      if (draft.uuid !== uuid) continue;
      draft.cancel();
      this.#drafts.delete(note);
    }
  }

  #handDraft(note) {
    const draft = this.#drafts.get(note);
    draft.cancel();
    this.#drafts.delete(note);
    this.#waiting.get(draft.uuid).isDraft = false;
    this.#hand([draft.uuid]);
  }

  #hand(uuids) {
    for (const some of portions(uuids.map((uuid) => this.#waiting.get(uuid)))) {
      for (const held of some) held.sent ??= this.#now();
      if (!this.#isSent(some.map((held) => held.line))) for (const held of some) held.isAlone = true;
    }
    this.#tell();
  }

  #isSent(lines) {
    try {
      return this.#send(lines) !== false;
    } catch {
      return false; // the line is dead: they wait for the next try, or the next desk
    }
  }

  #handAgain() {
    for (const held of this.#waiting.values()) this.#keep(held);
    this.#hand([...this.#waiting.values()].filter((held) => !held.isDraft).map((held) => held.line.uuid));
  }

  #heard() {
    this.#pause = FIRST_RESEND;
    this.#isOnline = true;
    for (const held of this.#waiting.values()) this.#keep(held);
    this.#tell();
  }

  #tell() {
    if (this.#isOver) return;
    this.#watchTheClock();
    const told = `${this.sign} ${this.size}`;
    if (told === this.#told) return;
    this.#told = told;
    for (const listener of [...this.#listeners]) listener(this.sign);
  }

  /** While something waits: look whether it was answered in time, and send it again after 5 s or more. */
  #watchTheClock() {
    if (this.#waiting.size === this.#drafts.size) {
      this.#stopTimers();
      return;
    }
    this.#cancelLook ??= this.#later(() => {
      this.#cancelLook = null;
      this.#look();
    }, LOOK_EVERY);
    this.#cancelResend ??= this.#later(() => {
      this.#cancelResend = null;
      this.#pause = Math.min(this.#pause * 2, SLOWEST_RESEND);
      this.#handAgain();
    }, this.#pause);
  }

  #stopTimers() {
    this.#cancelLook?.();
    this.#cancelResend?.();
    this.#cancelLook = this.#cancelResend = null;
  }

  #later(todo, ms) {
    return this.#schedule(() => {
      if (!this.#isOver) todo();
    }, ms);
  }

  #look() {
    const late = this.#now() - PATIENCE;
    for (const held of this.#waiting.values()) if (held.sent !== null && held.sent <= late) held.isAlone = true;
    this.#tell();
  }
}

function readItem(item) {
  try {
    const line = JSON.parse(item);
    return typeof line?.uuid === "string" && typeof line.task_id === "string" ? line : null;
  } catch {
    return null;
  }
}
