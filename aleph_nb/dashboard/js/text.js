/** Texts from outside, read as the Python room `values` reads them, so that both sides say the same. */

const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // Python's
const ONE_BLANK = new RegExp(`[${BLANK}]`);
// C0 but for tab and newline, DEL, C1, and what turns or isolates the direction of the text behind it.
const TEXT_CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const HALF_PAIRS = /\p{Surrogate}/gu;

/** Runs of what Python takes for white space. */
export const BLANKS = new RegExp(`[${BLANK}]+`, "g");

/** What Python takes for white space, for a class of a pattern. */
export const BLANK_CLASS = BLANK;

/** @param {string} text @returns {string} without the blanks around it */
export function stripBlanks(text) {
  return stripWhere(text, (mark) => ONE_BLANK.test(mark));
}

/**
 * Strip both ends, in time that grows with the text alone; a pattern for the end tries at every run within.
 * @param {string} text @param {(mark: string) => boolean} isStripped
 * @returns {string}
 */
export function stripWhere(text, isStripped) {
  let [start, end] = [0, text.length];
  while (start < end && isStripped(text[start])) start += 1;
  while (end > start && isStripped(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** @param {string} text @returns {string} without control characters but line breaks and tabs, nor outer blanks */
export function cleanText(text) {
  const whole = text.replace(HALF_PAIRS, "\ufffd").replace(/\r\n?/g, "\n");
  return stripBlanks(whole.replace(TEXT_CONTROLS, ""));
}

/** @param {string} name @returns {string} without its case, spaces and punctuation, for comparing */
export function foldName(name) {
  return name.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
}
