// The notes of a task: each with the time at which it was begun, kept at every key.

import { attribute, button, h, icon, put, shown } from "./dom.js";
import { clockWords } from "./say.js";

const NOTE_LONGEST = 4000;

/** The list of notes and the box in which a new one is typed. */
export class Notes {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.items = new Map(); // by the note's id, for the task that is shown
    this.draft = null;
    this.list = h("ul", { class: "ad-note-list", "aria-label": "Notes" });
    this.stamp = h("span", { class: "ad-stamp" });
    this.input = h("textarea", {
      class: "ad-note-input", rows: "1", placeholder: "Note", "aria-label": "New note", maxlength: NOTE_LONGEST,
      dir: "auto", on: { focus: () => this.begin(), input: () => this.type(), blur: () => this.end() },
    });
    desk.keys.claim(this.input, (event) => this.key(event));
    this.box = h("div", { class: "ad-note-box" }, this.stamp, this.input, h("kbd", { class: "ad-key", "aria-hidden": "true", text: "C" }));
    this.el = h("div", { class: "ad-notes", role: "group", "aria-label": "Notes" }, this.list, this.box);
  }

  /** A note belongs to the task, and to the time, at which it was begun. */
  begin() {
    const row = this.desk.current();
    if (!row || this.draft) return;
    this.draft = { task: row.task_id, time: this.desk.player.time, text: "" };
    put(this.stamp, this.draft.time === null ? "" : clockWords(this.draft.time));
  }

  type() {
    if (!this.draft) this.begin();
    if (!this.draft) return;
    const { task, id, time } = this.draft;
    if (id || this.input.value.trim()) this.draft.id = this.desk.act.note(task, { id, time, text: this.input.value }).id;
  }

  key(event) {
    if (event.key !== "Enter" || event.altKey) return false;
    this.desk.focusList();
    return true;
  }

  end() {
    this.draft = null;
    this.input.value = "";
    put(this.stamp, "");
    this.desk.act.endNote();
    this.desk.ask("verdicts");
  }

  paint(row, verdict) {
    this.input.disabled = !row;
    const task = row?.task_id ?? null;
    if (task !== this.task) {
      if (this.draft && this.draft.task !== task) this.end();
      this.task = task;
      this.items.clear();
      this.list.replaceChildren();
      this.list.scrollTop = 0;
    }
    const notes = verdict.notes.filter((note) => note.id !== this.draft?.id);
    const ids = new Set(notes.map((note) => note.id));
    for (const [id, item] of this.items) {
      if (ids.has(id) || item.editing) continue;
      item.el.remove();
      this.items.delete(id);
    }
    for (const note of notes) this.paintNote(note);
  }

  paintNote(note) {
    const item = this.items.get(note.id) ?? this.make(note);
    item.note = note;
    put(item.time, note.time === null ? "" : clockWords(note.time));
    shown(item.time, note.time !== null);
    attribute(item.text, "aria-label", `Note${note.time === null ? "" : ` at ${clockWords(note.time)}`}`);
    if (!item.editing && item.text.value !== note.text) item.text.value = note.text;
  }

  make(note) {
    const { desk } = this;
    const item = { note, editing: false };
    item.time = button("", () => desk.player.seek(item.note.time), { class: "ad-stamp ad-stamp-go", title: "Go to this time" });
    item.text = h("textarea", {
      class: "ad-note-text", rows: "1", dir: "auto", maxlength: NOTE_LONGEST,
      on: {
        focus: () => { item.editing = true; },
        input: () => desk.act.note(this.task, { ...item.note, text: item.text.value }),
        blur: () => { item.editing = false; desk.act.endNote(); desk.ask("verdicts"); },
      },
    });
    desk.keys.claim(item.text, (event) => this.key(event));
    const away = h("button", {
      type: "button", class: "ad-note-away", "aria-label": "Delete this note", title: "Delete this note",
      on: { click: () => desk.act.note(this.task, { ...item.note, text: "" }, { ends: true }) },
    }, icon("cross"));
    item.el = h("li", { class: "ad-note" }, item.time, item.text, away);
    this.items.set(note.id, item);
    this.list.append(item.el);
    return item;
  }
}
