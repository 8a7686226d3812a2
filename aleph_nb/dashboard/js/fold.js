/** The fold of verdict lines: what they amount to, as the Python room `review` folds them. */

/**
 * @typedef {{uuid: string, task_id: string, at: number, field: string, value: *, reviewer?: string}} Line
 * @typedef {{rating: number, pick: ?string, tags: string[], notes: Array<{id: string, time: ?number,
 *   text: string}>, at: ?number, lines: Line[]}} Verdict  `lines` are those that stand, in order
 */

/** The verdict of a task that nobody has judged. */
export const NO_VERDICT = Object.freeze({
  rating: 0, pick: null, tags: Object.freeze([]), notes: Object.freeze([]), at: null, lines: Object.freeze([]),
});

/**
 * Fold the lines of one task and one reviewer, handed over in the order of their arrival.
 * @param {Line[]} lines
 * @returns {Verdict}
 */
export function foldLines(lines) {
  return NO_VERDICT;
}

/** @param {Verdict} verdict @returns {boolean} whether there is any rating, pick, tag or note */
export function hasVerdict(verdict) {
  return verdict.rating > 0 || verdict.pick !== null || verdict.tags.length > 0 || verdict.notes.length > 0;
}
