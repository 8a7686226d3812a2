/** The rows in columns, their verdicts, and what is shown of them in which order. */

import { KernelClock } from "./clock.js";
import { Columns, enlarged } from "./columns.js";
import { hasVerdict } from "./fold.js";
import { TagCounts, VerdictLog } from "./log.js";
import { PICKS, chipTests, countRows, groupRows, mergeRows, sortKeys, sortRows, takesOfSource, viewTest } from "./ranking.js";

const BY_VERDICT = ["to_review", "reviewed", "pick", "reject"];

/** How the desk looks at its rows when it is opened for the first time. */
export const FIRST_VIEW = Object.freeze({ state: "", verdict: "", rating: 0, tag: "", text: "", sort: "newest", group: false });

/** All tasks of the desk. */
export class Store {
  /** @type {number} how many rows were announced */
  total = 0;
  /** @type {boolean} whether all of them are here */
  isLoaded = false;
  #reviewer = "";
  #columns;
  #log;
  #tags;
  #rating;
  #pick;
  #reviewed;
  #rank; // the place in "newest first"
  #keys; // by which rows stand where they stand, as of the last `arrange`
  #newest = 0;
  #hay;
  #view = FIRST_VIEW;
  #sorted;
  #order;
  #places;
  #listeners = new Set();

  /** @param {{clock?: () => number}} [parts] */
  constructor({ clock = Date.now } = {}) {
    this.clock = new KernelClock(clock);
    this.#clear();
  }

  /** Begin anew; the view stays. @param {object} message `start` */
  start({ total = 0, now = NaN, reviewer = "" }) {
    this.#clear();
    this.clock.hear(now);
    this.#reviewer = reviewer ?? "";
    this.total = total;
    this.isLoaded = total === 0;
    this.#tell("rows", { rows: [] });
    this.#tell("verdicts", { ids: [] });
    this.#tell("order", {});
  }

  /** @param {object} message `rows` @param {Array} buffers @returns {boolean} whether it tells of known rows alone */
  hasAll(message, buffers) {
    return this.#columns.hasAll(message, buffers);
  }

  /**
   * Take rows. New ones are put where they belong, those that are shown stay where they are.
   * @param {object} message `rows` @param {Array<DataView|ArrayBuffer|Uint8Array>} buffers
   */
  take(message, buffers) {
    const { rows, first } = this.#columns.take(message, buffers);
    this.#makeRoom();
    this.#rankNew(first, Boolean(message.fresh));
    const ids = this.#columns.texts.task_id;
    for (const i of rows) {
      this.#hay[i] = undefined;
      if (i >= first) this.#judged(i, this.#log.verdict(ids[i]));
    }
    this.total = Math.max(this.total, message.total ?? 0, this.size);
    this.isLoaded ||= Boolean(message.done);
    const isMoved = this.#admit(rows, first);
    this.#tell("rows", { rows });
    if (isMoved) this.#tell("order", {});
  }

  /**
   * Take verdict lines, from wherever; one that is known already is passed over. They move no row.
   * @param {Line[]} lines
   * @param {{baseline?: boolean}} [options] baseline: what the ledger has, at the start: the order is made again
   */
  lines(lines, { baseline = false } = {}) {
    this.#changed(this.#log.add(lines, this.#reviewer));
    const { state, verdict, rating, tag, text, sort } = this.#view;
    const hangsOnThem = BY_VERDICT.includes(state) || verdict || rating || tag || text || sort === "rating";
    if (baseline && hangsOnThem) this.arrange();
  }

  /** Forget lines (refused ones, drafts that were replaced). @param {string[]} uuids */
  drop(uuids) {
    this.#changed(this.#log.drop(uuids));
  }

  /** @returns {number} milliseconds, by the kernel's clock where the two differ by minutes */
  now() {
    return this.clock.now();
  }

  /** @returns {number} how many rows there are */
  get size() {
    return this.#columns.size;
  }

  /** @param {string} id @returns {number} the row's number, or -1 */
  index(id) {
    return this.#columns.index(id);
  }

  /**
   * @param {number} i
   * @returns {{task_id: string, state: string, prompt: ?string, reason: ?string, error_message: ?string,
   *   error_code: ?number, source: ?string, result: ?string, thumbnail: ?string, labels: ?object,
   *   created: ?number, completed: ?number, expires: ?number, fetched: ?number, asked: ?number}}
   */
  row(i) {
    return this.#columns.row(i);
  }

