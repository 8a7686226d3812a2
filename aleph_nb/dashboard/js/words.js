/** Durations, ages, counts and states in words, as the Python room of the same name says them. */

/** The states, in the order of the column that holds them as numbers. */
export const STATES = ["in_progress", "succeeded", "failed", "not_found", "unknown", "no_answer"];

/** How a state is called, and the name of its colour. */
export const STATE_WORDS = {
  in_progress: ["Running", "running"],
  succeeded: ["Succeeded", "green"],
  failed: ["Failed", "red"],
  not_found: ["Not found", "grey"],
  unknown: ["Unknown", "grey"],
  no_answer: ["No answer", "grey"],
};

/** A result that has less than this to live needs a look, in milliseconds. */
export const SOON = 3 * 86_400_000;

const ONE_MINUTE = 60;
const ONE_HOUR = 60 * ONE_MINUTE;
const ONE_DAY = 24 * ONE_HOUR;
const TIME_UNITS = [[ONE_DAY, "day"], [ONE_HOUR, "h"], [ONE_MINUTE, "min"], [1, "s"]];
const MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SAFE_DATA = /^data:(?:image\/(?:png|jpeg|gif|webp|avif)|video\/[\w.+-]+)[;,]/i;

/** @param {number} number @returns {string} "1,204" */
export function thousands(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** @param {number} number @param {string} noun @returns {string} "1 task", "1,204 tasks" */
export function plural(number, noun) {
  return `${thousands(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** @param {number} bytes @returns {string} "840 B", "96 KB", "1.4 MB" */
export function byteSize(bytes) {
  let amount = bytes;
  let unit = "B";
  for (const larger of ["KB", "MB", "GB"]) {
    if (amount < 999.5) break;
    amount /= 1000;
    unit = larger;
  }
  const told = amount < 10 && unit !== "B" && unit !== "KB" ? amount.toFixed(1) : amount.toFixed(0);
  return `${told.replace(/\.0$/, "")} ${unit}`;
}

/**
 * A span in its two largest units, rounded down; a negative one is "0 s".
 * @param {number} ms
 * @returns {string} "5 min 45 s", "1 day 20 h", "under 1 s"
 */
export function duration(ms) {
  if (ms > 0 && ms < 1000) return "under 1 s";
  const rest = Math.max(Math.floor(ms / 1000), 0);
  const place = TIME_UNITS.findIndex(([size]) => rest >= size);
  if (place < 0) return "0 s";
  const [size, unit] = TIME_UNITS[place];
  const told = inUnit(Math.floor(rest / size), unit);
  const [smaller, name] = TIME_UNITS[place + 1] ?? [Infinity, ""];
  const more = Math.floor((rest % size) / smaller);
  return more > 0 ? `${told} ${inUnit(more, name)}` : told;
}

/**
 * How long ago something was, in its largest unit, rounded.
 * @param {number} when @param {number} now milliseconds
 * @returns {string} "just now", "3 days ago", "in 5 min"
 */
export function ago(when, now) {
  const seconds = (now - when) / 1000;
  if (Math.abs(seconds) < ONE_MINUTE) return "just now";
  const told = largestUnit(Math.abs(seconds));
  return seconds > 0 ? `${told} ago` : `in ${told}`;
}

/**
 * How much time is left; "" when none is.
 * @param {number} until @param {number} now milliseconds
 * @returns {string} "11 more days"; under three days "1 day 20 h"
 */
export function remaining(until, now) {
  const left = until - now;
  if (!(left > 0)) return "";
  return left < SOON ? duration(left) : `${halfUp(left / 1000, ONE_DAY)} more days`;
}

/**
 * What a card has room for of a result's life.
 * @param {number|null} until @param {number} now milliseconds
 * @returns {string} "11 d left", "20 h left", "expired", or "" where there is no end to it
 */
export function lifeLeft(until, now) {
  if (until === null || Number.isNaN(until)) return "";
  const seconds = (until - now) / 1000;
  if (seconds <= 0) return "expired";
  if (seconds >= SOON / 1000) return `${halfUp(seconds, ONE_DAY)} d left`;
  if (seconds >= ONE_DAY) return `${Math.floor(seconds / ONE_DAY)} d left`;
  if (seconds >= ONE_HOUR) return `${Math.floor(seconds / ONE_HOUR)} h left`;
  return seconds >= ONE_MINUTE ? `${Math.floor(seconds / ONE_MINUTE)} min left` : "under 1 min left";
}

/** @param {number} when @param {number} now milliseconds @returns {string} "6 Nov", "6 Nov 2025", in UTC */
export function dayOf(when, now) {
  const day = new Date(when);
  const told = `${day.getUTCDate()} ${MONTH_NAMES[day.getUTCMonth()]}`;
  const year = day.getUTCFullYear();
  return year === new Date(now).getUTCFullYear() ? told : `${told} ${year}`;
}

/** @param {number} when milliseconds @returns {string} "2026-11-20 14:25:00 UTC" */
export function exactTime(when) {
  return `${new Date(Math.floor(when / 1000) * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * A place in a clip.
 * @param {number|null} seconds
 * @param {number} [fps] with it, the frame follows: "0:04:12"
 * @returns {string} "0:04", "1:02:07", or "" for none
 */
export function timecode(seconds, fps = 0) {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  const whole = Math.max(Math.floor(seconds + 1e-6), 0);
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / ONE_HOUR), Math.floor(whole / ONE_MINUTE) % 60];
  const told = `${hours ? `${hours}:${pad(minutes)}` : minutes}:${pad(whole % 60)}`;
  return fps > 0 ? `${told}:${pad(Math.floor((Math.max(seconds, 0) - whole) * fps + 1e-6))}` : told;
}

/**
 * A row in words: its state ("Dies soon" and "Expired" included), its colour's name, and the line of facts.
 * @param {{state: string, created: ?number, completed: ?number, expires: ?number}} row
 * @param {number} now milliseconds
 * @returns {{word: string, hue: string, facts: Array<{text: string, title: string, hue: string}>}}
 */
export function tellRow(row, now) {
  const { created, completed, expires, state } = row;
  const [word, hue] = STATE_WORDS[state] ?? STATE_WORDS.unknown;
  const facts = [];
  const title = [created && `created ${exactTime(created)}`, completed && `completed ${exactTime(completed)}`]
    .filter(Boolean).join(", ");
  const tell = (text, behind, colour = "quiet") => facts.push({ text, title: behind, hue: colour });
  if (state === "in_progress") {
    if (created) tell(`${duration(now - created)} so far`, title);
    return { word, hue, facts };
  }
  if (created && completed && completed >= created) {
    tell(`${state === "succeeded" ? "took" : "after"} ${duration(completed - created)}`, title);
  }
  if (completed || created) tell(ago(completed || created, now), title);
  if (state !== "succeeded" || !expires) return { word, hue, facts };
  const until = `until ${exactTime(expires)}`;
  if (expires <= now) {
    tell(`deleted ${ago(expires, now)}`, until);
    return { word: "Expired", hue: "grey", facts };
  }
  const left = remaining(expires, now);
  if (expires - now < SOON) {
    tell(`The service deletes this result in ${left}`, until, "amber");
    return { word: "Dies soon", hue: "amber", facts };
  }
  tell(`result lives ${left}`, until, "read");
  return { word, hue, facts };
}

/**
 * The one place where a URL becomes fit for src or href.
 * @param {?string} url
 * @returns {string} the URL where it is http(s), a blob or a picture's or clip's data; else ""
 */
export function safeUrl(url) {
  if (typeof url !== "string" || /[\s\u0000-\u001f\u007f-\u009f]/.test(url)) return "";
  if (SAFE_DATA.test(url)) return url;
  try {
    const { protocol, hostname } = new URL(url);
    const isWeb = (protocol === "http:" || protocol === "https:") && hostname !== "";
    return (isWeb && /^https?:\/\//i.test(url)) || protocol === "blob:" ? url : "";
  } catch {
    return "";
  }
}

function inUnit(number, unit) {
  return unit === "day" || unit === "month" || unit === "year" ? plural(number, unit) : `${number} ${unit}`;
}

function halfUp(amount, size) {
  return Math.floor(amount / size + 0.5);
}

function largestUnit(seconds) {
  const minutes = halfUp(seconds, ONE_MINUTE);
  if (minutes < 60) return inUnit(minutes, "min");
  const hours = halfUp(seconds, ONE_HOUR);
  if (hours < 24) return inUnit(hours, "h");
  const days = halfUp(seconds, ONE_DAY);
  if (days < 60) return inUnit(days, "day");
  const months = halfUp(days, 30.44);
  return months < 24 ? inUnit(months, "month") : inUnit(halfUp(months, 12), "year");
}
