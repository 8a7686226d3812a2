/** What is compared: a task's result with its source, or with another take of that source. */

import { faceOf, isGone, shortId, stateWord, whyNoResult } from "./say.js";

const MOST_OFFSETS = 500;

/** Makes the player's pairs out of the desk's rows. */
export class Comparison {
  #other = ""; // the id of the take that stands in the source's place
  #offsets = new Map(); // by a pair's key, in seconds, the one nudged last at the end
  #memo = { key: "", takes: [] };
  #store;

  /** @param {Object} store */
  constructor(store) {
    this.#store = store;
  }

  /** The pair of a row: {key, offset, sides}; null for no row. */
  pair(row) {
    if (!row) return null;
    const takes = this.takes(row);
    const other = takes.find((take) => take.task_id === this.#other && take.task_id !== row.task_id);
    const left = other ? this.#take(other, takes) : { name: "Source", url: row.source };
    const key = other ? `${other.task_id}|${row.task_id}` : row.task_id;
    return { key, offset: this.#offset(key), sides: [left, this.#result(row, other ? this.#called(row, takes) : "Result")] };
  }

  /** Two takes are shifted against each other alike, whichever of them stands left. */
  #offset(key) {
    const turned = key.split("|").reverse().join("|");
    return this.#offsets.get(key) ?? (turned === key ? 0 : -(this.#offsets.get(turned) ?? 0) || 0);
  }

  #take(row, takes) {
    return { name: this.#called(row, takes), about: row.prompt, url: row.result, poster: row.thumbnail };
  }

  #called(row, takes) {
    return `Take ${takes.findIndex((take) => take.task_id === row.task_id) + 1}`;
  }

  #result(row, name) {
    const now = this.#store.now();
    const why = whyNoResult(row, now);
    const title = why || row.state !== "succeeded" ? faceOf(row, now)?.title ?? stateWord(row) : "";
    const isThere = row.state === "succeeded" && !isGone(row, now);
    return { name, about: row.prompt, url: row.result, title, why, poster: isThere ? row.thumbnail : null };
  }

  /** The takes of a row's source that can be looked at, the oldest first. */
  takes(row) {
    const store = this.#store;
    const key = `${row.source} ${store.size} ${Math.floor(store.now() / 60_000)}`;
    if (key !== this.#memo.key) this.#memo = { key, takes: store.takes(row.source).map((i) => store.row(i)) };
    return this.#memo.takes;
  }

  /** The rows are others than they were. */
  forget() {
    this.#memo = { key: "", takes: [] };
  }

  /** Whether there is another take to compare a row with. */
  hasTakes(row) {
    return Boolean(row) && this.takes(row).some((take) => take.task_id !== row.task_id);
  }

  /** Compare with the next take, and after the last one with the source again; tells what with. */
  nextTake(row) {
    const takes = row ? this.takes(row).filter((take) => take.task_id !== row.task_id) : [];
    if (!takes.length) return "There is no other take of this source";
    const next = takes[takes.findIndex((take) => take.task_id === this.#other) + 1];
    this.#other = next?.task_id ?? "";
    return next ? `Compared with ${this.#called(next, this.takes(row))}: ${next.prompt || shortId(next.task_id)}` : "Compared with the source";
  }

  /** Remember by how many seconds a pair is shifted. */
  shift(key, offset) {
    this.#offsets.delete(key);
    this.#offsets.delete(key.split("|").reverse().join("|"));
    if (offset) this.#offsets.set(key, offset);
    if (this.#offsets.size > MOST_OFFSETS) this.#offsets.delete(this.#offsets.keys().next().value);
  }

  /** What is kept when a desk is opened again. */
  get offsets() {
    return [...this.#offsets];
  }

  set offsets(left) {
    const isOffset = (each) => Array.isArray(each) && typeof each[0] === "string" && Number.isFinite(each[1]);
    this.#offsets = new Map((Array.isArray(left) ? left : []).filter(isOffset).slice(-MOST_OFFSETS));
  }
}
