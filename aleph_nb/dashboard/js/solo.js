/** The player alone: two clips of any origin, without a desk. */

import { attribute, h } from "./dom.js";
import { Help } from "./help.js";
import { PLAYER_HELP, playerKeys, stageKeys } from "./keymap.js";
import { Keys } from "./keys.js";
import { Link } from "./link.js";
import { Media } from "./media.js";
import { Player } from "./player.js";
import { keepSize } from "./sizes.js";
import { Videos } from "./videos.js";

const SOLO_STATUS_MS = 6_000;

/** One player in one element. */
export class Solo {
  /** @param {{model: Object, el: Element}} world anywidget's */
  constructor({ model, el }) {
    this.life = new AbortController();
    const { signal } = this.life;
    this.root = h("div", { class: "aleph-desk aleph-player", role: "group", "aria-label": "Player" });
    this.link = new Link({ model });
    this.media = new Media({ send: (content) => this.link.send(content) });
    this.videos = new Videos();
    this.keys = new Keys({
      root: this.root, escape: (target) => this.escape(target), isOpen: () => this.help.isOpen, signal,
    });
    this.furnish();
    this.offs = [
      this.link.on("pair", (message) => this.take(message)),
      this.link.on("media", (message, buffers) => this.media.take(message, buffers)),
      this.link.on("clip", (message, buffers) => this.media.takeClip(message, buffers)),
      this.link.on("alive", () => { if (this.link.alive) this.media.retry(); }),
      this.link.on("status", ({ text, kind }) => this.say(text, kind)),
    ];
    for (const name of ["focusin", "focusout"]) {
      this.root.addEventListener(name, () => queueMicrotask(() => this.paintRing()), { signal });
    }
    this.root.addEventListener("mousedown", (event) => this.pressed(event), { signal });
    el.append(this.root);
    this.endSize = keepSize(this.root, () => undefined);
    const held = model.get("pair");
    if (held?.byteLength) this.take(JSON.parse(new TextDecoder().decode(held)));
    this.link.open();
  }

  furnish() {
    this.status = h("span", { class: "ad-status", role: "status", "aria-live": "polite", dir: "auto" });
    this.player = new Player({
      media: this.media, videos: this.videos, say: (text, kind) => this.say(text, kind), onFullScreen: () => this.fullScreen(),
    });
    this.help = new Help({ keys: this.keys, rows: PLAYER_HELP, closed: () => this.player.el.focus({ preventScroll: true }) });
    const opener = h("button", {
      type: "button", class: "ad-link ad-help-button", "aria-label": "Show the keys", on: { click: () => this.help.toggle() },
    }, h("kbd", { class: "ad-key", "aria-hidden": "true", text: "?" }), h("span", { text: "keys" }));
    const foot = h("div", { class: "ad-foot" }, this.status, h("span", { class: "ad-spread" }), opener);
    this.root.append(this.player.el, foot, this.help.el);
    this.keys.map = playerKeys(this.player);
    this.keys.map.set("?", { run: () => this.help.toggle(), up: null, repeats: false });
    this.keys.claim(this.player.el, stageKeys(this.player));
  }

  /** The message `pair`, or what the model holds of it: what to show. The same again changes nothing. */
  take({ title, sides, offset = 0 }) {
    const told = JSON.stringify([title, sides, offset]);
    if (!Array.isArray(sides) || told === this.told) return;
    this.told = told;
    attribute(this.root, "aria-label", title || "Player");
    this.player.show({ key: title, offset, sides: sides.map((side) => side && { ...side, title: side.gone ? "Expired" : "" }) });
  }

  /** Say something in the line of status; an error stays until the next word. */
  say(text, kind = "") {
    clearTimeout(this.timer);
    this.status.textContent = text;
    attribute(this.status, "data-kind", kind || null);
    if (text && kind !== "error") this.timer = setTimeout(() => this.say(""), SOLO_STATUS_MS);
  }

  /** A click on a control leaves the keys with the player: Space is not to press it again. */
  pressed(event) {
    if (!event.target.closest("button, a") || event.target.closest(".ad-help")) return;
    event.preventDefault();
    if (!this.root.contains(this.root.getRootNode().activeElement)) this.player.el.focus({ preventScroll: true });
  }

  paintRing() {
    const { activeElement } = this.root.getRootNode();
    attribute(this.root, "data-keys", activeElement && this.root.contains(activeElement) ? "on" : null);
  }

  fullScreen() {
    const done = document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen?.();
    done?.catch(() => this.say("The browser does not allow full screen here", "error"));
  }

  /** Esc: close the help, else let go of the keys. */
  escape(target) {
    if (this.help.close()) return;
    target.blur?.();
    this.root.parentElement?.closest("[tabindex]")?.focus({ preventScroll: true });
  }

  /** Take everything away. */
  dispose() {
    if (this.life.signal.aborted) return;
    this.life.abort();
    clearTimeout(this.timer);
    this.endSize();
    this.offs.forEach((off) => off());
    this.player.dispose();
    this.videos.dispose();
    this.link.dispose();
    this.media.dispose();
    this.root.remove();
  }
}
