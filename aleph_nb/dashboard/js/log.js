/** The verdict log of one reviewer, and what is said of each task. */

import { NO_VERDICT, foldUsable, isLine } from "./fold.js";

/** Lines by task. Only what new lines speak of is folded again. */
export class VerdictLog {
  #lines = new Map(); // by task
  #tasks = new Map(); // by uuid
  #folded = new Map(); // by task

  /**
   * Add lines in the order in which they arrived; those that are known, cannot be read or are another's do not count.
   * @param {Line[]} lines @param {string} reviewer
   * @returns {string[]} the tasks that they speak of
   */
  add(lines, reviewer) {
    const changed = new Set();
    for (const line of lines) {
      if (!isLine(line) || this.#tasks.has(line.uuid)) continue;
      if (line.reviewer && reviewer && line.reviewer !== reviewer) continue;
      const id = line.task_id;
      this.#tasks.set(line.uuid, id);
      const own = this.#lines.get(id);
      if (own) own.push(line);
      else this.#lines.set(id, [line]);
      this.#folded.delete(id);
      changed.add(id);
    }
    return [...changed];
  }

  /** Forget lines. @param {string[]} uuids @returns {string[]} the tasks that they spoke of */
  drop(uuids) {
    const changed = new Set();
    for (const uuid of uuids) {
      const id = this.#tasks.get(uuid);
      if (id === undefined) continue;
      this.#tasks.delete(uuid);
      this.#lines.set(id, this.#lines.get(id).filter((line) => line.uuid !== uuid));
      this.#folded.delete(id);
      changed.add(id);
    }
    return [...changed];
  }

  /** @param {string} id the task's @returns {import("./fold.js").Verdict} */
  verdict(id) {
    const lines = this.#lines.get(id);
    if (!lines) return NO_VERDICT;
    let verdict = this.#folded.get(id);
    if (!verdict) {
      verdict = foldUsable(lines);
      this.#folded.set(id, verdict);
    }
    return verdict;
  }

  /** @param {string} id @returns {number} when the last line was given, those taken back too; 0 where there is none */
  latest(id) {
    return (this.#lines.get(id) ?? []).reduce((latest, line) => Math.max(latest, line.at), 0);
  }
}

/** How many rows have which tag. */
export class TagCounts {
  #rows = new Map(); // by row's number
  #counts = new Map(); // by tag

  /** @param {number} i a row's number @param {string[]} tags all that it has now */
  set(i, tags) {
    for (const tag of this.#rows.get(i) ?? []) this.#add(tag, -1);
    for (const tag of tags) this.#add(tag, 1);
    if (tags.length > 0) this.#rows.set(i, tags);
    else this.#rows.delete(i);
  }

  /** @returns {Array<[string, number]>} the most used first */
  list() {
    return [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  }

  #add(tag, by) {
    const count = (this.#counts.get(tag) ?? 0) + by;
    if (count > 0) this.#counts.set(tag, count);
    else this.#counts.delete(tag);
  }
}
