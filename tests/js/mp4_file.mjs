// MP4 files as small as they can be: an index, and no frames.

/** A box: its size, its name, and what is in it. */
export function box(name, ...parts) {
  const bytes = parts.map((part) => (part instanceof Uint8Array ? part : new Uint8Array(part)));
  const size = 8 + bytes.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(size);
  new DataView(whole.buffer).setUint32(0, size);
  [...name].forEach((letter, place) => { whole[4 + place] = letter.charCodeAt(0); });
  let at = 8;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function numbers(...all) {
  const view = new DataView(new ArrayBuffer(4 * all.length));
  all.forEach((number, place) => view.setUint32(4 * place, number));
  return new Uint8Array(view.buffer);
}

const letters = (text) => new TextEncoder().encode(text);

/** A track. @param {{kind: string, scale: number, runs: number[][]}} told runs: of frames, and how long each lasts */
export function track({ kind = "vide", scale, runs }) {
  const length = runs.reduce((sum, [count, each]) => sum + count * each, 0);
  return box("trak",
    box("tkhd", new Uint8Array(84)),
    box("mdia",
      box("mdhd", numbers(0, 0, 0, scale, length, 0)),
      box("hdlr", numbers(0, 0), letters(kind), new Uint8Array(13)),
      box("minf", box("stbl", box("stsd", new Uint8Array(8)), box("stts", numbers(0, runs.length, ...runs.flat()))))));
}

/** A file of tracks; `ahead`: boxes that stand before its index. */
export function movie(tracks, { ahead = [] } = {}) {
  return new Blob([box("ftyp", letters("isom"), new Uint8Array(8)), ...ahead, box("moov", box("mvhd", new Uint8Array(100)), ...tracks)]);
}
