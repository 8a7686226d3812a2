// The foot: how far the review has come, where the verdicts are, what happened, and the keys that matter.

import { attribute, button, h, icon, put, shown } from "./dom.js";
import { thousands } from "./words.js";

const FOOT_SIGNS = {
  saved: ["Saved", "Every verdict is in the ledger."],
  waiting: ["Saving…", "Handed over; the kernel has not answered yet."],
  browser: ["Kept in this browser", "The kernel does not answer. The verdicts are kept here and handed over when a desk is opened again."],
  lost: ["Not kept", "The browser refuses storage and the ledger has not taken these verdicts yet: do not close this page."],
};
const FOOT_STATUS_MS = 6000;

/** The lower bar. */
export class Foot {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.bar = h("i", null);
    this.progress = h("div", { class: "ad-progress", role: "progressbar", "aria-label": "Reviewed", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" }, this.bar);
    this.reviewed = h("span", { class: "ad-reviewed" });
    this.word = h("span", null);
    this.sign = h("span", { class: "ad-sign", role: "status", "aria-live": "polite" }, icon("check"), this.word);
    this.status = h("span", { class: "ad-status", role: "status", "aria-live": "polite", dir: "auto" });
    this.auto = h("button", {
      type: "button", role: "switch", class: "ad-switch", "aria-checked": "false", title: "After a rating, pick or reject go on to the next task",
      on: { click: () => desk.setAuto(!desk.auto) },
    }, h("i", { "aria-hidden": "true" }), h("span", { text: "Next after a verdict" }));
    this.keys = h("span", { class: "ad-hints" });
    this.help = button("keys", () => desk.help.toggle(), { class: "ad-link ad-help-button", name: "Show the keys" });
    this.help.prepend(h("kbd", { class: "ad-key", "aria-hidden": "true", text: "?" }));
    this.el = h("div", { class: "ad-foot" }, this.progress, this.reviewed, this.sign, this.status, this.auto, this.keys, this.help);
  }

  /** Say something in the line of status; an error stays until the next word, and so does whose the keys are. */
  say(text, kind = "") {
    clearTimeout(this.timer);
    put(this.status, text);
    attribute(this.status, "title", text || null);
    attribute(this.status, "data-kind", kind || null);
    if (text && !["error", "away"].includes(kind)) this.timer = setTimeout(() => this.say(this.lasting ?? ""), FOOT_STATUS_MS);
  }

  /** The keys are the desk's again. */
  back() {
    if (this.status.dataset.kind === "away") this.say(this.lasting ?? "");
  }

  /** What stands there while nothing else is said. */
  stand(text) {
    const before = this.lasting ?? "";
    this.lasting = text;
    if (this.status.textContent === before) put(this.status, text);
  }

  paint() {
    const { desk } = this;
    const { reviewed = 0, reviewable = 0 } = desk.counts;
    const share = reviewable ? Math.floor((reviewed / reviewable) * 100) : 0;
    put(this.reviewed, reviewable ? `${thousands(reviewed)} of ${thousands(reviewable)} reviewed` : "nothing to review");
    attribute(this.progress, "aria-valuenow", share);
    this.bar.style.transform = `scaleX(${reviewable ? reviewed / reviewable : 0})`;
    this.paintSign();
    attribute(this.auto, "aria-checked", desk.auto ? "true" : "false");
    const several = desk.cursor.chosen.size > 1;
    put(this.keys, several ? "1–5 rate all · P pick · Esc one" : "N next · B previous · 1–5 rate · P X");
    this.stand(desk.loading || desk.watch.text || "");
  }

  paintSign() {
    const { outbox, canSave } = this.desk;
    shown(this.sign, Boolean(outbox));
    if (!outbox) return;
    const sign = canSave ? outbox.sign : outbox.size ? outbox.sign === "lost" ? "lost" : "browser" : "saved";
    const [word, about] = FOOT_SIGNS[sign];
    put(this.word, sign === "saved" || sign === "waiting" ? word : `${word} (${thousands(outbox.size)})`);
    attribute(this.sign, "data-sign", sign);
    attribute(this.sign, "title", canSave ? about : "This ledger is only read: verdicts stay in this browser.");
  }

  dispose() {
    clearTimeout(this.timer);
  }
}
