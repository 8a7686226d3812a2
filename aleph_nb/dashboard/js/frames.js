/** Frames and seconds: a clip is counted in whole frames, from 0, and its rate is one of the standard ones. */

/** The rates at which video is made, in frames a second. */
export const FRAME_RATES = [
  8, 10, 12, 12.5, 15, 16, 18, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60, 90, 100, 120000 / 1001, 120,
];

const FRAME_SHARE = 0.4;
const FRAME_SLACK = 1e-3; // of a frame: what adding and dividing seconds may cost
const FEWEST_TIMES = 4;
const TIME_SLACK = 0.0006; // seconds: containers that count in milliseconds round so much
const TIME_NOISE = 1e-5; // seconds: two rates that fit within this fit alike, and the lower one counts
const TIME_SAME = 0.002; // seconds: no frame is so short, so that two times this near are one frame's
const LONGEST_GAP = 0.2; // seconds: what is further apart tells of no rate
const GAPS_ALIKE = 0.25; // how much the lengths of frames may differ, and the share of gaps that must not differ more

/** The frame that is shown at a time. @param {number} seconds @param {number} fps */
export function frameAt(seconds, fps) {
  return Math.max(Math.floor(seconds * fps + FRAME_SLACK), 0);
}

/** The time at the middle of a frame. */
export function centreOf(frame, fps) {
  return (frame + 0.5) / fps;
}

/**
 * The time to seek to for a frame. At its beginning a browser shows the frame before as often as not. And where a
 * file counts its time in whole frames, a browser rounds: from the middle on, the frame before a key frame is lost.
 * @param {number} frame
 * @param {number} fps
 * @param {number} [share] how far into the frame
 */
export function seekTime(frame, fps, share = FRAME_SHARE) {
  return (frame + share) / fps;
}

/** The frame at one rate that begins where a frame at another does; the first is the first at every rate. */
export function sameFrame(frame, was, fps) {
  return frameAt(frame / was + 0.5 / Math.max(was, fps), fps);
}

/** How many frames a length holds; at least one. */
export function framesIn(seconds, fps) {
  return Number.isFinite(seconds) ? Math.max(Math.round(seconds * fps), 1) : 1;
}

/**
 * Find the rate by the times at which frames begin, as `requestVideoFrameCallback` tells them.
 * @param {Iterable<number>} times seconds, in any order, with gaps; two neighbours must be among them
 * @returns {?number} a standard rate, or the one between where none fits; null while there are too few times
 */
export function rateFrom(times) {
  const sorted = apartFrom([...times].sort((a, b) => a - b));
  if (sorted.length < FEWEST_TIMES) return null;
  const [first] = sorted;
  let best = null;
  for (const fps of FRAME_RATES) {
    const off = Math.max(...sorted.map((time) => Math.abs((time - first) - Math.round((time - first) * fps) / fps)));
    const ends = sorted.map((time) => Math.round((time - first) * fps));
    const apart = Math.min(...ends.slice(1).map((end, place) => end - ends[place]));
    if (apart !== 1 || off > TIME_SLACK * 2) continue; // no neighbours among them at this rate, or they do not fit
    if (!best || off < best.off - TIME_NOISE) best = { fps, off };
  }
  return best ? best.fps : rateBetween(sorted);
}

function apartFrom(sorted) {
  const apart = [];
  for (const time of sorted) if (!apart.length || time - apart.at(-1) > TIME_SAME) apart.push(time);
  return apart;
}

function rateBetween(sorted) {
  if (sorted.length < 3 * FEWEST_TIMES) return null;
  const gaps = sorted.slice(1).map((time, place) => time - sorted[place]).sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 4)]; // the longer ones are frames that were missed
  const alike = gaps.filter((gap) => Math.abs(gap - usual) <= usual * GAPS_ALIKE);
  return usual <= LONGEST_GAP && alike.length >= gaps.length * GAPS_ALIKE ? 1 / usual : null;
}

/** A rate as it is called: "25", "29.97". */
export function rateWords(fps) {
  return String(Number(fps.toFixed(fps < 100 ? 3 : 2))).replace(/^(\d+\.\d\d)\d$/, (all, two) => (/^23\.976/.test(all) ? all : two));
}

/** A frame as editors count it, without drop: "00:00:02:07". */
export function frameCode(frame, fps) {
  const whole = Math.max(Math.round(fps), 1);
  const two = (number) => String(number).padStart(2, "0");
  const seconds = Math.floor(frame / whole);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame % whole].map(two).join(":");
}
