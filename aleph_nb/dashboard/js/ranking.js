/** Which rows are shown, and in which order. */

import { SOON, STATES } from "./words.js";

const SUCCEEDED = STATES.indexOf("succeeded");
const KEY_OF_NONE = 1e15; // behind all times
const KEY_OF_EXPIRED = 1e14;

/** Numbers of what was picked, as the column of picks holds them. */
export const PICKS = { pick: 1, reject: 2 };

/**
 * The tests behind the chips, each for a row's number.
 * @param {{columns: Columns, rating: Uint8Array, pick: Uint8Array, reviewed: Uint8Array}} facts
 * @param {number} now
 * @returns {Object<string, (i: number) => boolean>}
 */
export function chipTests({ columns, pick, reviewed }, now) {
  const { state, times: { expires } } = columns;
  return {
    ...Object.fromEntries(STATES.map((name, number) => [name, (i) => state[i] === number])),
    dies_soon: (i) => expires[i] > now && expires[i] - now < SOON && state[i] === SUCCEEDED,
    expired: (i) => expires[i] <= now && state[i] === SUCCEEDED,
    to_review: (i) => state[i] === SUCCEEDED && reviewed[i] === 0,
    reviewed: (i) => state[i] === SUCCEEDED && reviewed[i] === 1,
    reviewable: (i) => state[i] === SUCCEEDED,
    pick: (i) => pick[i] === PICKS.pick,
    reject: (i) => pick[i] === PICKS.reject,
  };
}

/**
 * Count what the chips tell, in one pass.
 * @param {object} facts as for `chipTests` @param {number} now
 * @returns {object} a number by chip; `rated` has one for each "at least"; reviewed + to_review = reviewable
 */
export function countRows({ columns, rating, pick, reviewed }, now) {
  const { size, state, times: { expires } } = columns;
  const states = STATES.map(() => 0);
  const [picks, rated] = [[0, 0, 0], [0, 0, 0, 0, 0, 0]];
  let [soon, expired, judged] = [0, 0, 0];
  for (let i = 0; i < size; i += 1) {
    states[state[i]] += 1;
    picks[pick[i]] += 1;
    rated[rating[i]] += 1;
    if (state[i] !== SUCCEEDED) continue;
    judged += reviewed[i];
    if (expires[i] <= now) expired += 1;
    else if (expires[i] - now < SOON) soon += 1;
  }
  for (let stars = 4; stars > 0; stars -= 1) rated[stars] += rated[stars + 1];
  const reviewable = states[SUCCEEDED];
  return {
    all: size, ...Object.fromEntries(STATES.map((name, number) => [name, states[number]])),
    dies_soon: soon, expired, to_review: reviewable - judged, reviewed: judged, reviewable,
    pick: picks[PICKS.pick], reject: picks[PICKS.reject], rated: rated.slice(1),
  };
}

/**
 * @param {object} view @param {object} facts as for `chipTests`, and `tags(i)` and `hay(i)`, its text in small letters
 * @param {number} now
 * @returns {(i: number) => boolean} whether a row is shown
 */
export function viewTest(view, facts, now) {
  const tests = chipTests(facts, now);
  const wanted = [tests[view.state], tests[view.verdict]].filter(Boolean);
  if (view.rating > 0) wanted.push((i) => facts.rating[i] >= view.rating);
  if (view.tag) wanted.push((i) => facts.tags(i).includes(view.tag));
  const ids = facts.columns.texts.task_id;
  for (const word of view.text.toLowerCase().split(/\s+/).filter(Boolean)) {
    const mayBeId = word.length >= 4;
    wanted.push((i) => facts.hay(i).includes(word) || (mayBeId && ids[i].toLowerCase().startsWith(word)));
  }
  return (i) => {
    for (const test of wanted) if (!test(i)) return false;
    return true;
  };
}

/**
 * @param {string} sort @param {object} facts as for `chipTests`, and `rank`, the place in "newest first"
 * @param {number} now
 * @returns {(i: number) => number} a row's key; the smallest comes first
 */
export function sortKeys(sort, { columns, rating, rank }, now) {
  const { created, completed, expires } = columns.times;
  if (sort === "rating") return (i) => 5 - rating[i];
  if (sort === "longest") {
    return (i) => (completed[i] >= created[i] ? created[i] - completed[i] : KEY_OF_NONE);
  }
  if (sort === "dies") {
    return (i) => {
      if (!(expires[i] >= 0)) return KEY_OF_NONE;
      return expires[i] > now ? expires[i] : KEY_OF_EXPIRED - expires[i];
    };
  }
  return (i) => rank[i];
}

/**
 * Sort rows by their keys, ties newest first.
 * @param {Uint32Array} rows sorted in place @param {Float64Array} keys @param {Float64Array} rank
 * @returns {Uint32Array}
 */
export function sortRows(rows, keys, rank) {
  const compare = (a, b) => keys[a] - keys[b] || rank[a] - rank[b];
  for (let n = 1; n < rows.length; n += 1) if (compare(rows[n - 1], rows[n]) > 0) return rows.sort(compare);
  return rows;
}

/**
 * Put sorted rows among sorted rows.
 * @param {Uint32Array} old @param {Uint32Array} added @param {Float64Array} keys @param {Float64Array} rank
 * @returns {Uint32Array}
 */
export function mergeRows(old, added, keys, rank) {
  const all = new Uint32Array(old.length + added.length);
  let [o, a] = [0, 0];
  for (let n = 0; n < all.length; n += 1) {
    const [x, y] = [old[o], added[a]];
    const isOld = a >= added.length || (o < old.length && (keys[x] - keys[y] || rank[x] - rank[y]) <= 0);
    all[n] = isOld ? x : y;
    if (isOld) o += 1;
    else a += 1;
  }
  return all;
}

/**
 * Put takes of one source side by side, each group where its first one stands.
 * @param {Uint32Array} rows @param {Array<?string>} sources
 * @returns {Uint32Array}
 */
export function groupRows(rows, sources) {
  const groups = new Map();
  for (const i of rows) {
    const group = groups.get(sources[i] ?? i); // what has no source is a group of its own
    if (group) group.push(i);
    else groups.set(sources[i] ?? i, [i]);
  }
  const all = new Uint32Array(rows.length);
  let n = 0;
  for (const group of groups.values()) for (const i of group) all[n++] = i;
  return all;
}

/**
 * The takes of a source, the oldest first: what succeeded, and is not deleted yet.
 * @param {{size: number, texts: object, times: object, state: Uint8Array}} columns
 * @param {?string} source @param {number} now
 * @returns {number[]} row numbers
 */
export function takesOfSource({ size, texts, times, state }, source, now) {
  const takes = [];
  if (!source) return takes;
  const succeeded = STATES.indexOf("succeeded");
  for (let i = 0; i < size; i += 1) {
    if (texts.source[i] === source && state[i] === succeeded && texts.result[i] && !(times.expires[i] <= now)) takes.push(i);
  }
  return takes.sort((a, b) => times.created[a] - times.created[b] || a - b);
}
