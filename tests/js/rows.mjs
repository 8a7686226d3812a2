// Messages with rows, as the kernel sends them.

import { STATES } from "../../aleph_nb/dashboard/js/words.js";

const TEXTS = ["task_id", "prompt", "reason", "error_message", "source", "result", "thumbnail", "labels"];
const TIMES = ["created", "completed", "expires", "fetched", "asked"];
const encoder = new TextEncoder();

/** A message and its buffers; each row is an object of what it has. */
export function message(rows, rest = {}) {
  const names = [...TEXTS, "state", ...TIMES, "error_code"];
  const buffers = names.map((name) => {
    if (name === "state") return bytes(Uint8Array.from(rows, (row) => STATES.indexOf(row.state ?? "succeeded")));
    if (name === "error_code") return bytes(Int32Array.from(rows, (row) => row.error_code ?? -1));
    if (TIMES.includes(name)) return bytes(Float64Array.from(rows, (row) => row[name] ?? NaN));
    return new DataView(encoder.encode(JSON.stringify(rows.map((row) => row[name] ?? null))).buffer);
  });
  return [{ type: "rows", names, first: 0, count: rows.length, total: rows.length, done: true, ...rest }, buffers];
}

/** A view that begins at an odd place, as buffers of a message may. */
function bytes(array) {
  const whole = new Uint8Array(array.byteLength + 3);
  whole.set(new Uint8Array(array.buffer), 3);
  return new DataView(whole.buffer, 3);
}
