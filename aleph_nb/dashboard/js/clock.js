/** Timers, in the form in which tests hand in their own, and what time it is. */

/** @param {() => void} todo @param {number} ms @returns {() => void} what cancels it */
export function afterAWhile(todo, ms) {
  const timer = setTimeout(todo, ms);
  return () => clearTimeout(timer);
}

const CLOCKS_AGREE = 120_000; // below it, a difference is the way of the message, and not the clocks'

/** The browser's clock, or the kernel's where the two differ by minutes: the records' times are the kernel's. */
export class KernelClock {
  #clock;
  #ahead = 0;

  /** @param {() => number} clock the browser's, in milliseconds */
  constructor(clock) {
    this.#clock = clock;
  }

  /** @param {number} now what the kernel's says now; NaN for nothing */
  hear(now) {
    const ahead = now - this.#clock();
    this.#ahead = Math.abs(ahead) > CLOCKS_AGREE ? ahead : 0;
  }

  /** @returns {number} milliseconds */
  now() {
    return this.#clock() + this.#ahead;
  }
}
