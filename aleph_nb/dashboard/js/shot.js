// The pair as a picture: what is seen on the stage, as large as the clips are.

const SHOT_MOST_PIXELS = 36_000_000;
const SHOT_GAP = 2;
const SHOT_PATIENCE_MS = 1500;
const SHOT_POLL_MS = 16;
const SHOT_PAPER = "#0d0e10";

/** Why there is no picture, in words. */
export class ShotError extends Error {}

/**
 * Draw what is seen: the view, the fits, the zoom, the wipe and the gain. The clip with the most pixels keeps every
 * one of them.
 * @param {{sides: Array<{video: HTMLVideoElement, picture: Element, busy: (function(): boolean)=}>, views: Object}} pair
 *   the sides that have a picture; `busy`: whether one is on its way to another frame
 * @returns {Promise<{blob: Blob, width: number, height: number}>}
 */
export async function takeShot({ sides, views }) {
  await allArrived(sides);
  const { view, gain, placed } = views.seen;
  const parts = placed.map((each) => ({ ...each, ...sides.find(({ picture }) => picture === each.picture) })).filter(isDrawn);
  if (parts.length === 0) throw new ShotError("There is no picture to take yet.");
  const plan = planShot(parts, view);
  const canvas = drawShot(plan, view === "difference" && parts.length > 1 ? gain : 0);
  return { blob: await blobOf(canvas), width: canvas.width, height: canvas.height };
}

/** A video that is on its way to a frame still has the one before. */
async function allArrived(sides) {
  const due = performance.now() + SHOT_PATIENCE_MS;
  const isMoving = ({ video, busy }) => video?.seeking || busy?.();
  while (sides.some(isMoving) && performance.now() < due) {
    await new Promise((done) => { setTimeout(done, SHOT_POLL_MS); });
  }
}

function isDrawn({ seen, video, w }) {
  return seen && w > 0 && video && video.readyState >= 2 && video.videoWidth > 0;
}

/** Say where each picture goes, and how large the whole is; all in pixels of what is drawn. */
export function planShot(parts, view) {
  const cut = parts.map((part) => ({ ...part, cut: visiblePart(part) })).filter((part) => part.cut.w > 0 && part.cut.h > 0);
  if (cut.length === 0) throw new ShotError("There is no picture to take yet.");
  const scales = cut.map((part) => nativeScale(part));
  const top = Math.min(...cut.map((part) => part.cut.y));
  const left = Math.min(...cut.map((part) => part.cut.x));
  const across = Math.max(...cut.map((part) => part.cut.x + part.cut.w)) - left;
  const down = Math.max(...cut.map((part) => part.cut.y + part.cut.h)) - top;
  const most = Math.sqrt(SHOT_MOST_PIXELS / (across * down));
  const scale = Math.min(most, Math.max(...scales));
  const beside = view === "side" && cut.length === 2;
  const [first] = [...cut].sort((a, b) => a.cut.x - b.cut.x);
  const edge = beside ? Math.round((first.cut.x + first.cut.w - left) * scale) : 0;
  const draws = cut.map((part) => {
    // Two pixels apart whatever the scale is, as on the stage.
    const shift = beside && part !== first ? edge + SHOT_GAP - Math.round((part.cut.x - left) * scale) : 0;
    const x = Math.round((part.cut.x - left) * scale) + shift;
    const y = Math.round((part.cut.y - top) * scale);
    const right = Math.round((part.cut.x + part.cut.w - left) * scale) + shift;
    return { video: part.video, from: sourceOf(part), x, y, w: right - x, h: Math.round((part.cut.y + part.cut.h - top) * scale) - y };
  });
  return {
    draws,
    width: Math.max(...draws.map((each) => each.x + each.w)),
    height: Math.max(...draws.map((each) => each.y + each.h)),
  };
}

/** The part of a picture that is seen, in pixels of the stage. */
function visiblePart({ box, x, y, w, h, scale, from, to }) {
  const left = Math.max(box.x, box.x + x, from);
  const right = Math.min(box.x + box.w, box.x + x + w * scale, to);
  const top = Math.max(box.y, box.y + y);
  const bottom = Math.min(box.y + box.h, box.y + y + h * scale);
  return { x: left, y: top, w: right - left, h: bottom - top };
}

/** How many pixels of the clip there are for one of the stage. */
function nativeScale({ video, w, h, scale }) {
  return Math.max(video.videoWidth / (w * scale), video.videoHeight / (h * scale));
}

/** The part that is seen, in pixels of the clip. */
function sourceOf({ video, cut, box, x, y, w, h, scale }) {
  const [perX, perY] = [video.videoWidth / (w * scale), video.videoHeight / (h * scale)];
  return { x: (cut.x - box.x - x) * perX, y: (cut.y - box.y - y) * perY, w: cut.w * perX, h: cut.h * perY };
}

function drawShot({ draws, width, height }, gain) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  if (!pen) throw new ShotError("The browser gives no canvas to draw on.");
  pen.fillStyle = gain ? "#000" : SHOT_PAPER;
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  draws.forEach(({ video, from, x, y, w, h }, place) => {
    pen.globalCompositeOperation = gain && place > 0 ? "difference" : "source-over";
    pen.drawImage(video, from.x, from.y, from.w, from.h, x, y, w, h);
  });
  // The gains are powers of two: a picture added to itself is twice as light, exactly.
  pen.globalCompositeOperation = "lighter";
  for (let louder = 1; louder < gain; louder *= 2) pen.drawImage(canvas, 0, 0);
  return canvas;
}

function blobOf(canvas) {
  return new Promise((done, fail) => {
    try {
      canvas.toBlob((blob) => (blob ? done(blob) : fail(new ShotError("The picture is too large for the browser."))), "image/png");
    } catch (error) {
      const isForeign = error.name === "SecurityError";
      fail(isForeign ? new ShotError("The browser does not let a picture be read from this host.") : error);
    }
  });
}

/** A file's name of a frame's number and one of its own. */
export function shotName(frame, number) {
  return `frame-${String(frame).padStart(4, "0")}-${number}.png`;
}

/**
 * Put a picture on the clipboard, or save it as a file where the browser does not let it.
 * @param {Blob} blob
 * @param {string} name of the file; see shotName
 * @returns {Promise<"copied"|"saved">}
 */
export async function keepShot(blob, name) {
  try {
    await navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]);
    return "copied";
  } catch {
    saveShot(blob, name); // no clipboard on a page without https, without a permission, in an older browser
    return "saved";
  }
}

function saveShot(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w.-]+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
