/** The fold of verdict lines: what they amount to, as the Python room `review` folds them. */

import { BLANKS, cleanText, stripBlanks } from "./text.js";

/**
 * @typedef {{uuid: string, task_id: string, at: number, field: string, value: *, reviewer?: string}} Line
 * @typedef {{rating: number, pick: ?string, tags: string[], notes: Array<{id: string, time: ?number,
 *   text: string}>, at: ?number, lines: Line[]}} Verdict  `lines` are those that stand, in order
 */

/** The verdict of a task that nobody has judged. */
export const NO_VERDICT = Object.freeze({
  rating: 0, pick: null, tags: Object.freeze([]), notes: Object.freeze([]), at: null, lines: Object.freeze([]),
});

const PLAIN_TAG = /^[\x21-\x7e]+$/;

/**
 * Fold the lines of one task and one reviewer, handed over in the order of their arrival.
 *
 * They count in the order of `at`, ties as they arrived. A uuid counts once; what cannot be read does not
 * count. Notes stand in the order in which they were begun, tags in that of the alphabet.
 * @param {Line[]} lines
 * @returns {Verdict}
 */
export function foldLines(lines) {
  const known = new Set();
  return foldUsable(lines.filter((line) => isLine(line) && !known.has(line.uuid) && known.add(line.uuid)));
}

/** Fold lines that can be read, each uuid once. @param {Line[]} lines @returns {Verdict} */
export function foldUsable(lines) {
  const standing = standingLines(lines);
  if (standing.length === 0) return NO_VERDICT;
  let [rating, pick] = [0, null];
  const [tags, notes] = [new Set(), new Map()];
  for (const { field, value } of standing) {
    if (field === "rating") rating = value;
    else if (field === "pick") pick = value;
    else if (field === "tag") tags.add(tidyTag(value));
    else if (field === "untag") tags.delete(tidyTag(value));
    else putNote(notes, value);
  }
  return {
    rating, pick, tags: [...tags].sort(), notes: [...notes.values()], at: standing.at(-1).at, lines: standing,
  };
}

/** @param {Verdict} verdict @returns {boolean} whether there is any rating, pick, tag or note */
export function hasVerdict(verdict) {
  return verdict.rating > 0 || verdict.pick !== null || verdict.tags.length > 0 || verdict.notes.length > 0;
}

/** @param {*} line @returns {boolean} whether it can count */
export function isLine(line) {
  if (typeof line !== "object" || line === null || !Number.isFinite(line.at)) return false;
  if (!isText(line.uuid) || !isText(line.task_id)) return false;
  const { field, value } = line;
  if (field === "rating") return Number.isInteger(value) && value >= 0 && value <= 5;
  if (field === "pick") return value === null || value === "pick" || value === "reject";
  if (field === "tag" || field === "untag") return typeof value === "string" && tidyTag(value) !== "";
  if (field === "undo") return isText(value) && value !== line.uuid;
  return field === "note" && typeof value === "object" && value !== null && isText(value.id) &&
    typeof value.text === "string";
}

/** @param {string} tag @returns {string} as the ledger keeps it: blanks as one, accents in one spelling */
export function tidyTag(tag) {
  return PLAIN_TAG.test(tag) ? tag : stripBlanks(tag).replace(BLANKS, " ").normalize("NFC");
}

function putNote(notes, { id, time, text }) {
  const kept = cleanText(text);
  if (kept === "") notes.delete(id);
  else notes.set(id, { id, time: time ?? null, text: kept });
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

/** The lines that were not taken back, those that take back aside, in order. */
function standingLines(lines) {
  const isInOrder = lines.every((line, i) => i === 0 || line.at >= lines[i - 1].at);
  const ordered = isInOrder ? lines.slice() : lines.slice().sort((a, b) => a.at - b.at);
  const undos = ordered.filter((line) => line.field === "undo");
  if (undos.length === 0) return ordered;
  const taken = takenBack(undos);
  return ordered.filter((line) => line.field !== "undo" && !taken.has(line.uuid));
}

/**
 * The uuids that stand no more. Clocks differ, so an undo counts wherever it stands, unless it is taken back
 * itself: those that nobody names are decided first, then those that they name. A circle takes nothing back.
 */
function takenBack(undos) {
  const byUuid = new Map(undos.map((line) => [line.uuid, line]));
  const namedBy = new Map();
  for (const { value } of undos) namedBy.set(value, (namedBy.get(value) ?? 0) + 1);
  const taken = new Set();
  const decided = undos.filter((line) => !namedBy.has(line.uuid));
  while (decided.length > 0) {
    const line = decided.pop();
    if (!taken.has(line.uuid)) taken.add(line.value);
    namedBy.set(line.value, namedBy.get(line.value) - 1);
    if (namedBy.get(line.value) === 0 && byUuid.has(line.value)) decided.push(byUuid.get(line.value));
  }
  return taken;
}
