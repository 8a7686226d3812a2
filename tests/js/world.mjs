// A clock that is wound by hand, storages with every fault, and chance that can be repeated.

/** Timers that run when `pass` says so. */
export class Clock {
  time = 1_700_000_000_000;
  #timers = new Map();
  #last = 0;

  now = () => this.time;

  schedule = (todo, ms) => {
    const name = (this.#last += 1);
    this.#timers.set(name, { todo, due: this.time + ms, name });
    return () => this.#timers.delete(name);
  };

  get waiting() {
    return this.#timers.size;
  }

  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.#timers.values()].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due || a.name - b.name);
      if (!next) break;
      this.#timers.delete(next.name);
      this.time = Math.max(this.time, next.due);
      next.todo();
    }
    this.time = end;
  }
}

/** What localStorage is to a page; `fault(action, key)` may throw. */
export class Shelves {
  items = new Map();
  fault = () => {};
  quota = Infinity;

  get length() {
    this.fault("length");
    return this.items.size;
  }

  key(n) {
    this.fault("key");
    return [...this.items.keys()][n] ?? null;
  }

  getItem(key) {
    this.fault("get", key);
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.fault("set", key);
    let used = 0;
    for (const [name, item] of this.items) if (name !== key) used += name.length + item.length;
    if (used + key.length + value.length > this.quota) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, String(value));
  }

  removeItem(key) {
    this.fault("remove", key);
    this.items.delete(key);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
