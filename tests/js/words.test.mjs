// Spans and times in words; what may stand in src and href.

import assert from "node:assert/strict";
import test from "node:test";

import * as words from "../../aleph_nb/dashboard/js/words.js";

const NOW = Date.UTC(2026, 10, 23, 16);
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

test("what is left of a result's life, for a card", () => {
  const told = [null, NaN, -1, 30_000, 5 * MINUTE, 20.5 * HOUR, 44 * HOUR, 3 * DAY, 10.6 * DAY].map((left) => words.lifeLeft(left === null ? null : NOW + left, NOW));
  assert.deepEqual(told, ["", "", "expired", "under 1 min left", "5 min left", "20 h left", "1 d left", "3 d left", "11 d left"]);
});

test("timecodes", () => {
  const told = [[null], [NaN], [0], [4.2], [64.999], [3_727], [4.5, 24], [0, 24], [1.999999999, 25]].map(([at, fps]) => words.timecode(at, fps));
  assert.deepEqual(told, ["", "", "0:00", "0:04", "1:04", "1:02:07", "0:04:12", "0:00:00", "0:02:00"]);
});

test("a row in words", () => {
  const row = { state: "succeeded", created: NOW - 3 * DAY - 345_000, completed: NOW - 3 * DAY, expires: NOW + 11 * DAY };
  const tell = (change) => {
    const { word, hue, facts } = words.tellRow({ ...row, ...change }, NOW);
    return [word, hue, ...facts.map(({ text }) => text)];
  };
  assert.deepEqual(tell({}), ["Succeeded", "green", "took 5 min 45 s", "3 days ago", "result lives 11 more days"]);
  assert.deepEqual(tell({ expires: NOW + 44 * HOUR }).slice(0, 2), ["Dies soon", "amber"]);
  assert.equal(tell({ expires: NOW + 44 * HOUR }).at(-1), "The service deletes this result in 1 day 20 h");
  assert.deepEqual(tell({ expires: NOW - DAY }), ["Expired", "grey", "took 5 min 45 s", "3 days ago", "deleted 24 h ago".replace("24 h", "1 day")]);
  assert.deepEqual(tell({ state: "failed", expires: null }), ["Failed", "red", "after 5 min 45 s", "3 days ago"]);
  assert.deepEqual(tell({ state: "in_progress", created: NOW - MINUTE, completed: null, expires: null }), ["Running", "running", "1 min so far"]);
  assert.deepEqual(tell({ state: "no_answer", created: null, completed: null, expires: null }), ["No answer", "grey"]);
  assert.deepEqual(tell({ created: NOW, completed: NOW - DAY, expires: null }), ["Succeeded", "green", "1 day ago"]);
});

const SAFE = [
  "https://media.example/a.mp4?x=1&y=%20#t", "http://127.0.0.1:8000/a", "HTTPS://media.example/", "blob:https://media.example/5f0c",
  "blob:null/5f0c", "data:image/jpeg;base64,AAAA", "data:video/mp4;base64,AAAA",
];
const UNSAFE = [
  null, undefined, 1, "", "media.example/a", "//media.example/a", "/a", "a.mp4", "javascript:alert(1)", "JaVaScRiPt:alert(1)", " https://media.example/",
  "https://media.example/ a", "java\nscript:alert(1)", "\u0001javascript:alert(1)", "data:text/html,<script>", "data:image/svg+xml,<svg onload=x>", "data:,x",
  "file:///etc/passwd", "vbscript:x", "ftp://media.example/", "https://", "https:media.example", "http:\\\\media.example", "about:blank", "filesystem:https://media.example/x",
];

for (const url of SAFE) test(`may be shown: ${url}`, () => assert.equal(words.safeUrl(url), url));
for (const url of UNSAFE) test(`may not be shown: ${JSON.stringify(url)}`, () => assert.equal(words.safeUrl(url), ""));
