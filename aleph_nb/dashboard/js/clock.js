/** Timers, in the form in which tests hand in their own. */

/** @param {() => void} todo @param {number} ms @returns {() => void} what cancels it */
export function afterAWhile(todo, ms) {
  const timer = setTimeout(todo, ms);
  return () => clearTimeout(timer);
}
