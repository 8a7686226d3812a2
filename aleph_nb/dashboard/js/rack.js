/** The clips that are open: those on the stage, and those that come next. */

import { Clip } from "./clip.js";

/** Opens each clip once, and lets go of what nobody wants any more. */
export class Rack {
  #clips = new Map();
  #media;
  #videos;
  #told;

  /** @param {{media: Object, videos: Object, told: function(Object, string): void}} world told: of which clip, and what */
  constructor({ media, videos, told }) {
    this.#media = media;
    this.#videos = videos;
    this.#told = told;
  }

  /** Whether a clip is open. */
  has(key) {
    return this.#clips.has(key);
  }

  /** Open a clip, or find it. @param {string} key by which it is found again @param {{url: string, fps: ?number}} side */
  open(key, { url, fps = null }) {
    let clip = this.#clips.get(key);
    if (clip?.state === "failed") { // it is tried again
      this.#close(key);
      clip = null;
    }
    if (!clip) {
      clip = new Clip({ url, fps, media: this.#media, videos: this.#videos, told: (what) => this.#told(clip, what) });
      this.#clips.set(key, clip);
    }
    return clip;
  }

  /** Let go of all but these. @param {Set<string>} keys */
  keep(keys) {
    for (const key of [...this.#clips.keys()]) if (!keys.has(key)) this.#close(key);
  }

  #close(key) {
    this.#clips.get(key).letGo();
    this.#clips.delete(key);
  }
}
