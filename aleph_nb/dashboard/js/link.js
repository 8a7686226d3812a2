/** Messages in and out over anywidget's model, and whether the kernel answers. */

/** One view's end of the line. */
export class Link {
  /**
   * @param {object} parts
   * @param {object} parts.model anywidget's
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule] a timer; returns its cancel
   */
  constructor({ model, schedule }) {}

  /**
   * @param {string} type a message's type, or "alive" for when `alive` changes
   * @param {(content: object, buffers: DataView[]) => void} handler
   * @returns {() => void} off
   */
  on(type, handler) { return () => {}; }
  /** Listen, and ask for everything until `start` has come. Call it once all handlers are on. */
  open() {}
  /** Ask for everything anew, until `start` has come. */
  hello() {}
  /** @param {object} content @param {ArrayBuffer[]} [buffers] @returns {boolean} false where the line is dead */
  send(content, buffers) { return true; }
  /** @returns {boolean} false when the line is dead, or what needs an answer got none for 3 s */
  get alive() { return true; }
  dispose() {}
}
