/** Frames as they are painted. */

const PAINT_MS = 400; // an error, or a browser without the callback, never calls
const PROBE_SPACING = 1 / 61; // seconds: no frame of up to 60 a second is stepped over
const PROBE_SEEKS = 9;
const PROBE_MOST = 40; // where frames last long
const PROBE_FAR = 0.9; // of the length

/**
 * Call back once when the next frame is painted.
 * @param {HTMLVideoElement} video
 * @param {(mediaTime: ?number) => void} paint where the frame begins, in seconds; null where that is not told
 * @param {number} [within] milliseconds, after which it is called all the same
 * @returns {() => void} what cancels it
 */
export function onPaint(video, paint, within = PAINT_MS) {
  let handle = null;
  const timer = setTimeout(() => end(null), within);
  const end = (time) => {
    cancel();
    paint(time);
  };
  const cancel = () => {
    clearTimeout(timer);
    if (handle !== null) video.cancelVideoFrameCallback(handle);
    handle = null;
  };
  handle = video.requestVideoFrameCallback?.((_, { mediaTime }) => { handle = null; end(mediaTime); }) ?? null;
  return cancel;
}

/**
 * See when a clip's first frames begin, in a video that nobody looks at.
 * @param {HTMLVideoElement} video with data, paused
 * @param {{wanted: function(): boolean, isEnough: function(number[]): boolean}} world wanted: whether to go on;
 *   isEnough: whether the times tell what is looked for
 * @returns {Promise<number[]>} when frames begin, in seconds, neighbours among them
 */
export async function probeTimes(video, { wanted, isEnough }) {
  const times = [];
  for (let place = 1; place <= PROBE_MOST && wanted(); place += 1) {
    if (place * PROBE_SPACING >= video.duration || (place > PROBE_SEEKS && isEnough(times))) break;
    const time = await timeAfterSeek(video, place * PROBE_SPACING);
    if (time !== null) times.push(time);
  }
  return times;
}

/** See when a frame far from the first ones begins: rates that are nearly alike differ there. */
export function probeFar(video) {
  return timeAfterSeek(video, video.duration * PROBE_FAR);
}

function timeAfterSeek(video, seconds) {
  return new Promise((done) => {
    onPaint(video, done);
    video.currentTime = seconds;
  });
}

/**
 * Open a clip in a second video, which nobody sees; whoever opens it gives it back.
 * @param {Object} videos the page's few videos
 * @param {string} src
 * @param {number} patience milliseconds
 * @returns {{video: HTMLVideoElement, opened: Promise<boolean>, giveUp: function(): void}} opened: whether it has come
 */
export function openSpare(videos, src, patience) {
  const holder = { heard: () => undefined };
  const video = videos.take(holder);
  let giveUp = () => undefined;
  const opened = new Promise((done) => {
    const timer = setTimeout(() => giveUp(), patience);
    const end = (isOpen) => {
      clearTimeout(timer);
      done(isOpen);
    };
    giveUp = () => end(false);
    holder.heard = (event) => { if (event === "loadeddata" || event === "error") end(event === "loadeddata"); };
  });
  video.src = src;
  return { video, opened, giveUp };
}
