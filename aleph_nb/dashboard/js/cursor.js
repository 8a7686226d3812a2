// Where the reviewer is: the current task, those selected with it, and what of this was on the screen when.

const CURSOR_MEMORY_MS = 2000;

/** The current task and the selection, by row number; the row numbers of the store never change. */
export class Cursor {
  /** @param {{order: function(): Uint32Array, place: function(number): number, changed: function(): void}} world */
  constructor({ order, place, changed }) {
    this.order = order;
    this.place = place;
    this.changed = changed;
    this.reset();
  }

  /** Forget everything: another ledger, another list. */
  reset() {
    this.at = -1;
    this.anchor = -1;
    this.chosen = new Set();
    this.seen = [{ time: -Infinity, at: -1, chosen: this.chosen }];
  }

  /** Go to a row; a selection of several ends. */
  go(row) {
    if (row === this.at && this.chosen.size <= 1) return;
    this.at = row;
    this.anchor = row;
    this.chosen = new Set(row < 0 ? [] : [row]);
    this.changed();
  }

  /** Go by a number of places in the order, and stop at its ends. */
  step(places, extend = false) {
    const order = this.order();
    if (!order.length) return;
    const from = this.at < 0 ? -1 : this.place(this.at);
    const to = from < 0 ? 0 : Math.min(Math.max(from + places, 0), order.length - 1);
    if (extend) this.extend(order[to]);
    else this.go(order[to]);
  }

  /** Select all from the anchor to a row, and make that the current one. */
  extend(row) {
    const order = this.order();
    const anchor = this.anchor < 0 ? row : this.anchor;
    const [a, b] = [this.place(anchor), this.place(row)];
    if (b < 0) return;
    const [low, high] = a < 0 ? [b, b] : [Math.min(a, b), Math.max(a, b)];
    this.at = row;
    this.anchor = a < 0 ? row : anchor;
    this.chosen = new Set(order.subarray(low, high + 1));
    this.changed();
  }

  /** Take a row into the selection, or out of it. */
  toggle(row) {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(row)) chosen.add(row);
    if (!chosen.size) chosen.add(row);
    this.at = chosen.has(row) ? row : [...chosen].pop();
    this.anchor = this.at;
    this.chosen = chosen;
    this.changed();
  }

  /** Select all that is shown. */
  all() {
    const order = this.order();
    if (!order.length) return;
    if (this.place(this.at) < 0) this.at = order[0];
    this.anchor = this.at;
    this.chosen = new Set(order);
    this.changed();
  }

  /** End a selection of several. */
  clear() {
    this.anchor = this.at;
    this.chosen = new Set(this.at < 0 ? [] : [this.at]);
    this.changed();
  }

  /** Remember that this is what the screen shows from now on. */
  painted(time) {
    const last = this.seen[this.seen.length - 1];
    if (last.at === this.at && last.chosen === this.chosen) return;
    this.seen.push({ time, at: this.at, chosen: this.chosen });
    while (this.seen.length > 2 && this.seen[1].time < time - CURSOR_MEMORY_MS) this.seen.shift();
  }

  /** The current row and the selection that were on the screen at a time; without one, those that are now. */
  shownAt(time) {
    for (let i = this.seen.length - 1; i > 0; i -= 1) {
      if (time === undefined || this.seen[i].time <= time) return this.seen[i];
    }
    return this.seen[0];
  }
}
