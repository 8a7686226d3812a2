/** What was given and is not in the ledger yet: kept in the browser, handed over until it is taken. */

/** @returns {?Storage} localStorage where there is one that may be touched; else null */
export function openStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/** Lines on their way to the ledger. No method throws, whatever the storage and the kernel do. */
export class Outbox {
  /**
   * @param {object} parts
   * @param {?Storage} parts.storage null where there is none
   * @param {string} parts.ledger its uuid
   * @param {string} parts.service
   * @param {(lines: Line[]) => void} parts.send hands lines to the kernel, at most 500 at once; may throw
   * @param {() => number} [parts.now]
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule] a timer; returns its cancel
   */
  constructor({ storage, ledger, service, send, now, schedule }) {}

  /** Keep lines and send them. @param {Line[]} lines */
  give(lines) {}
  /**
   * Keep a note that is being typed; it is sent 400 ms after the last input.
   * @param {Line} line
   * @returns {?string} the uuid of the unsent draft that it replaces
   */
  draft(line) { return null; }
  /** Send drafts now (a note is left, the page goes). */
  flush() {}
  /** These are in the ledger. @param {string[]} uuids */
  kept(uuids) {}
  /** These will never be taken. @param {Array<{uuid: string, why: string}>} lines @returns {Line[]} those that were ours */
  refused(lines) { return []; }
  /** The ledger cannot be written just now. @param {string[]} uuids @param {string} why */
  notKept(uuids, why) {}
  /** Send again all that waits. On `start`, when the kernel is back; by itself while something waits. */
  resend() {}
  /** Take in what an earlier desk could not hand over. @returns {Line[]} the lines that are new here, for the store */
  restore() { return []; }
  /** The kernel is gone or back. @param {boolean} isThere */
  online(isThere) {}
  /** @returns {Line[]} all that waits, drafts too, in the order given */
  lines() { return []; }
  /** @returns {"saved"|"waiting"|"browser"|"lost"} */
  get sign() { return "saved"; }
  /** @returns {number} how many wait */
  get size() { return 0; }
  /** @returns {string} why the ledger did not keep the last ones; "" where it did */
  get why() { return ""; }
  /** @param {(sign: string) => void} listener called when the sign, or how many wait, changes @returns {() => void} off */
  on(listener) { return () => {}; }
  /** Send what can be sent, and end the timers. What waits stays in the storage. */
  dispose() {}
}
