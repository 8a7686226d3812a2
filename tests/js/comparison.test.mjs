// What is compared: results with their sources, takes with each other, and by how much they are shifted.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Comparison } from "../../aleph_nb/dashboard/js/comparison.js";

const NOW = 1_760_000_000_000;
const DAY = 86_400_000;

function rowOf(id, change = {}) {
  return {
    task_id: id, state: "succeeded", prompt: `Prompt of ${id}`, reason: "", error_message: null, error_code: null,
    source: "https://a.test/s.mp4", result: `https://a.test/${id}.mp4`, thumbnail: `https://a.test/${id}.jpg`,
    created: NOW - 5 * DAY, completed: NOW - 5 * DAY, expires: NOW + 9 * DAY, ...change,
  };
}

/** A store of rows, of which `takes` are those that can be looked at. */
function storeOf(rows) {
  return {
    size: rows.length, now: () => NOW, row: (i) => rows[i],
    takes: (source) => rows.flatMap((row, i) => (row.source === source && row.state === "succeeded" ? [i] : [])),
  };
}

const named = (pair) => pair.sides.map((side) => side.name);

test("a result stands beside its source", () => {
  const [row] = [rowOf("a")];
  const pair = new Comparison(storeOf([row])).pair(row);
  assert.deepEqual(named(pair), ["Source", "Result"]);
  assert.deepEqual(pair.sides.map((side) => side.url), [row.source, row.result]);
  assert.equal(pair.sides[1].poster, row.thumbnail);
  assert.equal(new Comparison(storeOf([])).pair(null), null);
});

test("what has no result says why, and has no picture", () => {
  const failed = rowOf("f", { state: "failed", result: null, error_code: 422, error_message: "flagged" });
  const gone = rowOf("g", { expires: NOW - DAY });
  const comparison = new Comparison(storeOf([failed, gone]));
  assert.deepEqual([comparison.pair(failed).sides[1].title, comparison.pair(failed).sides[1].why], ["Failed · 422", "flagged"]);
  assert.equal(comparison.pair(gone).sides[1].title, "Expired");
  assert.match(comparison.pair(gone).sides[1].why, /deleted this result/);
  assert.equal(comparison.pair(gone).sides[1].poster, null);
});

test("a key goes through the takes of the source, and back to the source", () => {
  const rows = [rowOf("a"), rowOf("b"), rowOf("c"), rowOf("x", { source: "https://a.test/other.mp4" })];
  const comparison = new Comparison(storeOf(rows));
  assert.equal(comparison.hasTakes(rows[0]), true);
  assert.equal(comparison.hasTakes(rows[3]), false);
  assert.match(comparison.nextTake(rows[0]), /^Compared with Take 2: Prompt of b/);
  assert.deepEqual(named(comparison.pair(rows[0])), ["Take 2", "Take 1"]);
  assert.deepEqual(named(comparison.pair(rows[2])), ["Take 2", "Take 3"], "it stays for another take of the source");
  assert.deepEqual(named(comparison.pair(rows[1])), ["Source", "Result"], "not for itself");
  assert.deepEqual(named(comparison.pair(rows[3])), ["Source", "Result"], "nor for another source");
  assert.match(comparison.nextTake(rows[0]), /Take 3/);
  assert.equal(comparison.nextTake(rows[0]), "Compared with the source");
  assert.equal(comparison.nextTake(rows[3]), "There is no other take of this source");
});

test("an offset is kept by pair, and turned with it", () => {
  const rows = [rowOf("a"), rowOf("b")];
  const comparison = new Comparison(storeOf(rows));
  comparison.shift("a", 0.08);
  comparison.nextTake(rows[0]); // b beside a
  assert.equal(comparison.pair(rows[0]).offset, 0);
  comparison.shift(comparison.pair(rows[0]).key, 0.04);
  const other = new Comparison(storeOf(rows));
  other.offsets = JSON.parse(JSON.stringify(comparison.offsets));
  assert.equal(other.pair(rows[0]).offset, 0.08);
  other.nextTake(rows[1]); // a beside b
  assert.equal(other.pair(rows[1]).offset, -0.04);
  other.shift(other.pair(rows[1]).key, 0);
  assert.equal(other.pair(rows[1]).offset, 0);
  other.offsets = [["c", "junk"], 7, null, ["d", 1]];
  assert.deepEqual(other.offsets, [["d", 1]]);
});
