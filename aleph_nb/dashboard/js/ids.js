/** Task ids and labels out of a text or a file, by the rules of the Python rooms `ids` and `tables`. */

import { Asked } from "./asked.js";
import { readRows } from "./csv.js";
import { Digits, readLiteral } from "./literal.js";
import { BLANK_CLASS, cleanText, foldName, stripBlanks, stripWhere } from "./text.js";

const ID_COLUMN = "taskid"; // `task_id`, `taskId`, `Task ID`: case, space, `_` and `-` aside
const DELIMITERS = [",", ";", "\t", "|"];
const ID_QUOTES = "\"'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u200b\u200c\u200d\u2060\ufeff";
const SERVICE_ID = /^(?=.*[0-9])[0-9A-Fa-f-]{16,}$/;
const BLANK_LINES = new RegExp(`^[${BLANK_CLASS}\\ufeff]*[\\r\\n\\ufeff]`);
const ID_SEPARATORS = new RegExp(`[${BLANK_CLASS},;]+`);
const ID_COMMENT = new RegExp(`(^|[${BLANK_CLASS},;])#[^\\n]*`, "g");
const PREAMBLE = /^(?:[ \t]*(?:#[^\n]*|"?sep=[^\n]"?[ \t]*)?\n)+/; // comments, and what Excel writes
const DEEPEST_ID = 100;
const SPREADSHEETS = /\.(?:xlsx|xls|xlsm|ods|numbers)$/i;
const SPREADSHEET_STARTS = ["504b0304", "d0cf11e0"];
// Windows-1252 from 0x80 on; some decoders of that name leave control characters there, as Latin-1 has them.
const WINDOWS_1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ";

/**
 * Read the ids of pasted text: a table with a header, JSON, or words.
 * @param {string} text
 * @returns {{ids: string[], labels: Object<string, Object<string, string>>, notes: string[]}} `labels` has an entry
 *   for each id that has any
 * @throws {Error} with a message for the reviewer, where it looks like a table or JSON and cannot be read
 */
export function readIdText(text) {
  const asked = new Asked();
  if (stripBlanks(text) === "") asked.add("");
  else if (!readStructured(text, asked)) readIdWords(text, asked);
  return asked.result();
}

/**
 * Read the ids of a file.
 * @param {string} name
 * @param {Uint8Array|ArrayBuffer} content
 * @returns {{ids: string[], labels: Object<string, Object<string, string>>, notes: string[]}}
 * @throws {Error} with a message for the reviewer
 */
export function readIdFile(name, content) {
  const bytes = content instanceof ArrayBuffer ? new Uint8Array(content) : content;
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (SPREADSHEETS.test(name) || SPREADSHEET_STARTS.includes(start)) {
    throw new Error(`The file ${name} is a spreadsheet. Save it as CSV (UTF-8) and name that file.`);
  }
  const asked = new Asked();
  const text = withoutBlankLines(decodedFile(bytes, name, asked));
  if (readStructured(text, asked, name)) return asked.result();
  if (/\.jsonl?$/i.test(name)) throw new Error(`The file ${name} holds no JSON with a taskId in it.`);
  const header = text.split("\n", 1)[0];
  if (/\.[ct]sv$/i.test(name) && DELIMITERS.some((mark) => header.includes(mark))) readIdTable(text, asked);
  else readIdWords(text, asked);
  return asked.result();
}

function decodedFile(bytes, name, asked) {
  const mark = bytes[0] * 256 + bytes[1];
  const encoding = { 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[mark] ?? "utf-8";
  let text;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const decoded = new TextDecoder("windows-1252").decode(bytes);
    text = decoded.replace(/[\u0080-\u009f]/g, (mark) => WINDOWS_1252[mark.charCodeAt(0) - 0x80]);
    asked.tell(`The file ${name} is not UTF-8; it was read as Windows-1252, so check accented letters.`);
  }
  if (text.includes("\0")) throw new Error(`The file ${name} is not a text file. Give text, CSV or JSON.`);
  return text;
}

function readIdWords(text, asked) {
  const bare = text.replace(/\r\n?/g, "\n").replace(ID_COMMENT, "$1");
  for (const token of bare.split(ID_SEPARATORS)) {
    const id = strippedId(token);
    if (/[\p{L}\p{N}]/u.test(id)) asked.add(id);
  }
}

function readStructured(given, asked, file = "") {
  let text = withoutBlankLines(given.replace(/\r\n?/g, "\n"));
  const bare = stripBlanks(text);
  if (bare.startsWith("{") || bare.startsWith("[")) {
    const isFound = readTree(literalOf(bare), asked);
    if (isFound || !text.includes("{")) return isFound;
    const where = file ? ` in the file ${file}` : "";
    throw new Error(`What looks like JSON${where} holds no taskId that can be read. Check it.`);
  }
  text = text.replace(PREAMBLE, "");
  if (idColumn(headerNames(text, delimiterOf(text))) < 0) return false;
  readIdTable(text, asked);
  return true;
}

/** What JSON, a JSON value a line, or a value printed by Python says; null if it is neither. */
function literalOf(text) {
  const tree = readLiteral(text) ?? null;
  if (tree !== null) return tree;
  const lines = text.split("\n").filter((line) => stripBlanks(line)).map((line) => readLiteral(line) ?? null);
  return lines.includes(null) ? readLiteral(text, { python: true }) ?? null : lines;
}

/** Take every `taskId` of a JSON value; where it is a list, its texts as well. */
function readTree(tree, asked) {
  let isFound = false;
  for (const value of Array.isArray(tree) ? tree : [tree]) {
    for (const id of typeof value === "string" ? [value] : idsWithin(value)) {
      asked.add(strippedId(id));
      isFound = true;
    }
  }
  return isFound;
}

function* idsWithin(tree, depth = 0) {
  if (depth > DEEPEST_ID) return;
  if (tree instanceof Map) {
    const own = [...tree].find(([name, value]) => foldName(name) === ID_COLUMN && isCell(value));
    if (own) yield cellText(own[1]); // what lies deeper in a record is the same task
    else for (const value of tree.values()) yield* idsWithin(value, depth + 1);
  } else if (Array.isArray(tree)) {
    for (const value of tree) yield* idsWithin(value, depth + 1);
  }
}

function isCell(value) {
  return typeof value === "string" || typeof value === "boolean" || value instanceof Digits;
}

function cellText(value) {
  if (typeof value === "boolean") return value ? "True" : "False";
  return value instanceof Digits ? value.text : cleanText(value);
}

function readIdTable(given, asked) {
  const text = withoutBlankLines(given);
  const [header, ...body] = tableRows(text);
  const names = header.map(cleanText);
  const place = idColumn(names);
  if (place < 0) refuseTable(names);
  for (const row of body) addRow(names, place, row.map(cleanText), asked);
}

function tableRows(text) {
  let why = "";
  try {
    return readRows(text, delimiterOf(text));
  } catch (error) {
    why = error.message;
  }
  throw new Error(`The table of ids cannot be read: ${why}. Save it as CSV (UTF-8) once more.`);
}

function refuseTable(names) {
  if (names.some((name) => SERVICE_ID.test(name))) {
    throw new Error("The table has no header. Set one above it, with task_id over the ids.");
  }
  throw new Error(
    `No column of the table is called task_id. Its columns are: ${Asked.listed(names)}. ` +
      "Rename the one that holds the ids to task_id.",
  );
}

function addRow(names, place, cells, asked) {
  const id = cells[place] ?? "";
  if (id.startsWith("#") || (id === "" && (cells[0] ?? "").startsWith("#"))) return; // a comment
  const labels = names
    .map((name, at) => [stripBlanks(name), cells[at]])
    .filter(([name, value], at) => at !== place && name && value);
  asked.add(strippedId(id), labels);
}

/** The delimiter that makes the first line a header with ids, else the most frequent one. */
function delimiterOf(text) {
  const header = text.split("\n", 1)[0];
  const count = (mark) => header.split(mark).length;
  const fitting = DELIMITERS.find((mark) => idColumn(headerNames(text, mark)) >= 0);
  return fitting ?? DELIMITERS.reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function headerNames(text, delimiter) {
  return text.split("\n", 1)[0].split(delimiter).map((name) => stripWhere(name, (mark) => '" \r'.includes(mark)));
}

function idColumn(names) {
  return names.findIndex((name) => foldName(name) === ID_COLUMN);
}

/** An id without the quotes and brackets around it, and without control characters. */
function strippedId(text) {
  let [bare, before] = [cleanText(text), ""];
  while (bare !== before) {
    before = bare;
    bare = stripWhere(stripBlanks(bare), (mark) => ID_QUOTES.includes(mark)).replace(/^[[(]+/, "");
    for (const [opening, closing] of ["[]", "()"]) {
      if (bare.endsWith(closing) && bare.split(opening).length < bare.split(closing).length) bare = bare.slice(0, -1);
    }
  }
  return bare;
}

/** A text without what is blank around it; a tab before a header's first name stays. */
function withoutBlankLines(text) {
  const rest = text.replace(BLANK_LINES, "").replace(/^ +/, "");
  return stripBlanks(`.${rest}`).slice(1);
}
