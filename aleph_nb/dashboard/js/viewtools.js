// What the views lay over the pictures: the divider of the wipe, the gain, small labels, a button for each fit.

import { attribute, button, h, put } from "./dom.js";

const FIT_LABELS = { contain: "Fit", cover: "Fill", fill: "Stretch" };

/** The elements over the pictures; they are painted, and told of a press. */
export class ViewTools {
  /** @param {{stage: Element, sides: Array<{el: Element}>, cycleFit: function(number): void}} world */
  constructor({ stage, sides, cycleFit }) {
    this.gain = h("div", { class: "ad-gain", "aria-hidden": "true" });
    this.name = h("span", { class: "ad-badge ad-view-name" });
    this.zoom = h("span", { class: "ad-badge ad-view-zoom" });
    this.divider = h("div", {
      class: "ad-wipe", role: "slider", tabindex: "0", "aria-label": "Wipe", "aria-orientation": "horizontal",
      "aria-valuemin": "0", "aria-valuemax": "100",
    }, h("i", null));
    this.fits = sides.map((_, place) => button("", () => cycleFit(place), { class: "ad-badge ad-fit" }));
    stage.append(this.gain, this.divider, this.name, this.zoom);
    sides.forEach(({ el }, place) => el.append(this.fits[place]));
  }

  /** Paint them. @param {{view, kept, wipeAt, nameOf}} told `wipeAt` in pixels of the stage */
  paint({ view, kept: { gain, wipe, zoom, fits }, wipeAt, nameOf }) {
    const share = Math.round(wipe * 100);
    setStyle(this.divider, "transform", `translateX(${wipeAt}px)`);
    attribute(this.divider, "aria-valuenow", share);
    attribute(this.divider, "aria-valuetext", `${share} %`);
    // Dodging by 1 − 1/gain divides what is below by 1/gain: the gain, on what the blend has made of both sides.
    const dodge = 1 - 1 / gain;
    setStyle(this.gain, "background-color", `color(srgb ${dodge} ${dodge} ${dodge})`);
    put(this.name, view === "difference" ? `Difference${gain > 1 ? ` × ${gain}` : ""}` : "");
    put(this.zoom, zoom.scale > 1 ? `${zoomWords(zoom.scale)} · Z fits` : "");
    this.fits.forEach((each, place) => {
      put(each, FIT_LABELS[fits[place]]);
      attribute(each, "data-changed", fits[place] !== "contain");
      attribute(each, "aria-label", `${nameOf(place)}: ${FIT_LABELS[fits[place]].toLowerCase()}`);
      attribute(each, "title", "How the picture fills its place: fit, fill, stretch");
    });
  }

  /** Take them away. */
  dispose() {
    for (const each of [this.gain, this.divider, this.name, this.zoom, ...this.fits]) each.remove();
  }
}

/** How much a picture is enlarged: "2.5×". */
export function zoomWords(scale) {
  return `${Number(scale.toFixed(scale < 10 ? 1 : 0))}×`;
}

/** Set a style where it is another one. */
export function setStyle(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}
