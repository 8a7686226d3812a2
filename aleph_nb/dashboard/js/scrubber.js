/** The bar below the pictures: where the pair stands, where its notes are, and what is played again and again. */

import { h, shown } from "./dom.js";
import { clockWords } from "./say.js";
import { frameAt } from "./frames.js";

/** A range input, one step a frame, with marks over it. */
export class Scrubber {
  /** @param {{scrub: function(number): void, scrubbed: function(): void}} world */
  constructor({ scrub, scrubbed }) {
    this.scrub = scrub;
    this.input = h("input", {
      type: "range", class: "ad-seek", min: "0", max: "1", step: "1", value: "0", "aria-label": "Frame",
      on: { input: () => scrub(Number(this.input.value)), change: scrubbed, pointerup: scrubbed, pointercancel: scrubbed },
    });
    this.loop = h("div", { class: "ad-loop", hidden: true, "aria-hidden": "true" });
    this.marks = h("div", { class: "ad-seek-marks" });
    this.el = h("div", { class: "ad-seek-box" }, this.loop, this.input, this.marks);
    this.notes = [];
  }

  /** Paint where the pair stands. */
  paint(pair) {
    const { line, frame } = pair;
    if (this.input.max !== String(line.last || 1)) this.input.max = String(line.last || 1);
    if (this.input.value !== String(frame)) this.input.value = String(frame);
    this.input.disabled = !pair.ready;
    this.input.setAttribute("aria-valuetext", `Frame ${frame + 1} of ${line.frames}, ${clockWords(pair.time)}`);
    this.input.style.setProperty("--ad-share", `${line.last ? ((frame / line.last) * 100).toFixed(2) : 0}%`);
  }

  /** Paint the range and the marks: the timeline or one of them is another one. */
  measure(pair) {
    const { range, span, line } = pair;
    const has = pair.ready && (range.from !== null || range.to !== null);
    shown(this.loop, has);
    if (has) {
      this.loop.style.left = this.place(span.first, line);
      this.loop.style.right = `calc(100% - ${this.place(span.end, line)})`;
    }
    this.mark(this.notes, pair);
  }

  /** Mark where notes were begun. */
  mark(notes, { line, ready }) {
    this.notes = notes;
    const at = ready ? notes.filter((note) => note.time !== null && frameAt(note.time, line.fps) <= line.last) : [];
    const key = JSON.stringify([line.fps, line.last, at.map((note) => [note.time, note.text])]);
    if (key === this.key) return;
    this.key = key;
    this.marks.replaceChildren(...at.map((note) => {
      const frame = frameAt(note.time, line.fps);
      const mark = h("button", {
        type: "button", class: "ad-mark", tabindex: "-1", title: note.text, "aria-label": `Go to ${clockWords(note.time)}`,
        on: { click: () => { this.scrub(frame); this.input.dispatchEvent(new Event("change")); } },
      });
      mark.style.left = this.place(frame, line);
      return mark;
    }));
  }

  /** Where a frame stands on the bar: the thumb's middle travels from half its width to half its width. */
  place(frame, line) {
    const share = line.last ? frame / line.last : 0;
    return `calc(6px + (100% - 12px) * ${share.toFixed(5)})`;
  }
}
