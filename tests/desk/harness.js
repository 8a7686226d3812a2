// Plays the kernel's part for the desk: a model as anywidget's, made rows, answers to what the desk sends.
import desk from "/desk.js";

const STATE_NUMBERS = { in_progress: 0, succeeded: 1, failed: 2, not_found: 3, unknown: 4, no_answer: 5 };
const NAMES = [
  "task_id", "prompt", "reason", "error_message", "source", "result", "thumbnail", "labels",
  "state", "created", "completed", "expires", "fetched", "asked", "error_code",
];
const HOUR = 3_600_000, DAY = 24 * HOUR;
const NOW = Date.now();
const MEDIA = "http://media.test/";
const TAKES = [
  ["ridge", "ridge-sunset-1", "Turn the clear afternoon into a golden hour sunset, long shadows in the valleys, warm haze between the ridges; keep the eagles and the camera move."],
  ["ridge", "ridge-winter", "Deep winter: fresh snow on every ridge, light snowfall, the sky a flat pale grey. Keep the birds."],
  ["canyon", "canyon-mars", "Make it the surface of Mars, dust in the air, no vegetation"],
  ["ridge", "ridge-aurora", "Night, northern lights over the range, stars"],
  ["city", "city-anime", "Flat anime colours, bright turquoise hills"],
  ["harbour", "harbour-noir", "Film noir: black and white, hard light from the left, wet cobbles, grain"],
  ["city", "city-neon", "Rain at night, neon signs mirrored in the street"],
  ["harbour", "harbour-storm", "A storm comes in from the sea; dark clouds, whitecaps, the boats pull at their moorings"],
  ["ridge", "ridge-sunset-2", "Turn the clear afternoon into a golden hour sunset"],
];

export const hostileTexts = [
  "<img src=x onerror=\"window.pwned=1\">", "<script>window.pwned=2</script>", "\"><svg onload=window.pwned=3>",
  "javascript:window.pwned=4", "{{constructor.constructor('window.pwned=5')()}}", "\u202egnp.exe\u2066", "&lt;b&gt;bold&amp;",
  "a".repeat(5000), "שלום עולם, prompt in two directions", "line\nbreaks\n\n\nand\ttabs",
];

/** Make a record; `place` decides all of it. */
export function makeRow(place, change = {}) {
  const [source, result, prompt] = TAKES[place % TAKES.length];
  const created = NOW - 2 * HOUR - (place * 7 * HOUR) % (13 * DAY);
  const row = {
    task_id: `${(place + 0x10000000).toString(16)}-debb-48d1-98c4-a6d1c717eba6`, prompt, reason: "", error_message: null,
    source: `${MEDIA}${source}.mp4`, result: `${MEDIA}${result}.mp4`, thumbnail: `${MEDIA}${result}.jpg`, labels: null,
    state: "succeeded", created, completed: created + 165_000 + (place % 9) * 40_000, error_code: null, fetched: NOW, asked: NOW - HOUR,
  };
  const failed = { result: null, thumbnail: null, state: "failed" };
  const turn = place % 13;
  if (turn === 4) Object.assign(row, failed, { error_code: 422, error_message: "The prompt was flagged by moderation.", reason: "The prompt was flagged by moderation.", prompt: "Hand-drawn anime, flat colours" });
  if (turn === 6) Object.assign(row, failed, { state: "in_progress", completed: null, created: NOW - 130_000 - place });
  if (turn === 9) Object.assign(row, failed, { state: "not_found", prompt: null, source: null, created: null, completed: null, reason: "the service does not know this id" });
  if (turn === 11) Object.assign(row, failed, { state: "no_answer", prompt: null, source: null, created: null, completed: null, reason: "the service did not answer in 30 s" });
  if (turn === 12) Object.assign(row, failed, { state: "unknown", reason: "success without a video" });
  if (turn === 2) row.labels = { shot: "A-12", client: "Nordlicht" };
  row.expires = row.state === "succeeded" ? row.completed + 14 * DAY : null;
  return { ...row, ...change };
}

