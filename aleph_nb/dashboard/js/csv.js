/** Rows of a table, read as Python's `csv` reads them. */

const LARGEST_FIELD = 131_072;

/**
 * @param {string} text @param {string} delimiter
 * @returns {string[][]} without the rows of blank lines
 * @throws {Error} where a field is larger than Python reads
 */
export function readRows(text, delimiter) {
  const rows = [];
  let [at, row] = [0, []];
  while (at < text.length) {
    const [cell, end] = readField(text, at, delimiter);
    if (cell.length > LARGEST_FIELD) throw new Error(`field larger than field limit (${LARGEST_FIELD})`);
    row.push(cell);
    at = end + 1;
    if (text[end] === delimiter && end + 1 < text.length) continue;
    if (text[end] === delimiter) row.push("");
    if (text[end] === "\r" && text[at] === "\n") at += 1;
    const isBlank = row.length === 1 && cell === "" && (end === 0 || text[end - 1] !== '"');
    if (!isBlank) rows.push(row);
    row = [];
  }
  return rows;
}

/** One field from a place on, and where what ends it stands. */
function readField(text, start, delimiter) {
  let [at, cell] = [start, ""];
  if (text[at] === '"') {
    for (at += 1; at < text.length; at += 1) {
      const quote = text.indexOf('"', at);
      cell += text.slice(at, quote < 0 ? text.length : quote);
      at = quote < 0 ? text.length : quote + 1;
      if (text[at] !== '"') break; // two of them are one
      cell += '"';
    }
  }
  const end = fieldEnd(text, at, delimiter);
  return [cell + text.slice(at, end), end];
}

function fieldEnd(text, start, delimiter) {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === delimiter || text[at] === "\n" || text[at] === "\r") return at;
  }
  return text.length;
}
