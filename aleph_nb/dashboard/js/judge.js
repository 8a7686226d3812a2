/** Verdicts as they are given: their lines, and what one Ctrl+Z takes back. */

import { tidyTag } from "./fold.js";

const MOST_STEPS = 500;
const MOST_TAG = 100; // characters that the ledger takes
const MOST_NOTE = 20_000;
const TAG_CONTROLS = /[\p{Cc}\p{Cs}]/gu;

/** @returns {string} a random uuid; `crypto.randomUUID` is missing on plain http */
export function newUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Makes lines and hands them to the outbox, which keeps them, and to the store, which shows them.
 *
 * The lines of one verdict on many tasks have one `at`, so that the ledger too sees them as one step.
 */
export class Judge {
  /** Who judges. */
  reviewer;
  #store;
  #outbox;
  #now;
  #last = 0;
  #steps = []; // {what, lines: Map by uuid, note: task and note while it is being typed}

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./outbox.js").Outbox} parts.outbox set `judge.outbox` where another takes its place
   * @param {() => number} [parts.now] milliseconds; the store's clock
   * @param {string} [parts.reviewer] set it from the message `start`
   */
  constructor({ store, outbox, now = () => store.now(), reviewer = "" }) {
    this.#store = store;
    this.#outbox = outbox;
    this.#now = now;
    this.reviewer = reviewer;
  }

  set outbox(outbox) {
    this.#outbox = outbox;
  }

  /** @param {string[]} ids @param {number} stars 0 takes the rating away @returns {Line[]} */
  rate(ids, stars) {
    return this.#give("rating", ids, "rating", stars);
  }

  /** @param {string[]} ids @param {?("pick"|"reject")} choice null for neither @returns {Line[]} */
  pick(ids, choice) {
    return this.#give("pick", ids, "pick", choice);
  }

  /** @param {string[]} ids @param {string} tag @returns {Line[]} those that have it already get no line */
  tag(ids, tag) {
    const name = cleanTag(tag);
    const without = ids.filter((id) => !this.#store.verdict(id).tags.includes(name));
    return name === "" ? [] : this.#give("tag", without, "tag", name);
  }

  /** @param {string[]} ids @param {string} tag @returns {Line[]} those that do not have it get no line */
  untag(ids, tag) {
    const name = cleanTag(tag);
    return this.#give("tag", ids.filter((id) => this.#store.verdict(id).tags.includes(name)), "untag", name);
  }

  /**
   * A note, at every input; all inputs of one note in a row are one step of undo.
   * @param {string} id the task's
   * @param {{id?: string, time: ?number, text: string}} note without an id it is a new note
   * @returns {{id: string, time: ?number, text: string}} the note with its id, for the next input
   */
  note(id, note) {
    const time = Number.isFinite(note.time) && note.time >= 0 ? note.time : null;
    const value = { id: note.id || newUuid(), time, text: wholeStart(note.text, MOST_NOTE) };
    const line = this.#line(id, "note", value, this.#time([id]));
    const replaced = this.#outbox.draft(line);
    const typing = `${id}\n${value.id}`;
    if (this.#steps.at(-1)?.note !== typing) this.#step("note", [], typing);
    const { lines } = this.#steps.at(-1);
    if (replaced !== null) {
      lines.delete(replaced);
      this.#store.drop([replaced]);
    }
    lines.set(line.uuid, line);
    this.#store.lines([line]);
    return value;
  }

  /** The note is written: send it now; the next input is a step of its own. */
  endNote() {
    this.#outbox.flush();
    if (this.#steps.length > 0) this.#steps.at(-1).note = null;
  }

  /** Take the last step back. @returns {{ids: string[], what: string}|null} what was undone; null for nothing */
  undo() {
    this.endNote();
    const step = this.#steps.pop();
    if (!step) return null;
    const ids = [...new Set([...step.lines.values()].map((line) => line.task_id))];
    const at = this.#time(ids);
    const lines = [...step.lines.values()].map((line) => this.#line(line.task_id, "undo", line.uuid, at));
    this.#hand(lines);
    return { ids, what: step.what };
  }

  /** @returns {boolean} whether there is anything to undo */
  get canUndo() {
    return this.#steps.length > 0;
  }

  /** The ledger will never take these: they are no step of undo. @param {string[]} uuids */
  forget(uuids) {
    for (const { lines } of this.#steps) for (const uuid of uuids) lines.delete(uuid);
    this.#steps = this.#steps.filter(({ lines }) => lines.size > 0);
  }

  #give(what, ids, field, value) {
    if (ids.length === 0) return [];
    const at = this.#time(ids);
    const lines = ids.map((id) => this.#line(id, field, value, at));
    this.#hand(lines);
    this.#step(what, lines);
    return lines;
  }

  #hand(lines) {
    this.#outbox.give(lines);
    this.#store.lines(lines);
  }

  #step(what, lines, note = null) {
    this.#steps.push({ what, lines: new Map(lines.map((line) => [line.uuid, line])), note });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  #line(id, field, value, at) {
    const line = { uuid: newUuid(), task_id: id, at, field, value };
    return this.reviewer ? { ...line, reviewer: this.reviewer } : line;
  }

  /** Strictly rising, whatever the clock does, and after all that was said of the tasks by other clocks. */
  #time(ids) {
    const said = ids.reduce((latest, id) => Math.max(latest, this.#store.latest(id)), this.#last);
    this.#last = Math.max(Math.floor(this.#now()), said + 1);
    return this.#last;
  }
}

function cleanTag(tag) {
  return wholeStart(tidyTag(tag.replace(/\s+/g, " ").replace(TAG_CONTROLS, "")), MOST_TAG).trim();
}

/** The first characters of a text, none of them cut in half, as Python counts them. */
function wholeStart(text, most) {
  return text.length <= most ? text : [...text].slice(0, most).join("");
}
