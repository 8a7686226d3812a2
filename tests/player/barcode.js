// Reads which frame a <video> shows, from the barcode that `tests/clips.py` burns into every one. A plain
// script, so that it can be put into any page; `globalThis.barcode` is all that it leaves there.
(() => {
  const NUMBER_BITS = 10, CLIP_BITS = 6, BITS = NUMBER_BITS + CLIP_BITS;
  const DARK = 88, LIGHT = 168; // what lies between is no cell of a barcode
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });

  /** What is drawn, as {frame, clip}; null where there is no barcode, or one that contradicts itself. */
  function read(video) {
    const width = video?.videoWidth ?? video?.width, height = video?.videoHeight ?? video?.height;
    if (!width || video.readyState < 2) return null;
    const side = Math.min(Math.floor(width / (BITS + 2)), Math.floor(height / 6));
    const left = Math.floor((width - BITS * side) / 2);
    canvas.width = BITS * side;
    canvas.height = 2 * side;
    context.drawImage(video, left, side, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let code = 0;
    for (let bit = 0; bit < BITS; bit += 1) {
      const x = bit * side + Math.floor(side / 2);
      const [upper, lower] = [0, 1].map((row) => data[4 * ((row * side + Math.floor(side / 2)) * canvas.width + x) + 1]);
      if (Math.min(upper, lower) > DARK || Math.max(upper, lower) < LIGHT) return null;
      if (upper > lower) code += 2 ** bit;
    }
    return { frame: code % 2 ** NUMBER_BITS, clip: Math.floor(code / 2 ** NUMBER_BITS) };
  }

  const painted = () => new Promise((done) => { requestAnimationFrame(() => done()); });
  const videoOf = (side) => document.querySelector(`.ad-side-${side} video`);
  // What is seen of a side: the video, or the picture that lies over it.
  const seenOf = (side) => document.querySelector(`.ad-side-${side} .ad-film:not([hidden])`) ?? videoOf(side);
  const frameOf = (side) => {
    const seen = seenOf(side);
    return seen && !seen.seeking ? read(seen)?.frame ?? null : null;
  };

  /**
   * Wait until the sides show these frames ({source: 3, result: 4}), and go on showing them for a moment.
   * Gives what they show then, or what they show once the time is over.
   */
  async function settle(expected, ms = 3000) {
    const sides = Object.keys(expected);
    const found = () => Object.fromEntries(sides.map((side) => [side, frameOf(side)]));
    const right = (frames) => sides.every((side) => frames[side] === expected[side]);
    const due = performance.now() + ms;
    let times = 0;
    for (;;) {
      await painted();
      const frames = found();
      times = right(frames) ? times + 1 : 0;
      if (times === 4 || performance.now() > due) return frames;
    }
  }

  /** By how many seconds the source is ahead of the result, by their clocks; `by` is how far it should be. */
  const drift = (by = 0) => videoOf("source").currentTime - videoOf("result").currentTime - by;

  globalThis.barcode = { read, settle, drift, videoOf, seenOf, frameOf };
})();
