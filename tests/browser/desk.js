// What the tests ask of a review desk, from inside its page: window.desk. Put there before the desk is shown.
"use strict";

window.desk = (() => {
  const VERDICTS = /^[0-5pxu]$/i;
  const keys = []; // every key that went down, with what was on the screen then
  const shown = []; // which task was on the screen from when on

  const root = () => document.querySelector(".aleph-desk");
  const id = () => root()?.querySelector(".ad-facts:not([hidden]) .ad-id")?.title ?? "";
  const card = () => root()?.querySelector(".ad-card[data-current]:not([hidden])")?.dataset.task ?? "";
  const has = () => Boolean(root()?.contains(document.activeElement));
  const text = (name) => root()?.querySelector(name)?.textContent ?? "";

  const note = () => {
    if (id() === shown.at(-1)?.id) return;
    // The frame that is being drawn began then; the desk changed at some moment from there on.
    const time = performance.now();
    shown.push({ time, since: Math.min(document.timeline.currentTime ?? time, time), id: id() });
  };
  const filter = { subtree: true, childList: true, attributes: true, attributeFilter: ["title", "hidden"] };
  new MutationObserver(note).observe(document.body, filter);

  // Between the desk's painting and this note of it lies a moment, a long one where the machine is busy:
  // a key that goes down while a frame is drawn may be either's.
  const MOMENT = 3;
  const paintedAt = (time) => {
    const at = shown.findLastIndex((each) => each.time <= time);
    const ids = new Set([shown[at]?.id]);
    if (shown[at]?.time > time - MOMENT) ids.add(shown[at - 1]?.id);
    if (shown[at + 1]?.since < time + MOMENT) ids.add(shown[at + 1].id);
    return [...ids].filter(Boolean);
  };

  window.addEventListener("keydown", (event) => {
    const inside = Boolean(root()?.contains(event.target)) && !event.target.matches("input, textarea, select");
    const { key, ctrlKey, timeStamp: time } = event;
    keys.push({ key, inside, verdict: inside && !ctrlKey && VERDICTS.test(key), time, id: id(), card: card() });
  }, true);

  const given = () => keys.filter((each) => each.verdict)
    .map(({ key, id: now, card: current, time }) => ({ key, time, id: now, card: current, painted: paintedAt(time) }));
  const clear = () => { keys.length = 0; };

  return { id, card, has, text, keys, given, clear };
})();
