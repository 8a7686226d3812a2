/** The ids that a person gave, what they call them, and what was odd about them. */

const SPREADSHEET_NUMBER = /^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$/; // never a hex id: those have no plus
const MOST_NAMES = 8; // that a message lists

/** Ids, each once, in the order given. */
export class Asked {
  #labels = new Map();
  #repeated = new Set();
  #renamed = new Set();
  #blanks = 0;
  #notes = [];

  /** @param {string[]} names @returns {string} the first few in a row, and how many more there are */
  static listed(names) {
    const more = names.length - MOST_NAMES;
    return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
  }

  /** @param {string} id "" is a blank @param {Array<[string, string]>} [labels] names and values */
  add(id, labels = []) {
    if (id === "") {
      this.#blanks += 1;
      return;
    }
    const mine = this.#labels.get(id) ?? new Map();
    if (this.#labels.has(id)) this.#repeated.add(id);
    const given = new Map(labels);
    if ([...given].some(([name, value]) => (mine.get(name) ?? value) !== value)) this.#renamed.add(id);
    for (const [name, value] of given) mine.set(name, value);
    this.#labels.set(id, mine);
  }

  /** @param {string} note a line that is told before all others */
  tell(note) {
    this.#notes.push(note);
  }

  /** @returns {{ids: string[], labels: object, notes: string[]}} */
  result() {
    const labels = Object.create(null); // an id may be called __proto__
    for (const [id, own] of this.#labels) {
      if (own.size > 0) labels[id] = Object.assign(Object.create(null), Object.fromEntries(own));
    }
    return { ids: [...this.#labels.keys()], labels, notes: this.#oddities() };
  }

  #oddities() {
    const notes = [...this.#notes];
    const numbers = [...this.#labels.keys()].filter((id) => SPREADSHEET_NUMBER.test(id));
    if (numbers.length > 0) {
      notes.push(
        `${Asked.listed(numbers)} looks like an id that a spreadsheet turned into a number. ` +
          "Format its column as text, paste the ids again, and export it once more.",
      );
    }
    if (this.#repeated.size > 0) {
      notes.push(`Given more than once, asked for once: ${Asked.listed([...this.#repeated].sort())}.`);
    }
    if (this.#renamed.size > 0) {
      notes.push(`Named in more than one way, the last one counts: ${Asked.listed([...this.#renamed].sort())}.`);
    }
    if (this.#blanks > 0) notes.push(`${this.#blanks} ${this.#blanks === 1 ? "row has" : "rows have"} no id.`);
    return notes;
  }
}
