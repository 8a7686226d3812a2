// The one video that plays in the gallery: over the card on which the pointer rests.

import { attribute, prefersStill } from "./dom.js";

const HOVER_REST_MS = 220;

/** Plays the result of the card under the pointer, muted; at most one at a time. */
export class Hover {
  /**
   * @param {{media: Object, videos: Object, onLength: function(string, number): void}} world where clips come from, the
   *   page's few videos, who learns how long a clip is
   */
  constructor({ media, videos, onLength }) {
    Object.assign(this, { media, videos, onLength });
    this.timer = 0;
    this.release = null;
    this.card = null;
    this.video = null;
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
      this.video = this.videos.take(this);
      this.video.className = "ad-hover";
      this.video.loop = true;
      attribute(this.video, "aria-hidden", "true");
      this.video.src = src;
      card.picture.append(this.video);
      this.video.play().catch(() => undefined); // refused or gone: the picture stays
    });
  }

  /** What happens to the video. */
  heard(event) {
    if (event === "playing") attribute(this.video, "data-on", true);
    if (event === "loadedmetadata") this.onLength(this.url, this.video.duration);
  }

  /** Stop, and let go of the clip. */
  leave() {
    clearTimeout(this.timer);
    this.release?.();
    this.release = null;
    this.card = null;
    if (this.video) this.videos.give(this.video);
    this.video = null;
  }

  /** Stop for good. */
  dispose() {
    this.leave();
  }
}