/** Records in columns, as the kernel sends them. */
export function columnsOf(rows) {
  const text = (value) => new DataView(new TextEncoder().encode(JSON.stringify(value)).buffer);
  const numbers = (name) => new DataView(Float64Array.from(rows, (row) => row[name] ?? NaN).buffer);
  return NAMES.map((name) => {
    if (name === "state") return new DataView(Uint8Array.from(rows, (row) => STATE_NUMBERS[row.state]).buffer);
    if (name === "error_code") return new DataView(Int32Array.from(rows, (row) => row.error_code ?? -1).buffer);
    if (["created", "completed", "expires", "fetched", "asked"].includes(name)) return numbers(name);
    return text(rows.map((row) => row[name] ?? null));
  });
}

/** A model as anywidget hands it to `render`, with a kernel of made rows behind it. */
class Kernel {
  constructor({ beginning = false, rows = [], lines = [], ledger = "ledger-1", answers = true, starts = true, chunk = 4000, canSave = true, delay = 5, mediaHeld = false, verdicts = "kept" }) {
    Object.assign(this, { rows, lines, ledger, answers, starts, chunk, canSave, delay, verdicts });
    this.mediaAsked = mediaHeld ? new Promise((go) => { this.letMedia = go; }) : null;
    this.listeners = new Map();
    this.state = { selected: "", beginning: [] };
    this.comesWithIt = beginning;
    this.sent = [];
    this.kept = new Map(lines.map((line) => [line.uuid, line]));
    this.bytes = new Map();
  }

  get(name) { return this.state[name]; }
  set(name, value) { this.state[name] = value; }
  save_changes() { this.saved = (this.saved ?? 0) + 1; }
  on(name, listener) { this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]); }
  off(name, listener) { this.listeners.set(name, (this.listeners.get(name) ?? []).filter((each) => each !== listener)); }
  emit(name, ...values) { for (const listener of this.listeners.get(name) ?? []) listener(...values); }
  tell(content, buffers = []) { this.emit("msg:custom", content, buffers); }
  get listening() { return [...this.listeners.values()].reduce((sum, each) => sum + each.length, 0); }

  send(content) {
    this.sent.push(content);
    if (!this.answers) return;
    setTimeout(() => this.answers && this.answer(content), this.delay);
  }

  answer(content) {
    if (content.type === "hello" && content.round === undefined) this.start();
    else if (content.type === "hello") this.goOn();
    if (content.type === "media") content.urls.forEach((url) => this.sendMedia(url));
    if (content.type === "watch") this.tell({ type: "watch", on: content.on, settled: 3, total: 12, text: content.on ? "Watching: 3 of 12 settled, 2 min 10 s so far" : "" });
    if (content.type === "refresh") this.tell({ type: "status", text: "3 tasks asked for, 1 changed", kind: "info" });
    if (content.type === "add") this.tell({ type: "added", ids: content.ids ?? content.text.split(/\s+/), notes: ["1 id was there already."] });
    if (content.type === "details") {
      this.tell({ type: "details", task_id: content.task_id, params: { seed: 409474, aspectRatio: "16:9", uploadCn: false }, code: 200, msg: "success",
        error_about: "The service refused the prompt or the source. Change it and create the task again.", facts: [["First asked for", "2026-11-20 14:25:00 UTC"]] });
    }
    if (content.type === "verdicts") this.take(content);
  }

  /** Keep verdicts, refuse them, or say that the ledger cannot be written: as `verdicts` says. */
  take(content) {
    const uuids = content.lines.map((line) => line.uuid);
    const why = "the disk is full";
    if (this.verdicts === "not_kept") this.tell({ type: "not_kept", uuids, why });
    if (this.verdicts === "refused") this.tell({ type: "refused", lines: uuids.map((uuid) => ({ uuid, why: "the task is not of this service" })) });
    if (this.verdicts !== "kept") return;
    for (const line of content.lines) this.kept.set(line.uuid, line);
    this.tell({ type: "kept", uuids });
  }

  async sendMedia(url) {
    await this.mediaAsked; // where they are held, until letMedia()
    const name = url.slice(MEDIA.length);
    if (!this.bytes.has(name)) this.bytes.set(name, fetch(`/media/${name}`).then((got) => (got.ok ? got.arrayBuffer() : null)));
    const bytes = await this.bytes.get(name);
    if (!bytes) this.tell({ type: "media", url, error: "The service has no such clip (404)." });
    else this.tell({ type: "media", url, kind: name.endsWith(".mp4") ? "video/mp4" : "image/jpeg" }, [new DataView(bytes.slice(0))]);
  }

  /** Put the first rows into the widget, as the kernel does; the rest is told when the page has spoken. */
  begin() {
    const { tell } = this;
    this.tell = (content, buffers = []) => { this.state.beginning.push([content, buffers]); };
    this.start({ round: 1, now: undefined }, this.rows.slice(0, 200));
    this.tell = tell;
  }

  goOn() {
    this.state.beginning = [];
    this.tell({ type: "goes_on", now: Date.now() });
    this.tellRows(this.rows.slice(200), { first: Math.min(200, this.rows.length) });
  }

  start(more = {}, told = this.rows) {
    if (!this.starts) return;
    const { rows, chunk } = this;
    this.tell({ type: "start", service: "demo", ledger: this.ledger, reviewer: "ada", total: rows.length, now: Date.now(), media: "bytes", version: "0", can_save: this.canSave, ...more });
    const lines = [...this.kept.values()];
    this.tell({ type: "lines", count: lines.length, baseline: true, done: true }, [new DataView(new TextEncoder().encode(JSON.stringify(lines)).buffer)]);
    for (let first = 0, count = Math.min(200, rows.length); ; first += count, count = Math.min(chunk, rows.length - first)) {
      this.tellRows(rows.slice(first, first + count), { first, done: first + count >= rows.length });
      if (first + count >= told.length) break;
    }
  }

  tellRows(rows, { first = 0, done = true, fresh = undefined } = {}) {
    this.tell({ type: "rows", names: NAMES, first, count: rows.length, total: this.rows.length, done, fresh }, columnsOf(rows));
  }
}

