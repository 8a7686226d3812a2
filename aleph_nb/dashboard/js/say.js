// The desk's sentences: what stands where there is no picture, on a card, and in a screen reader's ear.

import { ago, duration, lifeLeft, plural, SOON, STATE_WORDS } from "./words.js";

/** What the state of a task is called. */
export function stateWord(row) {
  return (STATE_WORDS[row.state] ?? STATE_WORDS.unknown)[0];
}

/** Say whether a result is deleted within three days. */
export function isDying(row, now) {
  return row.state === "succeeded" && row.expires !== null && row.expires > now && row.expires - now < SOON;
}

/** Say whether a result has been deleted. */
export function isGone(row, now) {
  return row.state === "succeeded" && row.expires !== null && row.expires <= now;
}

/** The short words at the end of a card: "11 d left", "20 h left", "expired", "1 day ago". */
export function lifeOf(row, now) {
  if (row.state === "succeeded" && row.expires !== null) return lifeLeft(row.expires, now);
  const when = row.created ?? row.asked;
  return when === null ? "" : ago(when, now);
}

/** What stands where there is no picture: a title and why; null where the picture itself says it. */
export function faceOf(row, now) {
  const title = stateWord(row);
  switch (row.state) {
    case "succeeded":
      return isGone(row, now) ? { title: "Expired", why: `deleted ${ago(row.expires, now)}` } : null;
    case "in_progress":
      return { title, why: row.created === null ? "" : `${duration(now - row.created)} so far` };
    case "failed":
      return { title: row.error_code ? `${title} · ${row.error_code}` : title, why: row.error_message || row.reason || "" };
    case "not_found":
      return { title, why: row.reason || "the service does not know this id" };
    case "no_answer":
      return { title, why: row.reason || "asked for, no answer yet" };
    default:
      return { title, why: row.reason || "" };
  }
}

/** What a screen reader says of a card. */
export function labelOf(row, verdict, now) {
  const parts = [row.prompt || row.task_id, stateWord(row), faceOf(row, now)?.why];
  if (verdict.rating) parts.push(`${verdict.rating} of 5 stars`);
  if (verdict.pick) parts.push(verdict.pick === "pick" ? "picked" : "rejected");
  if (verdict.tags.length) parts.push(`tags ${verdict.tags.join(", ")}`);
  if (verdict.notes.length) parts.push(plural(verdict.notes.length, "note"));
  return [...parts, lifeOf(row, now)].filter(Boolean).join(", ");
}

/** Why there is no result to play; "" where there is. */
export function whyNoResult(row, now) {
  if (isGone(row, now)) return `The service deleted this result ${ago(row.expires, now)}.`;
  if (row.state === "succeeded") return row.result ? "" : "The service gave no result video.";
  return faceOf(row, now).why;
}

/** A time in a clip, to the tenth: "0:01.2". */
export function clockWords(seconds) {
  const tenths = Math.floor(Math.max(seconds, 0) * 10 + 1e-6);
  return `${lengthWords(Math.floor(tenths / 10))}.${tenths % 10}`;
}

/** The length of a clip: "0:05", "1:02:09". */
export function lengthWords(seconds) {
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

/** A source by its file's name, for a heading. */
export function sourceName(url) {
  if (!url) return "No source known";
  const bare = url.split(/[?#]/)[0].replace(/\/+$/, "");
  const last = bare.slice(bare.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last) || url;
  } catch {
    return last || url;
  }
}

/** An id, short enough for a line: "ee603959…eba6". */
export function shortId(id) {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
