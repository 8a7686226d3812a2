// Where a desk was left: its filter, its task, its switches. A desk opened again stands there.

const STAND_PAUSE_MS = 300;
const STAND_VIEW = { state: "string", verdict: "string", rating: "number", tag: "string", text: "string", sort: "string", group: "boolean" };

/** Keeps a few words in the browser, by ledger and service; where storage is refused, nothing is kept. */
export class Stand {
  /** @param {{storage: ?Storage, ledger: string, service: string, read: function(): Object}} world */
  constructor({ storage, ledger, service, read }) {
    this.storage = storage;
    this.key = `aleph_nb_stand/${ledger}/${service}`;
    this.read = read;
  }

  /** What an earlier desk left; {} where there is nothing, or nothing that can be read. */
  load() {
    try {
      const left = JSON.parse(this.storage?.getItem(this.key) ?? "{}") ?? {};
      const view = {};
      for (const [name, type] of Object.entries(STAND_VIEW)) {
        if (typeof left.view?.[name] === type) view[name] = left.view[name];
      }
      const { player = null, offsets = null } = left; // read with care by those whose they are
      return { view, selected: String(left.selected ?? ""), auto: left.auto === true, details: left.details === true, player, offsets };
    } catch {
      return { view: {}, selected: "", auto: false, details: false, player: null, offsets: null };
    }
  }

  /** Keep it soon. */
  save() {
    this.timer ??= setTimeout(() => this.write(), STAND_PAUSE_MS);
  }

  write() {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      this.storage?.setItem(this.key, JSON.stringify(this.read()));
    } catch {
      // Where the desk stood is a comfort, not a verdict.
    }
  }

  /** Keep it now, for the last time. */
  dispose() {
    if (this.timer !== undefined) this.write();
  }
}
