// What of the views is kept from task to task: plain JSON, and read as what comes from a storage must be.

import { MOST_ZOOM, PICTURE_FITS, clampShare } from "./placing.js";

/** The ways to look at a pair. */
export const PAIR_VIEWS = ["side", "wipe", "difference", "single"];

/** The gains of the difference. */
export const VIEW_GAINS = [1, 2, 4, 8, 16, 32];

/** How a pair is looked at before anybody has said so. */
export function freshViewState() {
  return { view: "side", swapped: false, gain: 1, fits: ["contain", "contain"], wipe: 0.5, zoom: { scale: 1, x: 0.5, y: 0.5 } };
}

/** Read a state; what is missing or nonsense is as at first. */
export function readViewState(saved) {
  const state = freshViewState();
  if (!saved || typeof saved !== "object") return state;
  const { view, swapped, gain, fits, wipe, zoom } = saved;
  if (PAIR_VIEWS.includes(view)) state.view = view;
  if (VIEW_GAINS.includes(gain)) state.gain = gain;
  state.swapped = swapped === true;
  state.wipe = shareOr(wipe, 0.5);
  state.fits = state.fits.map((fit, place) => (PICTURE_FITS.includes(fits?.[place]) ? fits[place] : fit));
  const scale = Number.isFinite(zoom?.scale) ? Math.min(MOST_ZOOM, Math.max(1, zoom.scale)) : 1;
  state.zoom = { scale, x: shareOr(zoom?.x, 0.5), y: shareOr(zoom?.y, 0.5) };
  return state;
}

function shareOr(value, fallback) {
  return Number.isFinite(value) ? clampShare(value) : fallback;
}

/** What stands where: which side is left, right, alone or behind, for a view. */
export function placesOf({ view, swapped }, { count, blinking }) {
  // One picture needs no view: it stays where it is, beside the words that say why the other is not there.
  if (count < 2) return { view: "side", places: swapped ? ["right", "left"] : ["left", "right"] };
  // A difference shows neither side, so the other one there is the picture that it is made of.
  if (blinking && view === "difference") return { view: "single", places: aloneOf(swapped) };
  const exchanged = swapped !== blinking;
  if (view === "single") return { view, places: aloneOf(exchanged) };
  return { view, places: exchanged ? ["right", "left"] : ["left", "right"] };
}

function aloneOf(exchanged) {
  return exchanged ? ["alone", "behind"] : ["behind", "alone"];
}
