/** Thumbnails and clips: their own URLs, or blob URLs of bytes that the kernel sends. */

import { Pulls } from "./chunks.js";
import { afterAWhile } from "./clock.js";
import { bytesOf } from "./columns.js";
import { safeUrl } from "./words.js";

/** A picture of nothing, for an <img> that waits. */
export const NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

const MOST_BYTES = 96_000_000; // of what nobody uses at the moment
const MOST_IN_FLIGHT = 24;
const ASK_AFTER = 30; // what is scrolled past in less is never asked for
const FORGET_AFTER = 30_000; // a question that a dead kernel will not answer
const KINDS = /^(?:image\/(?:png|jpeg|gif|webp|avif)|video\/[\w.+-]+)$/;

/** Gives out sources for <img> and <video>; keeps the bytes that were used last. */
export class Media {
  /** @type {"url"|"bytes"} whether URLs are used as they are, or their bytes asked for */
  mode;
  #send;
  #schedule;
  #clips = new Map(); // by URL, the one used last at the end: {uses, got, size}
  #inFlight = new Map(); // by URL: what cancels the forgetting
  #cancelAsking = null;
  #idle = 0; // bytes of clips that are not in use
  #most;
  #pulls;

  /**
   * @param {object} parts
   * @param {(content: object) => void} parts.send
   * @param {"url"|"bytes"} [parts.mode] set it from the message `start`
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule] a timer; returns its cancel
   * @param {number} [parts.most] bytes that are kept while nobody uses them
   */
  constructor({ send, mode = "url", schedule = afterAWhile, most = MOST_BYTES }) {
    this.mode = mode;
    this.#send = send;
    this.#schedule = schedule;
    this.#most = most;
    this.#pulls = new Pulls({ send, schedule });
  }

  /**
   * Ask for a source. `use` is called at once where it is known, else when it comes; never after the release.
   * @param {?string} url one that begins with `kernel:` stands for what only the kernel has
   * @param {(got: {src: string, kind: string, error: string, blob?: Blob}) => void} use src is "" where there is
   *   an error; blob is what stands behind a source that is bytes
   * @param {object} [how]
   * @param {boolean} [how.viaKernel] pull the bytes through the kernel: the browser cannot load it itself
   * @param {(how: import("./chunks.js").Pulling) => void} [how.progress] while it is pulled
   * @returns {() => void} release: the source is not used any more
   */
  want(url, use, { viaKernel = false, progress = () => {} } = {}) {
    const pulls = Boolean(url) && (viaKernel || url.startsWith("kernel:"));
    if (!url || (this.mode === "url" && !pulls)) {
      const src = safeUrl(url);
      use({ src, kind: "", error: src || !url ? "" : "Its address is no http(s) URL" });
      return () => {};
    }
    const clip = this.#clips.get(url) ?? { uses: new Set(), got: null, size: 0, stop: null, how: null };
    if (clip.uses.size === 0) this.#idle -= clip.size;
    const own = { use, progress };
    clip.uses.add(own);
    this.#clips.delete(url);
    this.#clips.set(url, clip);
    if (clip.got) use(clip.got);
    else if (clip.stop) progress(clip.how);
    else if (pulls) this.#pull(url, clip);
    else this.#askSoon();
    return () => this.#release(url, clip, own);
  }

  /** The message `media`. @param {object} message @param {Array<DataView|ArrayBuffer|Uint8Array>} buffers */
  take({ url, kind = "", error = "" }, buffers) {
    this.#landed(url);
    const clip = this.#clips.get(url);
    if (clip && !clip.got && !clip.stop) {
      const blob = error || !buffers?.[0] ? null : new Blob([bytesOf(buffers[0])], { type: kind });
      this.#come(clip, { blob, kind, error });
    }
    this.#askSoon();
  }

  /** The message `clip`. @param {object} message @param {Array<DataView|ArrayBuffer|Uint8Array>} buffers */
  takeClip(message, buffers) {
    this.#pulls.take(message, buffers);
  }

  /** Ask again for what could not be had (the kernel is back, a refresh). */
  retry() {
    this.#pulls.retry();
    for (const [url, clip] of this.#clips) {
      if (!clip.got?.error) continue;
      clip.got = null;
      if (clip.how) this.#pull(url, clip);
    }
    for (const url of [...this.#inFlight.keys()]) this.#landed(url);
    this.#askSoon();
  }

  /** Revoke all, forget all. */
  dispose() {
    this.#cancelAsking?.();
    for (const url of [...this.#inFlight.keys()]) this.#landed(url);
    this.#pulls.dispose();
    for (const [url, clip] of this.#clips) this.#forget(url, clip);
    this.#idle = 0;
    this.#cancelAsking = () => {}; // nothing is asked for any more
  }

  #pull(url, clip) {
    const progress = (how) => {
      clip.how = how;
      for (const own of [...clip.uses]) own.progress(how);
    };
    const done = (got) => {
      clip.stop = null;
      this.#come(clip, got);
    };
    clip.stop = () => {}; // while it begins, which tells how it is
    clip.stop = this.#pulls.pull(url, { progress, done });
  }

  #come(clip, { blob, kind, error }) {
    const why = error || (!blob && "Nothing came") || (!KINDS.test(kind) && "It is neither a picture nor a clip");
    clip.size = why ? 0 : blob.size;
    clip.got = why ? { src: "", kind, error: why } : { src: URL.createObjectURL(blob), kind, error: "", blob };
    for (const { use } of [...clip.uses]) use(clip.got);
  }

  #askSoon() {
    this.#cancelAsking ??= this.#schedule(() => {
      this.#cancelAsking = null;
      this.#ask();
    }, ASK_AFTER);
  }

  /** The latest wish first: it is what one looks at. */
  #ask() {
    const wanted = [...this.#clips].filter(
      ([url, { got, uses, stop }]) => !got && !stop && uses.size > 0 && !this.#inFlight.has(url),
    );
    const room = MOST_IN_FLIGHT - this.#inFlight.size;
    const urls = room > 0 ? wanted.slice(-room).map(([url]) => url).reverse() : [];
    for (const url of urls) {
      const cancel = this.#schedule(() => {
        this.#inFlight.delete(url);
        this.#askSoon();
      }, FORGET_AFTER);
      this.#inFlight.set(url, cancel);
    }
    if (urls.length > 0) this.#send({ type: "media", urls });
  }

  #landed(url) {
    this.#inFlight.get(url)?.();
    this.#inFlight.delete(url);
  }

  #release(url, clip, own) {
    if (!clip.uses.delete(own) || clip.uses.size > 0 || this.#clips.get(url) !== clip) return;
    if (!clip.got?.src) {
      clip.stop?.();
      this.#clips.delete(url); // an error is asked for anew the next time
      return;
    }
    this.#idle += clip.size;
    for (const [other, old] of this.#clips) {
      if (this.#idle <= this.#most) break;
      if (old.uses.size > 0) continue;
      this.#idle -= old.size;
      this.#forget(other, old);
    }
  }

  #forget(url, clip) {
    this.#clips.delete(url);
    if (clip.got?.src) URL.revokeObjectURL(clip.got.src);
  }
}
