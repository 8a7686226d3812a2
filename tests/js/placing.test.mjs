// Where pictures lie: fits, alignment, zoom and pan as numbers; what is kept of a view, whatever storage holds.

import assert from "node:assert/strict";
import test from "node:test";

import { fittedSize, pannedBy, placePictures, startIn, zoomedAt } from "../../aleph_nb/dashboard/js/placing.js";
import { placesOf, readViewState } from "../../aleph_nb/dashboard/js/viewstate.js";

const WIDE = { w: 1280, h: 720 };
const TALL = { w: 720, h: 1280 };
const box = (w, h, x = 0) => ({ x, y: 0, w, h });
const rest = { scale: 1, x: 0.5, y: 0.5 };
const side = (each, natural, rest = {}) => ({ box: each, natural, fit: "contain", align: 0.5, ...rest });

function place(sides, zoom = rest, overlaid = false) {
  return placePictures(sides, { zoom, overlaid });
}

test("a picture is whole, fills its box, or is stretched", () => {
  assert.deepEqual(fittedSize(box(400, 450), WIDE, "contain"), { w: 400, h: 225 });
  assert.deepEqual(fittedSize(box(400, 450), WIDE, "cover"), { w: 800, h: 450 });
  assert.deepEqual(fittedSize(box(400, 450), WIDE, "fill"), { w: 400, h: 450 });
  assert.deepEqual(fittedSize(box(400, 450), null, "contain"), { w: 400, h: 450 });
  assert.deepEqual(fittedSize(box(0, 0), WIDE, "contain"), { w: 0, h: 0 });
});

test("what is shorter than its box is aligned, what is longer opens no gap", () => {
  assert.equal(startIn(400, 200, 1, 0.5), 200);
  assert.equal(startIn(400, 200, 0, 0.9), 0);
  assert.equal(startIn(400, 800, 1, 0.5), -200);
  assert.equal(startIn(400, 800, 1, 0), 0);
  assert.equal(startIn(400, 800, 1, 1), -400);
});

test("growing past its box, an aligned picture does not leap", () => {
  let before = null;
  for (let scale = 1.5; scale < 2; scale += 0.001) {
    const [{ x }] = place([side(box(400, 450), TALL, { align: 1 })], { scale, x: 0.3, y: 0.5 });
    assert.ok(before === null || Math.abs(x - before) < 1, `from ${before} to ${x}`);
    before = x;
  }
});

test("a point stays under the pointer, whatever is zoomed", () => {
  const sides = [side(box(400, 450), WIDE, { align: 1 }), side(box(400, 450, 402), WIDE, { align: 0 })];
  const point = { x: 130, y: 200 };
  let zoom = rest;
  const placed = () => place(sides, zoom)[0];
  const under = () => ({ x: (point.x - placed().x) / (placed().w * placed().scale), y: (point.y - placed().y) / (placed().h * placed().scale) });
  zoom = zoomedAt(zoom, placed(), 3, point); // now it is larger than its box both ways
  const at = under();
  for (const factor of [1.3, 2, 0.7, 1.1]) {
    zoom = zoomedAt(zoom, placed(), factor, point);
    assert.ok(Math.abs(under().x - at.x) < 1e-9 && Math.abs(under().y - at.y) < 1e-9);
  }
  const [first, second] = place(sides, zoom);
  assert.equal(first.x, second.x);
});

test("a zoom has its limits", () => {
  const [placed] = place([side(box(400, 450), WIDE)]);
  assert.equal(zoomedAt(rest, placed, 1e6).scale, 32);
  assert.equal(zoomedAt(rest, placed, 0.01).scale, 1);
  assert.deepEqual(zoomedAt(rest, placed, 2), { scale: 2, x: 0.5, y: 0.5 });
});

test("panning stops at the edge, and comes back at once", () => {
  const zoom = { scale: 4, x: 0.5, y: 0.5 };
  const sides = [side(box(400, 450), WIDE)];
  const far = pannedBy(zoom, place(sides, zoom)[0], 5000, 0);
  assert.equal(place(sides, far)[0].x, 0);
  const back = pannedBy(far, place(sides, far)[0], -10, 0);
  assert.equal(place(sides, back)[0].x, -10);
});

test("laid over each other, two shapes move as one", () => {
  const sides = [side(box(800, 450), WIDE), side(box(800, 450), TALL)];
  const apart = (zoom) => {
    const [wide, tall] = place(sides, zoom, true);
    return (tall.x - wide.x) / zoom.scale;
  };
  const at = apart(rest);
  for (const zoom of [{ scale: 2, x: 0.1, y: 0.5 }, { scale: 5, x: 0.7, y: 0.2 }, { scale: 1.01, x: 1, y: 0 }]) {
    assert.ok(Math.abs(apart(zoom) - at) < 1e-9);
  }
});

test("what a storage holds is read as far as it makes sense", () => {
  const fresh = readViewState(null);
  for (const junk of [undefined, 7, "x", [], {}, { view: "side; drop", gain: 3, fits: "cover", wipe: NaN, zoom: { scale: "2", x: null } }]) {
    assert.deepEqual(readViewState(junk), fresh);
  }
  const kept = { view: "wipe", swapped: true, gain: 8, fits: ["cover", "fill"], wipe: 0.25, zoom: { scale: 3, x: 0.2, y: 0.9 } };
  assert.deepEqual(readViewState(JSON.parse(JSON.stringify(kept))), kept);
  const wild = readViewState({ wipe: 9, zoom: { scale: 1e9, x: -4, y: 4 }, fits: ["cover"], swapped: "yes" });
  assert.deepEqual([wild.wipe, wild.zoom, wild.fits, wild.swapped], [1, { scale: 32, x: 0, y: 1 }, ["cover", "contain"], false]);
  assert.notEqual(readViewState(null).zoom, fresh.zoom, "each has its own");
});

test("what stands where", () => {
  const of = (view, swapped, blinking, count = 2) => {
    const found = placesOf({ view, swapped }, { count, blinking });
    return [found.view, ...found.places].join(" ");
  };
  assert.equal(of("side", false, false), "side left right");
  assert.equal(of("side", true, false), "side right left");
  assert.equal(of("side", true, true), "side left right");
  assert.equal(of("wipe", false, true), "wipe right left");
  assert.equal(of("single", false, false), "single behind alone");
  assert.equal(of("single", true, false), "single alone behind");
  assert.equal(of("single", true, true), "single behind alone");
  assert.equal(of("difference", false, true), "single behind alone");
  assert.equal(of("difference", true, true), "single alone behind");
  for (const view of ["side", "wipe", "difference", "single"]) assert.equal(of(view, false, false, 1), "side left right");
});
