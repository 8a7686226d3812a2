/** The rows in columns, their verdicts, and what is shown of them in which order. */

/** How the desk looks at its rows when it is opened for the first time. */
export const FIRST_VIEW = Object.freeze({
  state: "", verdict: "", rating: 0, tag: "", text: "", sort: "newest", group: false,
});

/** All tasks of the desk. */
export class Store {
  /** @param {{clock?: () => number}} [parts] */
  constructor({ clock = Date.now } = {}) {}

  /** Begin anew; the view stays. @param {object} message `start` */
  start(message) {}
  /** Take rows. @param {object} message `rows` @param {Array<DataView|ArrayBuffer|Uint8Array>} buffers */
  take(message, buffers) {}
  /** Take verdict lines, from wherever; one that is known already is passed over. @param {Line[]} lines
   * @param {{baseline?: boolean}} [options] baseline: of the ledger, at the start: the order is made again */
  lines(lines, options) {}
  /** Forget lines (refused ones, drafts that were replaced). @param {string[]} uuids */
  drop(uuids) {}
  /** @returns {number} milliseconds, by the kernel's clock where the two differ by minutes */
  now() { return 0; }
  /** @returns {number} */
  get size() { return 0; }
  /** @param {string} id @returns {number} the row's number, or -1 */
  index(id) { return -1; }
  /** @param {number} i @returns {{task_id: string, state: string, prompt: ?string, reason: ?string, error_message: ?string,
   *   error_code: ?number, source: ?string, result: ?string, thumbnail: ?string, labels: ?object, created: ?number,
   *   completed: ?number, expires: ?number, fetched: ?number, asked: ?number}} */
  row(i) { return {}; }
  /** @param {string} id the task's @returns {import("./fold.js").Verdict} */
  verdict(id) { return null; }
  /** @param {number} i @returns {boolean} whether it has any rating, pick, tag or note */
  isReviewed(i) { return false; }
  /** @returns {object} see the desk's page: reviewed + to_review = reviewable, all three of succeeded tasks */
  counts() { return {}; }
  /** @returns {Array<[string, number]>} the tags in use, the most used first */
  tags() { return []; }
  /** The view in force; change it by `arrange`. */
  get view() { return FIRST_VIEW; }
  /** Sort and filter anew. @param {object} [view] what changes in the view */
  arrange(view) {}
  /** @returns {Uint32Array} the numbers of the rows that are shown, in order */
  get order() { return new Uint32Array(0); }
  /** @param {number} i a row's number @returns {number} its place in the order, or -1 */
  place(i) { return -1; }
  /** The next place after `place` (and round) whose task is succeeded and not reviewed. @param {number} place @returns {number} or -1 */
  nextToReview(place) { return -1; }
  /**
   * @param {(what: "rows"|"verdicts"|"order", which: object) => void} listener which: {rows: number[]} of changed and new rows
   *   for "rows", {ids: string[]} for "verdicts", {} for "order"
   * @returns {() => void} off
   */
  on(listener) { return () => {}; }
}
