// Where every card of the gallery stands, by arithmetic alone: lines of cards, and headings between groups.

/** Lines along the axis that scrolls: each is a heading, or as many cards as there are columns. */
export class Lanes {
  constructor() {
    this.lay({ count: 0, columns: 1, card: 1, heading: 0, gap: 0, starts: null });
  }

  /**
   * Lay out anew.
   * @param {{count: number, columns: number, card: number, heading: number, gap: number,
   *   starts: ArrayLike<number>|null}} plan sizes along the axis; `starts`: the places at which groups begin
   */
  lay({ count, columns, card, heading, gap, starts }) {
    const groups = starts && starts.length ? starts : [0];
    const withHeadings = Boolean(starts && starts.length);
    let lines = 0;
    for (let g = 0; g < groups.length; g += 1) {
      const end = g + 1 < groups.length ? groups[g + 1] : count;
      lines += Math.ceil((end - groups[g]) / columns) + (withHeadings ? 1 : 0);
    }
    Object.assign(this, { count, columns, card, heading, gap });
    this.top = new Float64Array(lines + 1);
    this.first = new Uint32Array(lines); // the place of its first card, or of the group's first under a heading
    this.cards = new Uint32Array(lines); // how many cards; 0 is a heading
    this.lines = 0;
    let at = 0;
    for (let g = 0; g < groups.length; g += 1) {
      const end = g + 1 < groups.length ? groups[g + 1] : count;
      if (withHeadings) at = this.put(at, groups[g], 0, heading);
      for (let place = groups[g]; place < end; place += columns) {
        at = this.put(at, place, Math.min(columns, end - place), card);
      }
    }
    this.total = Math.max(at - gap, 0);
    this.top[this.lines] = at;
  }

  put(at, first, cards, size) {
    this.top[this.lines] = at;
    this.first[this.lines] = first;
    this.cards[this.lines] = cards;
    this.lines += 1;
    return at + size + this.gap;
  }

  /** The line that covers an offset: the last one that begins at or before it. */
  lineAt(offset) {
    return Lanes.search(this.top, this.lines, offset);
  }

  /** The line in which the card of a place stands. */
  lineOf(place) {
    return Lanes.search(this.first, this.lines, place); // a heading has the same first place, and stands before
  }

  /** The place that is a number of lines of cards away in the same column, for the arrows. */
  across(place, lines) {
    const line = this.lineOf(place);
    const column = place - this.first[line];
    let found = line;
    for (let left = Math.abs(lines), next = line; left > 0;) {
      next += Math.sign(lines);
      if (next < 0 || next >= this.lines) break;
      if (this.cards[next]) {
        found = next;
        left -= 1;
      }
    }
    if (found === line) return place;
    return this.first[found] + Math.min(column, this.cards[found] - 1);
  }

  static search(sorted, length, value) {
    let low = 0;
    let high = length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (sorted[middle] <= value) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }
}
