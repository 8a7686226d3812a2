// The details of a task: all that is known of it, and what its error means.

import { attribute, button, h, put, shown } from "./dom.js";
import { stateWord } from "./say.js";
import { exactTime, safeUrl, tellRow } from "./words.js";

const DETAILS_REST_MS = 150;

/** The pane beside the stage. */
export class Details {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.answers = new Map();
    this.body = h("div", { class: "ad-details-body", tabindex: "0", role: "group", "aria-label": "Details of the task" });
    const close = button("", () => desk.setDetails(false), { class: "ad-button ad-square ad-plain", glyph: "cross", name: "Close the details" });
    this.el = h("aside", { class: "ad-details", "aria-label": "Details", hidden: true },
      h("div", { class: "ad-details-head" }, h("h2", { text: "Details" }), close), this.body);
  }

  /** Python's answer. */
  take(message) {
    this.answers.set(message.task_id, message);
    if (this.answers.size > 50) this.answers.delete(this.answers.keys().next().value);
    this.key = "";
    this.desk.ask("details");
  }

  /** The record has changed: ask again. */
  forget() {
    this.answers.clear();
    this.asked = null;
    this.key = "";
  }

  paint() {
    const row = this.desk.details ? this.desk.current() : null;
    shown(this.el, this.desk.details);
    if (!this.desk.details) return;
    const answer = row ? this.answers.get(row.task_id) : null;
    const key = row ? `${row.task_id} ${row.state} ${row.fetched} ${Boolean(answer)} ${Math.floor(this.desk.now() / 60_000)}` : "none";
    if (key === this.key) return;
    this.key = key;
    this.body.replaceChildren(...(row ? this.parts(row, answer) : [h("p", { class: "ad-quiet", text: "No task is chosen." })]));
    if (row && !answer) this.request(row.task_id);
  }

  request(id) {
    clearTimeout(this.timer);
    if (this.asked === id) return;
    this.timer = setTimeout(() => {
      this.asked = id;
      this.desk.link.send({ type: "details", task_id: id });
    }, DETAILS_REST_MS);
  }

  parts(row, answer) {
    const parts = [this.section("Prompt", h("p", { class: "ad-whole", dir: "auto", text: row.prompt || "No prompt is known." }))];
    if (row.error_code || row.error_message || row.reason) parts.push(this.error(row, answer));
    const labels = Object.entries(row.labels ?? {});
    if (labels.length) parts.push(this.section("Labels", this.table(labels)));
    parts.push(this.section("Task", this.task(row)));
    const params = Object.entries(answer?.params ?? {}).filter(([name]) => name !== "prompt");
    if (params.length) parts.push(this.section("Parameters", this.table(params)));
    if (answer?.facts?.length) parts.push(this.section("More", this.table(answer.facts)));
    return parts;
  }

  section(title, ...content) {
    return h("section", { class: "ad-details-part" }, h("h3", { text: title }), ...content);
  }

  error(row, answer) {
    const code = row.error_code ?? answer?.code;
    const lines = [row.error_message, row.reason === row.error_message ? "" : row.reason].filter(Boolean);
    const part = this.section(row.state === "failed" ? "Error" : stateWord(row),
      ...lines.map((text) => h("p", { class: "ad-whole", dir: "auto", text })));
    if (answer?.error_about) part.append(h("p", { class: "ad-quiet ad-whole", text: `${code ? `${code}: ` : ""}${answer.error_about}` }));
    else if (row.error_code) part.append(h("p", { class: "ad-quiet", text: `Code ${row.error_code}` }));
    attribute(part, "data-hue", row.state === "failed" ? "red" : "grey");
    return part;
  }

  task(row) {
    const { word } = tellRow(row, this.desk.now());
    const id = h("span", null, h("code", { text: row.task_id }), " ",
      button("Copy", () => this.desk.act.copy(row.task_id), { class: "ad-link", name: "Copy the task id" }));
    const times = [["Created", row.created], ["Completed", row.completed], ["Result lives until", row.expires], ["Last looked at", row.fetched]];
    const links = [["Result", row.result], ["Thumbnail", row.thumbnail], ["Source", row.source]];
    return this.table([
      ["Id", id], ["State", word],
      ...times.filter(([, when]) => when !== null && when !== undefined).map(([name, when]) => [name, exactTime(when)]),
      ...links.filter(([, url]) => url).map(([name, url]) => [name, this.link(url)]),
    ]);
  }

  link(url) {
    const safe = safeUrl(url);
    const text = url.length > 400 ? `${url.slice(0, 400)}…` : url;
    return safe ? h("a", { href: safe, target: "_blank", rel: "noopener noreferrer", class: "ad-link", text }) : h("span", { text });
  }

  table(rows) {
    const list = h("dl", null);
    for (const [name, value] of rows) {
      const told = value instanceof Node ? value : h("span", { dir: "auto" });
      if (!(value instanceof Node)) put(told, typeof value === "string" ? value : JSON.stringify(value) ?? "");
      list.append(h("dt", { text: name }), h("dd", null, told));
    }
    return list;
  }

  dispose() {
    clearTimeout(this.timer);
  }
}
