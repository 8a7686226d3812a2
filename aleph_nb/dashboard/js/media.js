/** Thumbnails and clips: their own URLs, or blob URLs of bytes that the kernel sends. */

/** A picture of nothing, for an <img> that waits. */
export const NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** Gives out sources for <img> and <video>; keeps the bytes that were used last. */
export class Media {
  /**
   * @param {object} parts
   * @param {(content: object) => void} parts.send
   * @param {"url"|"bytes"} [parts.mode] set it from the message `start`
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule]
   */
  constructor({ send, mode = "url", schedule }) {}

  /**
   * Ask for a source. `use` is called at once where it is known, else when it comes; never after the release.
   * @param {?string} url
   * @param {(got: {src: string, kind: string, error: string}) => void} use src is "" where there is an error
   * @returns {() => void} release: the source is not used any more
   */
  want(url, use) { return () => {}; }
  /** The message `media`. */
  take(message, buffers) {}
  /** Revoke all, forget all. */
  dispose() {}
}
