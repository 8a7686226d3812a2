// Desks of one browser hear which verdicts a ledger has; those of another ledger or service do not.

import assert from "node:assert/strict";
import test from "node:test";

import { Hearsay } from "../../aleph_nb/dashboard/js/hearsay.js";

/** A BroadcastChannel without its delay. */
function channels() {
  const open = new Set();
  return class {
    static open = open;
    onmessage = () => {};
    constructor(name) {
      this.name = name;
      open.add(this);
    }
    postMessage(data) {
      for (const other of open) if (other !== this && other.name === this.name) other.onmessage({ data });
    }
    close() {
      open.delete(this);
    }
  };
}

function ear(Channel, ledger = "5f0c", service = "demo") {
  const heard = [];
  return { heard, hearsay: new Hearsay({ ledger, service, heard: (uuids) => heard.push(...uuids), Channel }) };
}

test("all desks of the ledger and the service hear it but the one that tells", () => {
  const Channel = channels();
  const [mine, old, tab] = [ear(Channel), ear(Channel), ear(Channel)];
  const others = [ear(Channel, "another"), ear(Channel, "5f0c", "https://api.example")];
  mine.hearsay.tell(["u1", "u2"]);
  mine.hearsay.tell([]);
  assert.deepEqual([mine, old, tab, ...others].map(({ heard }) => heard.length), [0, 2, 2, 0, 0]);
});

test("a desk that is closed hears and tells nothing", () => {
  const Channel = channels();
  const [mine, old] = [ear(Channel), ear(Channel)];
  old.hearsay.dispose();
  mine.hearsay.tell(["u1"]);
  old.hearsay.tell(["u2"]);
  assert.deepEqual([mine.heard, old.heard, Channel.open.size], [[], [], 1]);
});

test("what is no list of uuids is passed over", () => {
  const Channel = channels();
  const { heard } = ear(Channel);
  for (const data of [null, "u1", { uuid: "u1" }, [1, null, ["u1"]]]) new Channel("aleph_nb/5f0c/demo").postMessage(data);
  assert.deepEqual(heard, []);
});

test("where there is no channel, or it is refused, nothing is told and nothing thrown", () => {
  const refused = class { constructor() { throw new DOMException("refused", "SecurityError"); } };
  for (const Channel of [null, refused]) {
    const { hearsay, heard } = ear(Channel);
    hearsay.tell(["u1"]);
    hearsay.dispose();
    assert.deepEqual(heard, []);
  }
});
