// Where a picture lies in its box: fit, zoom and clip as numbers. Lengths are in pixels of the page.

/** How a picture fills its box: whole, without an edge, stretched. */
export const PICTURE_FITS = ["contain", "cover", "fill"];

/** The most that a picture is enlarged by. */
export const MOST_ZOOM = 32;

/** The size of a picture in a box, before it is zoomed. @param {?{w, h}} natural null while it is not known */
export function fittedSize(box, natural, fit) {
  if (!natural || fit === "fill" || !box.w || !box.h) return { w: box.w, h: box.h };
  const scales = [box.w / natural.w, box.h / natural.h];
  const scale = fit === "cover" ? Math.max(...scales) : Math.min(...scales);
  return { w: natural.w * scale, h: natural.h * scale };
}

/**
 * Where a length begins in a box: what is shorter is aligned (0 at the start, 1 at the end); of what is longer
 * the place `centre` (0..1) comes to the middle, but no gap opens at an edge.
 */
export function startIn(box, length, align, centre) {
  if (length <= box) return (box - length) * align;
  return Math.min(0, Math.max(box - length, box / 2 - centre * length));
}

/** The place (0..1) of a length that is in the middle of its box when it begins at `start`. */
export function centreFrom(box, length, start) {
  return (box / 2 - start) / length;
}

/**
 * Lay pictures out in their boxes.
 *
 * Side by side each has its own box, and the same place of both pictures is looked at, whatever their shapes.
 * Laid over each other, all move as one: what lies on what at first still does when it is enlarged.
 * @param {Array<{box: {x, y, w, h}, natural: ?{w, h}, fit: string, align: number}>} sides
 * @param {{zoom: {scale, x, y}, overlaid: boolean}} view
 * @returns {Array<{box, natural, fit, align, x, y, scale, w, h, frame: {x, y, w, h}}>} x, y in the box; w, h before the scale;
 *   `frame` is what moves as one, in the box and with the scale
 */
export function placePictures(sides, { zoom, overlaid }) {
  const { scale } = zoom;
  const sizes = sides.map(({ box, natural, fit }) => fittedSize(box, natural, fit));
  const most = { w: Math.max(...sizes.map(({ w }) => w)), h: Math.max(...sizes.map(({ h }) => h)) };
  return sides.map(({ box, natural, fit, align }, place) => {
    const { w, h } = sizes[place];
    const frame = overlaid ? { w: most.w * scale, h: most.h * scale } : { w: w * scale, h: h * scale };
    frame.x = startIn(box.w, frame.w, align, zoom.x);
    frame.y = startIn(box.h, frame.h, 0.5, zoom.y);
    const [x, y] = [frame.x + (frame.w - w * scale) / 2, frame.y + (frame.h - h * scale) / 2];
    return { box, natural, fit, align, x, y, scale, w, h, frame };
  });
}

/**
 * Zoom by a factor and keep what is under a point where it is.
 * @param {{scale, x, y}} zoom
 * @param {{box, frame}} placed of the picture that the point is on
 * @param {?{x, y}} point in the box; its middle where there is none
 */
export function zoomedAt({ scale, x, y }, { box, frame }, factor, point) {
  const next = Math.min(MOST_ZOOM, Math.max(1, scale * factor));
  const grown = next / scale;
  const along = (size, start, length, at, centre) => {
    if (!(length > 0)) return centre;
    const under = (at - start) / length;
    return clampShare(centreFrom(size, length * grown, at - under * length * grown));
  };
  return {
    scale: next,
    x: along(box.w, frame.x, frame.w, point?.x ?? box.w / 2, x),
    y: along(box.h, frame.y, frame.h, point?.y ?? box.h / 2, y),
  };
}

/** Move what is seen by so many pixels; where no picture is longer than its box, it stays. */
export function pannedBy({ scale, x, y }, { box, frame }, dx, dy) {
  const along = (size, start, length, by, centre) => {
    if (length <= size) return centre;
    return centreFrom(size, length, Math.min(0, Math.max(size - length, start + by)));
  };
  return { scale, x: along(box.w, frame.x, frame.w, dx, x), y: along(box.h, frame.y, frame.h, dy, y) };
}

/** Say whether a picture is larger than its box, so that it can be moved. */
export function isLarger({ box, frame }) {
  return frame.w > box.w + 0.5 || frame.h > box.h + 0.5;
}

/** A share as CSS and storage want it: 0..1. */
export function clampShare(value) {
  return Math.min(1, Math.max(0, value));
}
