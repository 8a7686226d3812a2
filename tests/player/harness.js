// Plays the kernel's part for the player alone, and for a desk whose clips have real addresses.
import desk from "/desk.js";
import "/desk-harness.js";
import { PlainPlayer } from "/plain.js";

const { Kernel, makeRow, someLines } = window.harness;
const CHUNK_BYTES = 8_000; // small: a clip of 20 KB comes in three

/** The desk's kernel, which also has clips in it and sends them in chunks. */
class ClipKernel extends Kernel {
  /**
   * @param {Object} options the desk's, and: `view` ("desk"|"player"), `pair` (what answers `hello`), `media`,
   *   `within` (by a `kernel:` address, where its bytes are), `clipDelay` (ms before each answer about a clip),
   *   `remembers` (false: what was sent and kept does not pile up in the page, whose memory is measured)
   */
  constructor({ view = "player", pair = null, media = "url", within = {}, clipDelay = 5, remembers = true, ...rest }) {
    super(rest);
    Object.assign(this, { pair, media, within, clipDelay, remembers, busy: false, waiting: [] });
    this.state.view = view;
    this.clips = new Map();
  }

  tell(content, buffers) {
    super.tell(content.type === "start" ? { ...content, media: this.media } : content, buffers);
  }

  start() {
    if (this.state.view === "desk") super.start();
    else if (this.pair && this.starts) this.tell({ type: "pair", ...this.pair });
  }

  /** While it is busy, a kernel answers nothing; `rest` lets it answer all that was asked meanwhile. */
  answer(content) {
    if (!this.remembers) this.sent.length = 0;
    if (this.busy) this.waiting.push(content);
    else if (content.type === "clip") setTimeout(() => this.sendClip(content), this.clipDelay);
    else if (content.type === "clip_done") this.clips.delete(content.url);
    else super.answer(content);
  }

  rest() {
    this.busy = false;
    for (const content of this.waiting.splice(0)) this.answer(content);
  }

  take(content) {
    super.take(content);
    if (!this.remembers) this.kept.clear();
  }

  async sendClip({ url, at }) {
    if (!this.clips.has(url)) {
      this.tell({ type: "clip", url, state: "fetching", got: 0, size: null });
      // A kernel is no page: another name of the host is nothing to it.
      const address = this.within[url] ?? new URL(url).pathname;
      this.clips.set(url, fetch(address).then(async (got) => (got.ok ? got.arrayBuffer() : got.status), () => 0));
    }
    const bytes = await this.clips.get(url);
    if (!(bytes instanceof ArrayBuffer)) {
      this.clips.delete(url);
      this.tell({ type: "clip", url, state: "failed", why: `the service has deleted it (${bytes})` });
      return;
    }
    const part = bytes.slice(at, at + CHUNK_BYTES);
    const done = at + part.byteLength >= bytes.byteLength;
    this.tell({ type: "clip", url, state: "chunk", at, size: bytes.byteLength, kind: "video/mp4", done }, [new DataView(part)]);
  }
}

function render(kernel, place, theme, width) {
  document.documentElement.dataset.theme = theme;
  const el = document.getElementById(place);
  el.style.width = width ? `${width}px` : "";
  const controller = new AbortController();
  const cleanup = desk.render({ model: kernel, el, signal: controller.signal });
  kernel.start();
  Object.assign(window.harness, { kernel, cleanup, controller, el });
}

/** One side of a pair, as the kernel tells it: an address, or {url, fps, name, gone, why, link}. */
function sideOf(given, name) {
  if (!given) return null;
  const side = typeof given === "string" ? { url: given } : given;
  return { name, url: "", fps: null, gone: false, why: "", link: side.url ?? "", ...side };
}

function pairOf({ source = null, result = null, title = "", offset = 0 }) {
  return { title, sides: [sideOf(source, "Source"), sideOf(result, "Result")], offset };
}

/** Open the player alone: {source, result, title, offset, theme, width, …}. */
export function openPlayer({ source, result, title, offset, theme = "light", width = null, ...rest }) {
  const kernel = new ClipKernel({ view: "player", pair: pairOf({ source, result, title, offset }), ...rest });
  render(kernel, "player", theme, width);
}

/** Open a player to compare with: {source, result, seeks}. */
export function openPlain({ source, result, seeks }) {
  const el = document.getElementById("player");
  const plain = new PlainPlayer({ el, pair: pairOf({ source, result }), seeks });
  Object.assign(window.harness, { kernel: null, el, cleanup: () => plain.dispose() });
}

/** Rows that all have clips: each an address of its own, every third in a host that refuses the browser. */
export function clipRows(count, { takes = 8, refuses = 0, source = "25-source" } = {}) {
  const at = (way, place, name) => `${location.origin}/${way}/${place}~${name}`;
  return Array.from({ length: count }, (_, place) => makeRow(0, {
    task_id: `${(place + 0x10000000).toString(16)}-debb-48d1-98c4-a6d1c717eba6`,
    prompt: `Take ${place}`,
    source: at("clips", place, `${source}.mp4`),
    result: at(refuses && place % refuses === 0 ? "refuses" : "clips", place, `take-${place % takes}.mp4`),
    thumbnail: at("media", place, "ridge-winter.jpg"),
  }));
}

/** Open the desk with such rows: {count, takes, refuses, rows, work, theme, …}. */
export function openDesk({ count = 12, takes, refuses, source, rows = null, work = false, theme = "light", width = null, ...rest } = {}) {
  const made = rows ?? clipRows(count, { takes, refuses, source });
  render(new ClipKernel({ view: "desk", rows: made, lines: work ? someLines(made) : [], ...rest }), "desk", theme, width);
}

window.harness = { openPlayer, openPlain, openDesk, clipRows };
