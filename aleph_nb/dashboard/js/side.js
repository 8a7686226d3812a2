/** One side of the stage: a clip's picture, or in words why there is none. */

import { attribute, h, icon, put, shown } from "./dom.js";
import { sourceName } from "./say.js";
import { byteSize, safeUrl } from "./words.js";

const SIDE_WORDS = {
  asking: "The browser cannot load this clip. The kernel is asked for it…",
  busy: "The kernel is running a cell. The clip comes once it is done.",
  silent: "The kernel does not answer. The clip comes once its cell is done; after a restart, run this cell again.",
};

/** What is told of a clip that comes through the kernel. @param {{state: string, got: number, size: ?number}} now */
export function progressWords({ state, got = 0, size = null }) {
  if (SIDE_WORDS[state]) return SIDE_WORDS[state];
  const told = size ? `${byteSize(got)} of ${byteSize(size)}` : byteSize(got);
  return state === "fetching" ? `The kernel fetches this clip: ${told}` : `It comes through the kernel: ${told}`;
}

/** The box of a side. */
export class Side {
  /** @param {"source"|"result"} kind which of the two */
  constructor(kind) {
    this.clip = null;
    this.title = h("b", null);
    this.why = h("p", { dir: "auto" });
    this.bar = h("progress", { class: "ad-side-progress", max: "1", "aria-label": "The clip on its way", hidden: true });
    this.link = h("a", { class: "ad-link", target: "_blank", rel: "noopener noreferrer" }, h("span", null), icon("open"));
    this.face = h("div", { class: "ad-side-face", hidden: true }, this.title, this.why, this.bar, this.link);
    this.still = h("img", { class: "ad-still", alt: "", hidden: true });
    this.picture = h("div", { class: "ad-picture" }, this.still);
    this.name = h("span", { class: "ad-badge ad-side-name" });
    this.el = h("div", { class: `ad-side ad-side-${kind}` }, this.picture, this.name, this.face);
  }

  /** Say what it is: {name, url, title, why}, or null for nothing. A title or a reason stands in place of a clip. */
  describe(told) {
    this.told = told;
    put(this.name, told?.name ?? "");
    attribute(this.name, "title", told?.about ?? null);
    this.paint();
  }

  /** Show a clip's video; null for none. */
  mount(clip) {
    if (clip !== this.clip) {
      this.clip = clip;
      this.picture.replaceChildren(this.still, ...(clip ? [clip.video, clip.film.canvas] : []));
    }
    attribute(clip?.video ?? this.el, "aria-label", clip ? this.told?.name || "Clip" : null);
    this.paint();
  }

  /** The picture that stands for a clip until it is there. */
  poster(src) {
    attribute(this.still, "src", src || null);
    shown(this.still, Boolean(src));
  }

  /** Paint what is said in place of a picture. */
  paint() {
    const { clip, told } = this;
    const url = safeUrl(told?.link ?? told?.url);
    const isLost = clip?.state === "failed";
    const comes = clip?.state === "waiting" && clip.progress;
    const title = told?.title || (isLost ? "This clip cannot be shown here" : "");
    const why = told?.why || (isLost ? clip.why : "") || (comes ? progressWords(clip.progress) : "");
    const waits = Boolean(told?.url) && !title && !told?.why;
    put(this.title, title);
    put(this.why, why || (told && !told.url && !title ? `No ${told.name.toLowerCase()} is known.` : ""));
    shown(this.face, Boolean(this.title.textContent || this.why.textContent));
    shown(this.link, Boolean(url));
    attribute(this.link, "href", url || null);
    put(this.link.firstChild, url ? `Open ${sourceName(url)}` : "");
    this.paintBar(comes);
    attribute(this.el, "data-state", clip?.ready ? "shown" : waits && !isLost ? "waiting" : "none");
  }

  paintBar(comes) {
    const { got = 0, size = null } = comes || {};
    shown(this.bar, Boolean(comes));
    attribute(this.bar, "value", comes && size ? (got / size).toFixed(3) : null);
  }

  /** Whether there is a picture to look at, or is going to be. */
  get isExpected() {
    return Boolean(this.told?.url) && !this.told.title && !this.told.why && this.clip?.state !== "failed";
  }

  /** Whether there is a picture to look at. */
  get isShown() {
    return Boolean(this.clip?.ready);
  }
}
