/** The player in the desk: the current task, and which one is likely to be next. */

import { Comparison } from "./comparison.js";
import { stageKeys } from "./keymap.js";
import { Player } from "./player.js";

/** Puts the desk's rows on its stage. */
export class Onstage {
  #row = null;

  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.comparison = new Comparison(desk.store);
    this.player = new Player({
      media: desk.media,
      videos: desk.videos,
      say: (text, kind) => desk.say(text, kind),
      changed: () => desk.stand?.save(),
      onLength: (side, seconds) => desk.gallery.learn(side.url, seconds),
      onOffset: (key, offset) => this.#shifted(key, offset),
      onTake: () => this.nextTake(),
      onFullScreen: () => desk.act.toggleFullScreen(),
    });
    desk.keys.claim(this.player.el, stageKeys(this.player));
  }

  /** Show the current task; `rows`: some are new, or not what they were. */
  paint({ rows = false } = {}) {
    const { desk, comparison, player } = this;
    if (rows) comparison.forget();
    const row = desk.current();
    const stays = Boolean(row?.source) && row.source === this.#row?.source; // the same moment in another take
    this.#row = row;
    player.hasTakes = comparison.hasTakes(row);
    player.show(comparison.pair(row), { stays, state: row?.state });
    const next = desk.store.order[desk.store.place(desk.cursor.at) + 1];
    player.prepare(comparison.pair(next === undefined ? null : desk.store.row(next)));
  }

  /** Compare with the next take of the source. */
  nextTake() {
    this.desk.say(this.comparison.nextTake(this.desk.current()));
    this.paint();
  }

  #shifted(key, offset) {
    this.comparison.shift(key, offset);
    this.desk.stand?.save();
  }

  /** What is kept when a desk is opened again. */
  get left() {
    return { player: this.player.left, offsets: this.comparison.offsets };
  }

  set left({ player, offsets }) {
    this.player.left = player;
    this.comparison.offsets = offsets;
  }
}
