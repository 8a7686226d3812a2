/** The frame rate that an MP4 file tells of itself. */

const MOST_MOOV = 16_000_000; // bytes: the index of hours of video
const SAME_SHARE = 0.98; // of frames that last as long as most do: the rest are errors of whoever wrote it
const [LOWEST_RATE, HIGHEST_RATE] = [1, 1000]; // beyond is no video

/**
 * Read the rate of the first video track.
 * @param {Blob} file
 * @returns {Promise<?number>} frames a second; null where this is no MP4, or its frames differ in length
 */
export async function rateInFile(file) {
  try {
    const moov = await findMoov(file);
    return moov && rateInMoov(new DataView(moov));
  } catch {
    return null; // a file that lies about itself tells nothing
  }
}

async function findMoov(file) {
  for (let at = 0; at + 8 <= file.size;) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    const { size, skip, name } = boxHead(head, 0, file.size - at);
    if (size < skip) return null;
    if (name === "moov") return size > MOST_MOOV ? null : file.slice(at + skip, at + size).arrayBuffer();
    at += size;
  }
  return null;
}

function boxHead(view, at, rest) {
  const name = String.fromCharCode(...[4, 5, 6, 7].map((place) => view.getUint8(at + place)));
  const size = view.getUint32(at);
  if (size === 1) return { name, skip: 16, size: Number(view.getBigUint64(at + 8)) };
  return { name, skip: 8, size: size === 0 ? rest : size };
}

/** The boxes inside a part, as {name, from, to}. */
function* boxesIn(view, from, to) {
  for (let at = from; at + 8 <= to;) {
    const { name, skip, size } = boxHead(view, at, to - at);
    if (size < skip || at + size > to) return;
    yield { name, from: at + skip, to: at + size };
    at += size;
  }
}

function boxAt(view, part, ...path) {
  let found = part;
  for (const wanted of path) {
    found = found && [...boxesIn(view, found.from, found.to)].find(({ name }) => name === wanted);
  }
  return found;
}

/** The rate of the video track with the most frames: a cover and the thumbnails of chapters are tracks as well. */
function rateInMoov(view) {
  let most = { frames: 0, rate: null };
  for (const track of boxesIn(view, 0, view.byteLength)) {
    const media = track.name === "trak" && boxAt(view, track, "mdia");
    const kind = media && boxAt(view, media, "hdlr");
    if (!kind || view.getUint32(kind.from + 8) !== 0x76696465) continue; // "vide"
    const header = boxAt(view, media, "mdhd");
    const times = boxAt(view, media, "minf", "stbl", "stts");
    if (!header || !times) continue;
    const scale = view.getUint32(header.from + (view.getUint8(header.from) === 1 ? 20 : 12));
    const found = rateOfRuns(runsIn(view, times), scale);
    if (found.frames > most.frames) most = found;
  }
  return most.rate >= LOWEST_RATE && most.rate <= HIGHEST_RATE ? most.rate : null;
}

/** How many frames one after the other last how long: [count, length], but for the last frame, whose length is anything. */
function runsIn(view, times) {
  const count = Math.min(view.getUint32(times.from + 4), Math.floor((times.to - times.from - 8) / 8));
  const runs = Array.from({ length: count }, (_, run) => (
    [view.getUint32(times.from + 8 + run * 8), view.getUint32(times.from + 12 + run * 8)]));
  if (runs.length > 1 || runs[0]?.[0] > 1) runs[count - 1][0] -= 1;
  return runs;
}

function rateOfRuns(runs, scale) {
  const counts = new Map();
  for (const [count, length] of runs) counts.set(length, (counts.get(length) ?? 0) + count);
  const [usual] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0];
  const alike = runs.filter(([, length]) => Math.abs(length - usual) <= 1); // a length between two whole ones is now the one, now the other
  const sumOf = (some, each) => some.reduce((sum, run) => sum + each(run), 0);
  const [frames, same] = [runs, alike].map((some) => sumOf(some, ([count]) => count));
  const lasts = sumOf(alike, ([count, length]) => count * length);
  return { frames, rate: lasts > 0 && same >= frames * SAME_SHARE ? (scale * same) / lasts : null };
}
