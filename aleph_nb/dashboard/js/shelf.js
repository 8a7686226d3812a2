/** A bounded part of the browser's storage, one item a line; it may refuse at any touch, and says so. */

const MOST_ITEMS = 2_000;
const MOST_CHARACTERS = 2_000_000;

/** @returns {?Storage} localStorage where there is one that may be touched; else null */
export function openStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/** The items under one prefix. What other tabs put there counts only when it is listed. */
export class Shelf {
  #storage;
  #prefix;
  #items = 0;
  #characters = 0;

  /** @param {?Storage} storage @param {string} prefix ends with "/"; its items' names have none */
  constructor(storage, prefix) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.all();
  }

  /**
   * Put an item there, in the place of what lies under its name; that stays where the new one is refused.
   * @param {string} name @param {string} item @param {?string} before what this desk has put under the name
   * @returns {boolean} whether it is there
   */
  put(name, item, before = null) {
    const added = before === null ? 1 : 0;
    const more = item.length - (before?.length ?? -name.length);
    const isFull = this.#items + added > MOST_ITEMS || this.#characters + more > MOST_CHARACTERS;
    if (!this.#storage || isFull) return false;
    try {
      this.#storage.setItem(this.#prefix + name, item);
    } catch {
      return false;
    }
    this.#items += added;
    this.#characters += more;
    return true;
  }

  /** Take an item away, unless another desk has put something newer there. @param {string} name @param {string} item */
  remove(name, item) {
    try {
      const key = this.#prefix + name;
      const found = this.#storage?.getItem(key) ?? null;
      if (found === item) this.#storage.removeItem(key);
      this.#items -= 1;
      this.#characters -= name.length + item.length;
    } catch {
      // It is found again when a desk is opened, and handed over once more: the ledger counts it once.
    }
  }

  /** @returns {Array<[string, string]>} names and items; what can be read of them */
  all() {
    const found = [];
    try {
      for (let i = 0; i < (this.#storage?.length ?? 0); i += 1) {
        const name = this.#own(this.#storage.key(i));
        const item = name && this.#read(name);
        if (item) found.push([name, item]);
      }
    } catch {
      // What could be listed is what there is.
    }
    this.#items = found.length;
    this.#characters = found.reduce((sum, [name, item]) => sum + name.length + item.length, 0);
    return found;
  }

  #own(key) {
    const name = key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : "";
    return name.includes("/") ? "" : name;
  }

  #read(name) {
    try {
      return this.#storage.getItem(this.#prefix + name);
    } catch {
      return null;
    }
  }
}
