/** Verdict lines in messages of a bearable size. */

const MOST_LINES_SENT = 500; // in one message, and characters of them: kernels choke on messages of megabytes
const MOST_CHARACTERS_SENT = 1_000_000;

/** Cut what is sent into messages. @param {Array<{item: string}>} all what waits, with its text */
export function* portions(all) {
  let [some, characters] = [[], 0];
  for (const held of all) {
    const isFull = some.length >= MOST_LINES_SENT || characters + held.item.length > MOST_CHARACTERS_SENT;
    if (isFull && some.length > 0) {
      yield some;
      [some, characters] = [[], 0];
    }
    some.push(held);
    characters += held.item.length;
  }
  if (some.length > 0) yield some;
}
