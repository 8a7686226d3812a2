/** Verdicts as they are given: their lines, and what one Ctrl+Z takes back. */

/** @returns {string} a random uuid; `crypto.randomUUID` is missing on plain http */
export function newUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Makes lines and hands them to the store, which shows them, and to the outbox, which keeps them. */
export class Judge {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {() => number} [parts.now] milliseconds; the store's clock
   * @param {string} [parts.reviewer] set it from the message `start`
   */
  constructor({ store, outbox, now = () => store.now(), reviewer = "" }) {}

  /** @param {string[]} ids @param {number} stars 0 takes the rating away @returns {Line[]} */
  rate(ids, stars) { return []; }
  /** @param {string[]} ids @param {?("pick"|"reject")} choice null for neither @returns {Line[]} */
  pick(ids, choice) { return []; }
  /** @param {string[]} ids @param {string} tag @returns {Line[]} those that have it already get no line */
  tag(ids, tag) { return []; }
  /** @param {string[]} ids @param {string} tag @returns {Line[]} */
  untag(ids, tag) { return []; }
  /**
   * A note, at every input; all inputs of one note in a row are one step of undo.
   * @param {string} id the task's
   * @param {{id?: string, time: ?number, text: string}} note without an id it is a new note
   * @returns {{id: string, time: ?number, text: string}} the note with its id, for the next input
   */
  note(id, note) { return note; }
  /** The note is written: send it now; the next input is a step of its own. */
  endNote() {}
  /** Take the last group back. @returns {{ids: string[], what: string}|null} what was undone; null for nothing */
  undo() { return null; }
  /** @returns {boolean} whether there is anything to undo */
  get canUndo() { return false; }
  /** Lines that the ledger will never take, by their uuid: they are no step of undo. */
  forget(uuids) {}
}
