// One animation frame for all rooms: who has changed something asks, and all that shows it is painted once.

/** Gathers what changed and paints the rooms in the next animation frame. */
export class Frame {
  /** @param {function(Set<string>): void} paint what paints; it is told what changed */
  constructor(paint) {
    this.paint = paint;
    this.dirty = new Set();
    this.handle = 0;
    this.ended = false;
  }

  /** Ask for a painting: "rows", "verdicts", "order", "cursor", "scroll", "size", "view", "sign", "status", "now", … */
  ask(...whats) {
    for (const what of whats) this.dirty.add(what);
    if (!this.handle && !this.ended) this.handle = requestAnimationFrame(() => this.run());
  }

  run() {
    this.handle = 0;
    const dirty = this.dirty;
    this.dirty = new Set();
    this.paint(dirty);
  }

  /** Paint no more. */
  dispose() {
    this.ended = true;
    cancelAnimationFrame(this.handle);
  }
}