let serial = 0;

/** Verdict lines as a ledger would have them, for a desk in which work has been done. */
export function someLines(rows) {
  const line = (row, field, value) => ({ uuid: `made-${(serial += 1)}`, task_id: row.task_id, at: NOW - 5 * HOUR + serial, field, value, reviewer: "ada" });
  const lines = [];
  rows.filter((row) => row.state === "succeeded").forEach((row, place) => {
    if (place % 5 === 3 || place > 60) return;
    lines.push(line(row, "rating", 1 + ((place * 7 + 3) % 5)));
    if (place % 4 === 0) lines.push(line(row, "pick", "pick"));
    if (place % 7 === 2) lines.push(line(row, "pick", "reject"));
    if (place % 3 === 0) lines.push(line(row, "tag", "haze"));
    if (place % 6 === 0) lines.push(line(row, "tag", "client A"));
    if (place % 4 === 0) lines.push(line(row, "note", { id: `n${place}`, time: 1.2, text: "ridge line flickers behind the birds" }));
  });
  return lines;
}

/** Open a desk: {count, rows, lines, work, theme, …}; gives the kernel behind it. */
export function open({ count = 12, rows = null, work = false, theme = "light", width = null, ...rest } = {}) {
  document.documentElement.dataset.theme = theme;
  const el = document.getElementById("desk");
  el.style.width = width ? `${width}px` : "";
  const made = rows ?? Array.from({ length: count }, (_, place) => makeRow(place));
  const kernel = new Kernel({ rows: made, lines: work ? someLines(made) : [], ...rest });
  if (kernel.comesWithIt) kernel.begin();
  const controller = new AbortController();
  const cleanup = desk.render({ model: kernel, el, signal: rest.signal === false ? undefined : controller.signal });
  if (!kernel.comesWithIt) kernel.start();
  Object.assign(window.harness, { kernel, cleanup, controller, el });
  return kernel;
}

window.harness = { open, makeRow, columnsOf, hostileTexts, someLines, Kernel };
