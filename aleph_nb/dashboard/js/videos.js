/** The few video elements of a desk: each is made once, lent to whoever plays a clip, and lent again. */

import { h } from "./dom.js";
import { releaseVideo } from "./clips.js";

const VIDEO_EVENTS = ["loadedmetadata", "loadeddata", "seeked", "playing", "pause", "ended", "waiting", "error"];

/** Lends videos. What happens to one is told to its holder: no listener is ever added to a video that is lent. */
export class Videos {
  #holders = new Map();
  #idle = [];

  /**
   * @param {{heard: function(string): void}} holder hears the events of the video while it holds it
   * @returns {HTMLVideoElement} muted, with no clip in it
   */
  take(holder) {
    const video = this.#idle.pop() ?? this.#make();
    this.#holders.set(video, holder);
    return video;
  }

  /** Take a video back: its clip, its place and its settings go. */
  give(video) {
    if (!this.#holders.delete(video)) return;
    releaseVideo(video);
    video.remove();
    video.className = "ad-video";
    for (const name of ["poster", "aria-label", "aria-hidden", "data-on"]) video.removeAttribute(name);
    Object.assign(video, { muted: true, loop: false, playbackRate: 1, preload: "auto" });
    this.#idle.push(video);
  }

  /** How many are lent at the moment. */
  get lent() {
    return this.#holders.size;
  }

  #make() {
    const video = h("video", { class: "ad-video", playsinline: true, preload: "auto", tabindex: "-1" });
    video.muted = true;
    video.disablePictureInPicture = true; // its button would lie over the picture
    for (const name of VIDEO_EVENTS) video.addEventListener(name, () => this.#holders.get(video)?.heard(name));
    return video;
  }

  /** Let go of all of them. */
  dispose() {
    for (const video of [...this.#holders.keys()]) this.give(video);
    this.#idle = [];
  }
}
