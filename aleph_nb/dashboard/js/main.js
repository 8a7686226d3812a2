// What anywidget calls.

import { Desk } from "./desk.js";
import { Solo } from "./solo.js";

function render({ model, el, signal }) {
  const shown = model.get("view") === "player" ? new Solo({ model, el }) : new Desk({ model, el });
  const end = () => shown.dispose();
  signal?.addEventListener("abort", end, { once: true });
  return end;
}

export default { render };
