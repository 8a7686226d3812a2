// What part of the gallery is in sight: its lanes laid over a box that scrolls down, or along as a strip.

import { Lanes } from "./lanes.js";

const SIGHT_LONGEST = 12_000_000; // px; beyond about 17 million Firefox draws nothing
const SIGHT_GAP = 10;
const SIGHT_TEXT = 82; // what stands under a picture: two lines of prompt, one of facts, and their space
const SIGHT_HEADING = 26;
const SIGHT_NARROWEST = 150;
const STRIP_CARD = { width: 168, height: 150 };

/** The space around all cards. */
export const GALLERY_PAD = 12;

/** Where the cards stand and which of them are in sight. */
export class Sight {
  /** @param {{store: Object, list: Element, space: Element}} world the element that scrolls, and the one as long as all cards */
  constructor({ store, list, space }) {
    Object.assign(this, { store, list, space });
    this.lanes = new Lanes();
    this.box = { width: 0, height: 0 };
    this.strip = false;
  }

  /** Lay all cards out anew, in columns or as a strip. */
  plan(strip) {
    this.strip = strip;
    const { store } = this;
    const starts = store.view.group ? this.groups() : null;
    this.across = strip ? { columns: 1, ...STRIP_CARD } : this.columns();
    const card = strip ? STRIP_CARD.width : this.across.height;
    const { columns } = this.across;
    this.lanes.lay({ count: store.order.length, columns, card, heading: SIGHT_HEADING, gap: SIGHT_GAP, starts });
    this.full = this.lanes.total + 2 * GALLERY_PAD;
    this.scale = Math.max(this.full / SIGHT_LONGEST, 1);
    this.space.style[strip ? "width" : "height"] = `${Math.ceil(this.full / this.scale)}px`;
    this.space.style[strip ? "height" : "width"] = "";
  }

  columns() {
    const inner = Math.max(this.box.width - 2 * GALLERY_PAD, 120);
    const columns = Math.max(Math.floor((inner + SIGHT_GAP) / (SIGHT_NARROWEST + SIGHT_GAP)), 1);
    const width = Math.floor((inner - SIGHT_GAP * (columns - 1)) / columns);
    return { columns, width, height: Math.round((width * 9) / 16) + SIGHT_TEXT };
  }

  groups() {
    const { store } = this;
    const starts = [];
    let before;
    store.order.forEach((number, place) => {
      const { source } = store.row(number);
      if (place === 0 || source !== before) starts.push(place);
      before = source;
    });
    return starts;
  }

  /** How much of the axis that scrolls is in sight. */
  get viewport() {
    return this.strip ? this.box.width : this.box.height;
  }

  /** How far the browser has scrolled. */
  get scroll() {
    return this.strip ? this.list.scrollLeft : this.list.scrollTop;
  }

  set scroll(value) {
    if (this.strip) this.list.scrollLeft = value;
    else this.list.scrollTop = value;
  }

  /** Where the sight begins, in the list's true length; the browser's own may be a scaled one. */
  get from() {
    const real = this.scroll;
    if (this.scale === 1) return real;
    const most = this.full / this.scale - this.viewport;
    return most <= 0 ? 0 : (real / most) * (this.full - this.viewport);
  }

  set from(value) {
    const most = this.full - this.viewport;
    const wanted = Math.min(Math.max(value, 0), Math.max(most, 0));
    this.scroll = this.scale === 1 ? wanted : (wanted / most) * (this.full / this.scale - this.viewport);
  }

  /** Bring a place into sight, by as little as needed; the heading of its group with it. */
  reveal(place) {
    if (place < 0 || !this.viewport) return;
    const { lanes } = this;
    const line = lanes.lineOf(place);
    const heading = line > 0 && lanes.cards[line - 1] === 0 ? lanes.heading + lanes.gap : 0;
    const begin = lanes.top[line] - heading;
    const end = lanes.top[line] + lanes.card + 2 * GALLERY_PAD;
    const now = this.from;
    if (begin < now) this.from = begin;
    else if (end > now + this.viewport) this.from = end - this.viewport;
  }

  /** Hold a row where it was in sight, when others came before it. */
  keep({ row, off }) {
    const place = this.store.place(row);
    if (place >= 0) this.from = this.lanes.top[this.lanes.lineOf(place)] - off;
  }

  /** What is in sight, and a little more: spots by row number, and the headings between them. */
  spots(from) {
    const { lanes, across } = this;
    const { order } = this.store;
    const cards = new Map();
    const headings = [];
    if (!order.length || !this.viewport) return { cards, headings };
    const spare = across.height;
    const end = from + this.viewport + spare;
    for (let line = lanes.lineAt(Math.max(from - spare - GALLERY_PAD, 0)); line < lanes.lines; line += 1) {
      const along = lanes.top[line] + GALLERY_PAD;
      if (along > end) break;
      if (!lanes.cards[line]) headings.push({ along, place: lanes.first[line] });
      for (let column = 0; column < lanes.cards[line]; column += 1) {
        const place = lanes.first[line] + column;
        const side = GALLERY_PAD + column * (across.width + SIGHT_GAP);
        cards.set(order[place], { along, side, place });
      }
    }
    return { cards, headings };
  }

  /** How many places an arrow goes. */
  arrow(key, place) {
    if (this.strip) return { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
    if (key === "ArrowLeft" || key === "ArrowRight") return key === "ArrowLeft" ? -1 : 1;
    return this.lanes.across(place, key === "ArrowUp" ? -1 : 1) - place;
  }

  /** How many places a page goes. */
  page(place, direction) {
    const lines = Math.max(Math.floor(this.viewport / (this.lanes.card + this.lanes.gap)), 1);
    return this.lanes.across(place, direction * lines) - place;
  }
}
