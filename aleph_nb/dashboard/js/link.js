/** Messages in and out over anywidget's model, and whether the kernel answers. */

import { afterAWhile } from "./clock.js";

const FIRST_HELLO = 30; // a desk just made has sent `start` by itself, which a page that is slow to draw has not heard
const HELLO_AGAIN = [2_000, 5_000, 15_000, 30_000, 60_000]; // each may be answered with all rows: not often
const ANSWER_DUE = 3_000;
const NEEDS_ANSWER = new Set(["hello", "verdicts"]);

/** One view's end of the line. */
export class Link {
  #model;
  #schedule;
  #handlers = new Map();
  #cancelHello = null;
  #cancelDue = null;
  #isAlive = true;
  #isOpen = false;
  #round; // of the beginning that is shown, by which the kernel knows what is still to come
  #hear = (content, buffers) => this.#take(content, buffers);

  /**
   * @param {object} parts
   * @param {object} parts.model anywidget's
   * @param {(todo: () => void, ms: number) => (() => void)} [parts.schedule] a timer; returns its cancel
   */
  constructor({ model, schedule = afterAWhile }) {
    this.#model = model;
    this.#schedule = schedule;
  }

  /**
   * @param {string} type a message's type, or "alive" for when `alive` changes
   * @param {(content: object, buffers: DataView[]) => void} handler
   * @returns {() => void} off
   */
  on(type, handler) {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /**
   * Listen; show the beginning that came with the widget, where there is one, and ask for all that follows, until
   * there is an answer: `start`, `goes_on`, the player's `pair`. Call it once all handlers are on.
   */
  open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#model.on("msg:custom", this.#hear);
    const beginning = this.#model.get("beginning") ?? [];
    for (const [content, buffers] of beginning) this.#take(content, buffers);
    this.#greet(beginning.length > 0 ? 0 : FIRST_HELLO, 0);
  }

  /** Ask for everything anew, until `start` has come. */
  hello() {
    this.#round = undefined;
    this.#greet(0, 0);
  }

  /** @param {object} content @param {ArrayBuffer[]} [buffers] @returns {boolean} false where the line is dead */
  send(content, buffers = []) {
    try {
      // Some front ends hand back a promise that is refused when the kernel has gone.
      Promise.resolve(this.#model.send(content, undefined, buffers)).catch(() => this.#setAlive(false));
    } catch {
      this.#setAlive(false);
      return false;
    }
    if (NEEDS_ANSWER.has(content.type)) {
      this.#cancelDue ??= this.#schedule(() => {
        this.#cancelDue = null;
        this.#setAlive(false);
      }, ANSWER_DUE);
    }
    return true;
  }

  /** @returns {boolean} false when the line is dead, or what needs an answer got none for 3 s */
  get alive() {
    return this.#isAlive;
  }

  /** @returns {boolean} whether the kernel was asked for all that follows, and has not begun with it */
  get isWaiting() {
    return this.#cancelHello !== null;
  }

  /** Take everything off. */
  dispose() {
    this.#isOpen = false;
    this.#model.off("msg:custom", this.#hear);
    for (const cancel of [this.#cancelHello, this.#cancelDue]) cancel?.();
    this.#handlers.clear();
  }

  #take(content, buffers) {
    if (typeof content?.type !== "string" || content.type === "alive") return;
    this.#cancelDue?.();
    this.#cancelDue = null;
    if (content.type === "start") this.#round = content.round;
    if (["start", "pair"].includes(content.type) || (content.type === "goes_on" && this.#round !== undefined)) {
      this.#cancelHello?.();
      this.#cancelHello = null;
    }
    this.#setAlive(true);
    this.#call(content.type, content, buffers ?? []);
  }

  #call(type, content, buffers) {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) handler(content, buffers);
  }

  #setAlive(isAlive) {
    if (isAlive === this.#isAlive) return;
    this.#isAlive = isAlive;
    this.#call("alive", { alive: isAlive }, []);
  }

  #greet(after, times) {
    this.#cancelHello?.();
    const say = () => {
      this.#greet(HELLO_AGAIN[Math.min(times, HELLO_AGAIN.length - 1)], times + 1);
      this.send({ type: "hello", round: this.#round });
    };
    if (after > 0) this.#cancelHello = this.#schedule(say, after);
    else say();
  }
}
