// What anywidget calls.

import { Desk } from "./desk.js";

function render({ model, el, signal }) {
  const desk = new Desk({ model, el });
  const end = () => desk.dispose();
  signal?.addEventListener("abort", end, { once: true });
  return end;
}

export default { render };
