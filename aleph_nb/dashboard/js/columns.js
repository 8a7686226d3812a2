/** The rows in columns, as they come in buffers. */

import { STATES } from "./words.js";

const TEXT_COLUMNS = ["task_id", "prompt", "reason", "error_message", "source", "result", "thumbnail", "labels"];
const TIME_COLUMNS = ["created", "completed", "expires", "fetched", "asked"];
const FIRST_CAPACITY = 1024;
const MOST_ROWS_CACHED = 2_000;
const columnText = new TextDecoder();

/** @param {DataView|ArrayBuffer|Uint8Array} buffer @returns {Uint8Array} its bytes, not copied */
export function bytesOf(buffer) {
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** All that is known of the tasks, but for their verdicts. */
export class Columns {
  /** @type {number} how many rows there are */
  size = 0;
  /** @type {Object<string, Array>} texts (and labels) by column; null where there is none */
  texts = Object.fromEntries(TEXT_COLUMNS.map((name) => [name, []]));
  /** @type {Object<string, Float64Array>} times by column; NaN where there is none */
  times = Object.fromEntries(TIME_COLUMNS.map((name) => [name, new Float64Array(FIRST_CAPACITY)]));
  /** @type {Uint8Array} numbers of STATES */
  state = new Uint8Array(FIRST_CAPACITY);
  /** @type {Int32Array} -1 where there is none */
  errorCode = new Int32Array(FIRST_CAPACITY);
  #index = new Map();
  #rows = new Map();

  /** @param {string} id @returns {number} the row's number, or -1 */
  index(id) {
    return this.#index.get(id) ?? -1;
  }

  /** @param {{names: string[]}} message @param {Array} buffers @returns {boolean} whether it tells of known rows alone */
  hasAll({ names }, buffers) {
    const at = names.indexOf("task_id");
    return at >= 0 && readBytes("task_id", bytesOf(buffers[at])).every((id) => this.#index.has(id));
  }

  /**
   * Take a message's rows, the known ones in their places.
   * @param {{names: string[], count: number}} message @param {Array} buffers
   * @returns {{rows: number[], first: number}} the rows that it speaks of, and the first that is new
   * @throws {Error} where a buffer does not hold what the message says; then nothing is taken
   */
  take({ names, count }, buffers) {
    const columns = Object.fromEntries(names.map((name, n) => [name, readColumn(name, buffers[n], count)]));
    if (count > 0 && !columns.task_id) throw new Error("The rows came without their ids");
    const first = this.size;
    const rows = [];
    for (let k = 0; k < count; k += 1) {
      const id = columns.task_id[k];
      let row = this.#index.get(id);
      if (row === undefined) {
        row = this.#append(id);
      } else {
        this.#rows.delete(row);
      }
      rows.push(row);
    }
    for (const name of names) fillColumn(this.#column(name), columns[name], rows);
    return { rows, first };
  }

  /** @param {number} i @returns {object} the row, its state as a word, null for what is missing */
  row(i) {
    let row = this.#rows.get(i);
    if (row) return row;
    row = { state: STATES[this.state[i]] ?? "unknown", error_code: this.errorCode[i] < 0 ? null : this.errorCode[i] };
    for (const name of TEXT_COLUMNS) row[name] = this.texts[name][i];
    for (const name of TIME_COLUMNS) row[name] = Number.isNaN(this.times[name][i]) ? null : this.times[name][i];
    if (this.#rows.size >= MOST_ROWS_CACHED) this.#rows.clear();
    this.#rows.set(i, Object.freeze(row));
    return row;
  }

  #column(name) {
    if (name === "state") return this.state;
    if (name === "error_code") return this.errorCode;
    return this.texts[name] ?? this.times[name] ?? [];
  }

  #append(id) {
    const row = this.size;
    this.size += 1;
    this.#index.set(id, row);
    if (row >= this.state.length) this.#grow();
    for (const name of TEXT_COLUMNS) this.texts[name].push(null);
    for (const name of TIME_COLUMNS) this.times[name][row] = NaN;
    this.state[row] = STATES.indexOf("no_answer");
    this.errorCode[row] = -1;
    return row;
  }

  #grow() {
    const capacity = this.state.length * 2;
    for (const name of TIME_COLUMNS) this.times[name] = enlarged(this.times[name], capacity);
    this.state = enlarged(this.state, capacity);
    this.errorCode = enlarged(this.errorCode, capacity);
  }
}

/** @param {TypedArray} array @param {number} capacity @returns {TypedArray} the same with room for more */
export function enlarged(array, capacity) {
  const larger = new array.constructor(capacity);
  larger.set(array);
  return larger;
}

function readColumn(name, buffer, count) {
  const bytes = bytesOf(buffer);
  const column = readBytes(name, bytes);
  if (column.length !== count) throw new Error(`The column ${name} has ${column.length} values instead of ${count}`);
  return column;
}

function readBytes(name, bytes) {
  if (name === "state") return bytes;
  if (name === "error_code") return aligned(Int32Array, bytes);
  if (TIME_COLUMNS.includes(name)) return aligned(Float64Array, bytes);
  return JSON.parse(columnText.decode(bytes));
}

/** Numbers can only be read where they stand at a multiple of their size; else they are copied. */
function aligned(Numbers, bytes) {
  const { byteOffset, byteLength } = bytes;
  const length = Math.floor(byteLength / Numbers.BYTES_PER_ELEMENT);
  return byteOffset % Numbers.BYTES_PER_ELEMENT === 0
    ? new Numbers(bytes.buffer, byteOffset, length)
    : new Numbers(bytes.slice().buffer, 0, length);
}

function fillColumn(column, values, rows) {
  for (let k = 0; k < rows.length; k += 1) column[rows[k]] = values[k];
}
