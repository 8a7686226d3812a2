/** What an editor's hands expect: J K L, steps, scrubbing, a range that is played again and again. */

const TRANSPORT_SPEEDS = [-4, -2, -1, 0.25, 0.5, 1, 2, 4, 8];

/** Moves a pair. */
export class Transport {
  #pair;
  #changed;
  #resumes = 0; // the speed at which it goes on after scrubbing

  /** @param {{pair: Object, changed: function(): void}} world changed: the range is another one */
  constructor({ pair, changed }) {
    this.#pair = pair;
    this.#changed = changed;
  }

  /** Play, or pause. */
  toggle() {
    this.#resumes = 0;
    if (this.#pair.playing) this.#pair.pause();
    else this.#pair.play(1);
  }

  /** K. */
  stop() {
    this.#resumes = 0;
    this.#pair.pause();
  }

  /** L (1): play, and again faster. J (-1): slower, then backwards, and again faster. */
  shuttle(direction) {
    const { speed } = this.#pair;
    this.#resumes = 0;
    const at = TRANSPORT_SPEEDS.indexOf(speed);
    const next = speed === 0 ? direction : TRANSPORT_SPEEDS[at + direction] ?? speed;
    this.#pair.play(next);
  }

  /** Go some frames on, or back; what plays stands still then. */
  step(frames) {
    this.#pair.pause();
    this.#pair.go(this.#pair.frame + frames);
  }

  /** Go to the first frame, or the last one, of what is played. */
  end(isLast) {
    const { first, end } = this.#pair.span;
    this.#pair.pause();
    this.#pair.go(isLast ? end : first);
  }

  /** Follow the pointer; what played goes on once it is let go. */
  scrub(frame) {
    if (this.#pair.playing) {
      this.#resumes = this.#pair.speed;
      this.#pair.pause();
    }
    this.#pair.go(frame);
  }

  /** Go to a moment, in seconds; what plays goes on from there. */
  seek(seconds) {
    this.#pair.seek(seconds);
  }

  scrubbed() {
    if (this.#resumes) this.#pair.play(this.#resumes);
    this.#resumes = 0;
  }

  // ── The range that is played again and again ────────────────────────────────────────────────────

  /** Begin ("from") or end ("to") the range at the frame that is shown; an end on the wrong side takes the other away. */
  mark(edge) {
    const range = { ...this.#pair.range, [edge]: this.#pair.time };
    if (range.from !== null && range.to !== null && range.to <= range.from) range[edge === "from" ? "to" : "from"] = null;
    this.range(range);
  }

  /** Set the range; null ends are those of the pair. */
  range(range) {
    this.#pair.range = range;
    this.#changed();
  }
}
