// Long and broken texts: read or refused at once. What is read out of texts is compared with Python's in pytest.

import assert from "node:assert/strict";
import test from "node:test";

import { readIdFile, readIdText } from "../../aleph_nb/dashboard/js/ids.js";

const LONG = {
  "blanks between two ids": [`a${" ".repeat(2e6)}b`, ["a", "b"]],
  "blanks in a header": [`task_id,x${" ".repeat(1e5)}y\na,1`, ["a"]],
  "quotes around an id": [`${"'".repeat(1e5)}a`, ["a"]],
  "quotes within an id": [`["a${"'".repeat(1e5)}b"]`, [`a${"'".repeat(1e5)}b`]],
  "a text of 10 MB in JSON": [JSON.stringify({ taskId: "a", x: "y".repeat(1e7) }), ["a"]],
  "line ends before a table": [`${"\n".repeat(1e6)}task_id\na`, ["a"]],
};

for (const [name, [text, ids]] of Object.entries(LONG)) {
  test(`${name}: time grows with the text alone`, { timeout: 10_000 }, () => {
    const start = performance.now();
    assert.deepEqual(readIdText(text).ids, ids);
    assert.ok(performance.now() - start < 3_000);
  });
}

test("a text of JSON without an end is refused at once", () => {
  assert.throws(() => readIdText(`{"taskId":"${"y".repeat(2e6)}`), /What looks like JSON holds no taskId/);
});

test("labels and ids may be called like what every object has", () => {
  const { ids, labels } = readIdText("task_id,__proto__,constructor\n__proto__,x,y\ntoString,z,");
  assert.deepEqual(ids, ["__proto__", "toString"]);
  assert.equal(JSON.stringify(labels), '{"__proto__":{"__proto__":"x","constructor":"y"},"toString":{"__proto__":"z"}}');
  assert.equal(Object.prototype.x, undefined);
});

test("a file's bytes may be an ArrayBuffer or a part of one", () => {
  const { buffer } = new TextEncoder().encode("..task_id\na");
  assert.deepEqual(readIdFile("ids.csv", new Uint8Array(buffer, 2)).ids, ["a"]);
  assert.deepEqual(readIdFile("ids.csv", buffer.slice(2)).ids, ["a"]);
});
