/** The frame rate that an MP4 file tells of itself. */

const MOST_MOOV = 16_000_000; // bytes: the index of hours of video
const SAME_SHARE = 0.98; // of frames that last as long as most do: the rest are rounding

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

function rateInMoov(view) {
  for (const track of boxesIn(view, 0, view.byteLength)) {
    const media = track.name === "trak" && boxAt(view, track, "mdia");
    const kind = media && boxAt(view, media, "hdlr");
    if (!kind || view.getUint32(kind.from + 8) !== 0x76696465) continue; // "vide"
    const header = boxAt(view, media, "mdhd");
    const times = boxAt(view, media, "minf", "stbl", "stts");
    if (!header || !times) return null;
    const scale = view.getUint32(header.from + (view.getUint8(header.from) === 1 ? 20 : 12));
    return rateOfTimes(view, times, scale);
  }
  return null;
}

function rateOfTimes(view, times, scale) {
  const lengths = new Map();
  let frames = 0;
  let sum = 0;
  const runs = Math.min(view.getUint32(times.from + 4), (times.to - times.from - 8) / 8);
  for (let run = 0; run < runs; run += 1) {
    const count = view.getUint32(times.from + 8 + run * 8);
    const length = view.getUint32(times.from + 12 + run * 8);
    lengths.set(length, (lengths.get(length) ?? 0) + count);
    frames += count;
    sum += count * length;
  }
  if (!frames || !sum || !scale) return null;
  const [usual] = [...lengths].sort((a, b) => b[1] - a[1])[0];
  const alike = [...lengths].reduce((all, [length, count]) => all + (Math.abs(length - usual) <= 1 ? count : 0), 0);
  return alike / frames >= SAME_SHARE ? (scale * frames) / sum : null;
}
