// What verdict lines amount to: the cases that Python's fold is held to as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { foldLines, hasVerdict, isLine } from "../../aleph_nb/dashboard/js/fold.js";

const CASES = JSON.parse(readFileSync(new URL("../data/folds.json", import.meta.url), "utf8"));

for (const { name, lines, verdict } of CASES) {
  test(name, () => {
    const { lines: standing, ...told } = foldLines(lines);
    assert.deepEqual(told, verdict);
    assert.ok(standing.every((line) => lines.includes(line)));
    assert.equal(hasVerdict(told), Boolean(told.rating || told.pick || told.tags.length || told.notes.length));
  });
}

test("folding changes no line and no list", () => {
  for (const { lines } of CASES) {
    const before = JSON.stringify(lines);
    foldLines(Object.freeze(lines.map(Object.freeze)));
    assert.equal(JSON.stringify(lines), before);
  }
});

test("a chain of a hundred thousand undos is folded, and ends as its length says", () => {
  const lines = [{ uuid: "0", task_id: "a", at: 0, field: "rating", value: 5 }];
  for (let n = 1; n <= 100_000; n += 1) {
    lines.push({ uuid: String(n), task_id: "a", at: n, field: "undo", value: String(n - 1) });
  }
  assert.equal(foldLines(lines).rating, 5);
  assert.equal(foldLines(lines.slice(0, -1)).rating, 0);
});

test("what is no line at all is passed over", () => {
  for (const line of [null, undefined, 1, "x", [], {}, { uuid: "1", task_id: "a", at: NaN, field: "rating", value: 1 }]) {
    assert.equal(isLine(line), false);
    assert.equal(foldLines([line]).rating, 0);
  }
});