  /** @param {?string} source @returns {number[]} the rows of its takes that can be looked at, the oldest first */
  takes(source) {
    return takesOfSource(this.#columns, source, this.now());
  }

  /** @param {string} id the task's @returns {Verdict} */
  verdict(id) {
    return this.#log.verdict(id);
  }

  /** @param {string} id @returns {number} when anything was last said of it, by whatever clock; 0 for never */
  latest(id) {
    return this.#log.latest(id);
  }

  /** @param {number} i @returns {boolean} whether it has any rating, pick, tag or note */
  isReviewed(i) {
    return this.#reviewed[i] === 1;
  }

  /** @returns {object} a number for each chip; `rated` has one for each "at least"; reviewed + to_review = reviewable */
  counts() {
    return countRows(this.#facts(), this.now());
  }

  /** @returns {Array<[string, number]>} the tags in use, the most used first */
  tags() {
    return this.#tags.list();
  }

  /** The view in force; change it by `arrange`. */
  get view() {
    return this.#view;
  }

  /** Sort and filter anew. @param {object} [change] of the view */
  arrange(change = {}) {
    this.#view = Object.freeze({ ...this.#view, ...change });
    const test = this.#test();
    const rows = new Uint32Array(this.size);
    let count = 0;
    for (let i = 0; i < this.size; i += 1) if (test(i)) rows[count++] = i;
    this.#sorted = this.#ranked(rows.subarray(0, count));
    this.#reorder();
    this.#tell("order", {});
  }

  /** @returns {Uint32Array} the numbers of the rows that are shown, in order */
  get order() {
    return this.#order;
  }

  /** @param {number} i a row's number @returns {number} its place in the order, or -1 */
  place(i) {
    if (!this.#places) {
      this.#places = new Int32Array(this.size).fill(-1);
      for (let n = 0; n < this.#order.length; n += 1) this.#places[this.#order[n]] = n;
    }
    return this.#places[i] ?? -1;
  }

  /** @param {number} place @returns {number} the next place (and round) with a task to review, or -1 */
  nextToReview(place) {
    const isDue = chipTests(this.#facts(), this.now()).to_review;
    const { length } = this.#order;
    for (let n = 1; n <= length; n += 1) {
      const next = (Math.max(place, -1) + n) % length;
      if (isDue(this.#order[next])) return next;
    }
    return -1;
  }

  /**
   * @param {(what: "rows"|"verdicts"|"order", which: object) => void} listener which: {rows: number[]} of changed
   *   and new rows, {ids: string[]} of judged tasks, {}; both lists are empty after `start`
   * @returns {() => void} off
   */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #clear() {
    this.#columns = new Columns();
    this.#log = new VerdictLog();
    this.#tags = new TagCounts();
    this.#hay = [];
    this.#newest = 0;
    const capacity = this.#columns.state.length;
    [this.#rating, this.#pick, this.#reviewed] = Array.from({ length: 3 }, () => new Uint8Array(capacity));
    [this.#rank, this.#keys] = [new Float64Array(capacity), new Float64Array(capacity)];
    this.#sorted = this.#order = new Uint32Array(0);
    this.#places = null;
  }

  #makeRoom() {
    const capacity = this.#columns.state.length;
    if (capacity === this.#rank.length) return;
    [this.#rating, this.#pick, this.#reviewed, this.#rank, this.#keys] = [
      this.#rating, this.#pick, this.#reviewed, this.#rank, this.#keys,
    ].map((array) => enlarged(array, capacity));
  }

  /** What comes while the desk is open is newer than all; what is loaded is older than what was loaded before. */
  #rankNew(first, isFresh) {
    if (isFresh) this.#newest -= this.size - first;
    for (let i = first; i < this.size; i += 1) this.#rank[i] = isFresh ? this.#newest + i - first : i;
  }

  #facts() {
    return {
      columns: this.#columns, rating: this.#rating, pick: this.#pick, reviewed: this.#reviewed, rank: this.#rank,
      tags: (i) => (this.#reviewed[i] ? this.verdict(this.#columns.texts.task_id[i]).tags : []),
      hay: (i) => (this.#hay[i] ??= this.#text(i)),
    };
  }

  #text(i) {
    const { prompt, error_message: message, labels, task_id: id } = this.#columns.texts;
    let text = prompt[i] ?? "";
    if (message[i]) text += `\n${message[i]}`;
    if (labels[i]) text += `\n${Object.values(labels[i]).join("\n")}`;
    if (this.#reviewed[i]) {
      const { tags, notes } = this.verdict(id[i]);
      text += `\n${tags.join("\n")}`;
      for (const note of notes) text += `\n${note.text}`;
    }
    return text.toLowerCase();
  }

  #test() {
    return viewTest(this.#view, this.#facts(), this.now());
  }

  #ranked(rows) {
    const key = sortKeys(this.#view.sort, this.#facts(), this.now());
    for (const i of rows) this.#keys[i] = key(i);
    return sortRows(rows.slice(), this.#keys, this.#rank);
  }

  #reorder() {
    this.#order = this.#view.group ? groupRows(this.#sorted, this.#columns.texts.source) : this.#sorted;
    this.#places = null;
  }

  /** Show what is new, and what was not shown and now should be; tell whether there was any. */
  #admit(rows, first) {
    const test = this.#test();
    const added = new Set(rows.filter((i) => (i >= first || this.place(i) < 0) && test(i)));
    if (added.size === 0) {
      if (rows.some((i) => i >= first)) this.#places = null;
      return false;
    }
    this.#sorted = mergeRows(this.#sorted, this.#ranked(Uint32Array.from(added)), this.#keys, this.#rank);
    this.#reorder();
    return true;
  }

  #changed(ids) {
    for (const id of ids) {
      const i = this.index(id);
      if (i >= 0) this.#judged(i, this.verdict(id));
    }
    if (ids.length > 0) this.#tell("verdicts", { ids });
  }

  #judged(i, verdict) {
    this.#tags.set(i, verdict.tags);
    this.#rating[i] = verdict.rating;
    this.#pick[i] = PICKS[verdict.pick] ?? 0;
    this.#reviewed[i] = hasVerdict(verdict) ? 1 : 0;
    this.#hay[i] = undefined;
  }

  #tell(what, which) {
    for (const listener of [...this.#listeners]) listener(what, which);
  }
}
