// A stage with two clips and the views over them, without the player around it.
import { h } from "/js/dom.js";
import * as shot from "/js/shot.js";
import { Views } from "/js/views.js";

function makeSide(name, place) {
  const video = h("video", { class: "ad-video", playsinline: true, preload: "auto" });
  video.muted = true;
  const picture = h("div", { class: "ad-picture" }, video);
  const face = h("div", { class: "ad-side-face", hidden: true });
  const label = h("span", { class: "ad-badge ad-side-name", text: name });
  const el = h("div", { class: `ad-side ad-side-${place ? "result" : "source"}`, "data-state": "none" }, picture, label, face);
  return { el, picture, video, face, name };
}

/** Show clips on a stage of a size; `window.stage` has all of it. */
export async function mount({ clips, size: [width, height], names }) {
  window.stage?.dispose();
  const told = { changed: 0, said: [], clicks: 0 };
  const sides = names.map(makeSide);
  const pair = h("div", { class: "ad-pair" }, ...sides.map(({ el }) => el));
  const section = h("section", { class: "ad-stage", tabindex: "0" }, pair);
  const root = h("div", { class: "aleph-desk", "data-size": "wide" }, section);
  const whole = "grid-template: minmax(0, 1fr) / minmax(0, 1fr);";
  root.style.cssText = `${whole} border: 0; border-radius: 0; width: ${width}px; height: ${height}px; min-width: 0`;
  section.style.cssText = whole;
  document.querySelector("main").replaceChildren(root);
  pair.addEventListener("click", () => { told.clicks += 1; });
  const views = new Views({ stage: pair, sides, changed: () => { told.changed += 1; }, say: (text) => { told.said.push(text); } });
  views.present(clips.filter(Boolean).length);
  const show = async (place, clip) => {
    const { video, el } = sides[place];
    if (!clip) return;
    el.dataset.state = "waiting";
    video.src = clip;
    await new Promise((done) => video.addEventListener("loadeddata", done, { once: true }));
    el.dataset.state = "shown";
  };
  const dispose = () => { views.dispose(); root.remove(); };
  window.stage = { views, sides, pair, section, root, told, show, shot, dispose };
  await Promise.all(clips.map((clip, place) => show(place, clip)));
}
