/** Clips that the browser cannot load itself: pulled from the kernel in pieces, and put together. */

import { afterAWhile } from "./clock.js";
import { bytesOf } from "./columns.js";

const PULLS_AT_ONCE = 2; // the kernel holds no more clips
const PIECES_AHEAD = 2; // asked for at a time: while one is read the next is on its way
const PULL_BUSY_AFTER = 1_500; // an idle kernel answers at once
const PULL_AGAIN = [4_000, 8_000, 16_000, 30_000, 60_000]; // what a busy one finds waiting, it answers in full
const PULL_SILENT_TRIES = 3; // half a minute
const MOST_BEGINNINGS = 3;

/**
 * @typedef {object} Pulling
 * @property {"asking"|"busy"|"silent"|"fetching"|"coming"} state not answered yet; not for so long that the kernel
 *   runs a cell; for so long that it may have been restarted, of which nobody tells; the kernel fetches it; it comes
 * @property {number} got bytes, of what the kernel fetches or of what has come
 * @property {?number} size of how many; null while that is not known
 */

/** Pulls clips, two at a time, the latest wish first. */
export class Pulls {
  #send;
  #schedule;
  #pulls = new Map(); // by URL, in the order of the wishes
  #isOver = false;

  /**
   * @param {object} parts
   * @param {(content: object) => void} parts.send
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule] a timer; returns its cancel
   */
  constructor({ send, schedule = afterAWhile }) {
    this.#send = send;
    this.#schedule = schedule;
  }

  /**
   * Pull a clip, which nobody pulls yet.
   * @param {string} url
   * @param {object} hears
   * @param {(how: Pulling) => void} hears.progress
   * @param {(got: {blob: ?Blob, kind: string, error: string}) => void} hears.done
   * @returns {() => void} stop: it is not wanted any more
   */
  pull(url, { progress, done }) {
    const one = { url, progress, done, isBegun: false, beginnings: 0, quiet: [], tries: 0 };
    if (this.#isOver) return () => {};
    this.#pulls.set(url, one);
    progress({ state: "asking", got: 0, size: null });
    this.#begin();
    return () => this.#end(one);
  }

  /** The message `clip`. @param {object} message @param {Array<DataView|ArrayBuffer|Uint8Array>} buffers */
  take(message, buffers) {
    const one = this.#pulls.get(message.url);
    if (!one?.isBegun) return; // another page's, or stopped meanwhile
    one.tries = 0;
    if (message.state === "failed") {
      this.#end(one, { tells: false }); // the kernel has let go of it
      one.done({ blob: null, kind: "", error: message.why || "It did not come" });
    } else if (message.state === "chunk") {
      this.#piece(one, message, buffers?.[0]);
    } else {
      one.isAnswered = true;
      this.#wait(one);
      if (one.size === null) one.progress({ state: "fetching", got: message.got ?? 0, size: message.size ?? null });
    }
  }

  /** Ask again at once for what is due: the kernel is back. */
  retry() {
    for (const one of this.#pulls.values()) if (one.isBegun) this.#again(one);
  }

  /** Stop all. */
  dispose() {
    this.#isOver = true;
    for (const one of [...this.#pulls.values()]) this.#end(one);
  }

  #begin() {
    if (this.#isOver) return;
    const all = [...this.#pulls.values()];
    const room = PULLS_AT_ONCE - all.filter((one) => one.isBegun).length;
    for (const one of all.filter((each) => !each.isBegun).reverse().slice(0, Math.max(room, 0))) this.#fromTheStart(one);
  }

  #fromTheStart(one) {
    Object.assign(one, { isBegun: true, size: null, step: 0, next: 0, got: 0, pieces: new Map(), due: new Set() });
    one.beginnings += 1;
    this.#ask(one, 0);
    this.#wait(one);
  }

  #ask(one, at) {
    one.due.add(at);
    one.isAnswered = false;
    this.#send({ type: "clip", url: one.url, at });
  }

  #piece(one, { at, size, kind }, buffer) {
    const bytes = buffer ? bytesOf(buffer) : new Uint8Array(0);
    if (one.size !== null && one.size !== size) {
      this.#startOver(one); // the kernel has fetched it anew, and it is another one
      return;
    }
    if (one.size === null && at !== 0) return; // of another page's pull
    if (one.size === null) Object.assign(one, { size, kind, step: bytes.byteLength });
    if (bytes.byteLength !== Math.min(one.step, size - at) || bytes.byteLength === 0) {
      this.#startOver(one);
      return;
    }
    one.due.delete(at);
    if (!one.pieces.has(at)) {
      one.got += bytes.byteLength;
      one.pieces.set(at, new Blob([bytes])); // the browser keeps it where it has room; its message is let go of
    }
    if (one.got === size) {
      this.#whole(one);
      return;
    }
    one.isAnswered = false;
    one.progress({ state: "coming", got: one.got, size });
    for (; one.due.size < PIECES_AHEAD && one.next < size; one.next += one.step) {
      if (!one.pieces.has(one.next) && !one.due.has(one.next)) this.#ask(one, one.next);
    }
    this.#wait(one);
  }

  #whole(one) {
    const places = [...one.pieces.keys()].sort((a, b) => a - b);
    const blob = new Blob(places.map((at) => one.pieces.get(at)), { type: one.kind });
    this.#end(one);
    one.done({ blob, kind: one.kind, error: "" });
  }

  #startOver(one) {
    if (one.beginnings < MOST_BEGINNINGS) {
      this.#fromTheStart(one);
      return;
    }
    this.#end(one);
    one.done({ blob: null, kind: "", error: "It changed each time while it came" });
  }

  /** Pull it no more, and let the kernel let go of it, unless it has. */
  #end(one, { tells = one.isBegun } = {}) {
    if (this.#pulls.get(one.url) !== one) return;
    this.#pulls.delete(one.url);
    this.#calm(one);
    if (tells) this.#send({ type: "clip_done", url: one.url });
    this.#begin();
  }

  #calm(one) {
    for (const cancel of one.quiet.splice(0)) cancel();
  }

  /** Something came, or was asked for: from now on it is quiet. */
  #wait(one) {
    this.#calm(one);
    const busy = () => {
      const state = one.tries < PULL_SILENT_TRIES ? "busy" : "silent";
      if (!one.isAnswered) one.progress({ state, got: one.got, size: one.size });
    };
    const again = PULL_AGAIN[Math.min(one.tries, PULL_AGAIN.length - 1)];
    one.quiet.push(this.#schedule(busy, PULL_BUSY_AFTER), this.#schedule(() => this.#again(one), again));
  }

  #again(one) {
    one.tries += 1;
    for (const at of [...one.due]) this.#ask(one, at);
    this.#wait(one);
  }
}
