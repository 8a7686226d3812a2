// Sources for pictures and clips, by URL and by bytes.

import assert from "node:assert/strict";
import test from "node:test";

import { Media } from "../../aleph_nb/dashboard/js/media.js";
import { Clock } from "./world.mjs";

const url = (n) => `http://127.0.0.1:8000/${n}.jpg`;

function open(rest = {}) {
  const [clock, asked] = [new Clock(), []];
  const made = new Set();
  const [create, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
  URL.createObjectURL = (blob) => {
    const name = create(blob);
    made.add(name);
    return name;
  };
  URL.revokeObjectURL = (name) => {
    made.delete(name);
    revoke(name);
  };
  const media = new Media({ mode: "bytes", schedule: clock.schedule, send: (content) => void asked.push(...content.urls), ...rest });
  const answer = (n, size = 10) => media.take({ type: "media", url: url(n), kind: "image/jpeg" }, [new DataView(new ArrayBuffer(size))]);
  return { clock, asked, made, media, answer };
}

test("where URLs do, they are handed out, if they are fit for it", () => {
  const { media, asked } = open({ mode: "url" });
  const got = [];
  for (const one of [url(1), null, "javascript:alert(1)"]) media.want(one, ({ src, error }) => got.push([src, Boolean(error)]))();
  assert.deepEqual(got, [[url(1), false], ["", false], ["", true]]);
  assert.deepEqual(asked, []);
});

test("bytes are asked for once, and everybody who waits gets the same source", () => {
  const { media, clock, asked, answer } = open();
  const got = [];
  media.want(url(1), ({ src }) => got.push(src));
  media.want(url(1), ({ src }) => got.push(src));
  clock.pass(100);
  assert.deepEqual(asked, [url(1)]);
  answer(1);
  media.want(url(1), ({ src, kind }) => got.push(src, kind));
  assert.equal(new Set(got.slice(0, 3)).size, 1);
  assert.match(got[0], /^blob:/);
  assert.equal(got[3], "image/jpeg");
  clock.pass(100_000);
  assert.deepEqual(asked, [url(1)]);
});

test("what is scrolled past is never asked for, and what is released hears nothing", () => {
  const { media, clock, asked, answer, made } = open();
  media.want(url(1), () => assert.fail("released"))();
  clock.pass(100);
  assert.deepEqual(asked, []);
  const release = media.want(url(2), () => assert.fail("released"));
  clock.pass(100);
  release();
  release();
  answer(2);
  assert.equal(made.size, 0);
});

test("only so many questions at once, the latest wish first", () => {
  const { media, clock, asked, answer } = open();
  for (let n = 0; n < 60; n += 1) media.want(url(n), () => {});
  clock.pass(100);
  assert.deepEqual(asked, Array.from({ length: 24 }, (_, n) => url(59 - n)));
  answer(59);
  clock.pass(100);
  assert.deepEqual(asked.slice(24), [url(35)]);
});

test("a question that nobody answered is asked again", () => {
  const { media, clock, asked } = open();
  media.want(url(1), () => {});
  clock.pass(29_000);
  assert.equal(asked.length, 1);
  clock.pass(2_000);
  assert.equal(asked.length, 2);
  media.retry();
  clock.pass(100);
  assert.equal(asked.length, 3);
});

test("an error is told, and may be asked for again", () => {
  const { media, clock, asked } = open();
  const got = [];
  media.want(url(1), (one) => got.push(one));
  clock.pass(100);
  media.take({ type: "media", url: url(1), error: "The result has expired" }, []);
  assert.deepEqual(got, [{ src: "", kind: "", error: "The result has expired" }]);
  media.retry();
  clock.pass(100);
  assert.equal(asked.length, 2);
  media.take({ type: "media", url: url(1), kind: "text/html" }, [new ArrayBuffer(4)]);
  assert.match(got[1].error, /neither a picture nor a clip/);
  media.take({ type: "media", url: url(9) }, []);
});

test("the sources used last are kept, up to a size; those in use always; the others revoked", () => {
  const { media, clock, answer, made } = open({ most: 25 });
  const sources = new Map();
  const releases = [1, 2, 3, 4].map((n) => media.want(url(n), ({ src }) => sources.set(n, src)));
  clock.pass(100);
  for (const n of [1, 2, 3, 4]) answer(n);
  assert.equal(made.size, 4);
  releases[0]();
  releases[1]();
  assert.equal(made.size, 4);
  media.want(url(1), () => {})();
  releases[2]();
  assert.deepEqual([...sources].filter(([, src]) => made.has(src)).map(([n]) => n), [1, 3, 4]);
  media.dispose();
  assert.equal(made.size, 0);
  assert.equal(clock.waiting, 0);
  media.want(url(5), () => {});
  clock.pass(100);
  assert.equal(clock.waiting, 0);
});
