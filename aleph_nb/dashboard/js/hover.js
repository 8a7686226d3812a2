// The one video that plays in the gallery: over the card on which the pointer rests.

import { h, prefersStill } from "./dom.js";
import { releaseVideo } from "./clips.js";

const HOVER_REST_MS = 220;

/** Plays the result of the card under the pointer, muted; at most one at a time. */
export class Hover {
  /** @param {{media: Object, onLength: function(string, number): void}} world where clips come from, who learns how long one is */
  constructor({ media, onLength }) {
    this.media = media;
    this.onLength = onLength;
    this.timer = 0;
    this.release = null;
    this.card = null;
    this.video = h("video", {
      class: "ad-hover", playsinline: true, loop: true, preload: "auto", tabindex: "-1", "aria-hidden": "true",
    });
    this.video.muted = true;
    this.video.addEventListener("playing", () => this.video.setAttribute("data-on", ""));
    this.video.addEventListener("loadedmetadata", () => this.onLength(this.url, this.video.duration));
  }

  /** The pointer came over a card, or over none. */
  over(card, row) {
    if (card === this.card) return;
    this.leave();
    this.card = card;
    if (!card || !row?.result || prefersStill()) return;
    this.timer = setTimeout(() => this.play(card, row.result), HOVER_REST_MS);
  }

  play(card, url) {
    this.url = url;
    this.release = this.media.want(url, ({ src }) => {
      if (!src) return;
      this.video.src = src;
      card.picture.append(this.video);
      this.video.play().catch(() => undefined); // refused or gone: the picture stays
    });
  }

  /** Stop, and let go of the clip. */
  leave() {
    clearTimeout(this.timer);
    this.release?.();
    this.release = null;
    this.card = null;
    if (!this.video.isConnected) return;
    this.video.removeAttribute("data-on");
    releaseVideo(this.video);
    this.video.remove();
  }

  /** Stop for good. */
  dispose() {
    this.leave();
  }
}
