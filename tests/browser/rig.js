// What the tests ask of a notebook, from inside its page: window.rig. `rig.py` puts it there.
"use strict";

window.rig = (() => {
  const panel = () => window.jupyterapp?.shell?.currentWidget;
  const model = () => panel().content.model;
  const kernel = () => panel()?.sessionContext?.session?.kernel;
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  const until = async (condition, ms) => {
    const end = performance.now() + ms;
    while (!condition() && performance.now() < end) await sleep(20);
    return condition();
  };

  // What was asked to run and has not come back: an idle kernel alone may be one that has not begun.
  let running = 0;
  const execute = (command) => {
    running += 1;
    const done = () => { running -= 1; };
    window.jupyterapp.commands.execute(command).then(done, done);
  };

  const ready = (path) =>
    panel()?.context?.path === path && panel().context.isReady &&
    panel().content.model?.cells.length > 0 && kernel()?.status === "idle";

  const idle = () => running === 0 && kernel()?.status === "idle";

  const select = (index) => {
    const content = panel().content;
    content.deselectAll();
    content.activeCellIndex = index;
    content.mode = "command";
  };

  const cells = () => Array.from({ length: model().cells.length }, (_, i) => model().cells.get(i));
  const outputs = () => cells().map((cell) => cell.outputs?.toJSON() ?? []);
  const trusted = () => cells().filter((cell) => cell.type === "code").every((cell) => cell.trusted);

  // A clip is asked to play before its readyState is read: with preload="metadata" nothing else is loaded.
  const play = async (video, time, ms) => {
    const said = {};
    video.muted = true;
    const begin = video.currentTime;
    const refused = await Promise.race([video.play().then(() => "", (error) => String(error)), sleep(ms)]);
    await until(() => video.error || (video.readyState >= 3 && video.currentTime !== begin), refused ? 0 : ms);
    said.moved = video.currentTime !== begin;
    said.readyState = video.readyState;
    video.pause();
    Object.assign(said, {
      src: video.currentSrc.slice(0, 80), refused: refused ?? "play() never answered",
      error: video.error && `${video.error.code} ${video.error.message}`,
      videoWidth: video.videoWidth, videoHeight: video.videoHeight, duration: video.duration,
      seekable: video.seekable.length ? video.seekable.end(0) : 0,
    });
    if (said.error || !said.videoWidth) return said;
    said.target = time ?? video.duration * 0.6;
    said.seeked = false;
    video.addEventListener("seeked", () => { said.seeked = true; }, { once: true });
    video.currentTime = said.target;
    await until(() => said.seeked, ms);
    said.landed = video.currentTime;
    return said;
  };

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  // Every layout that a cell's cards, and all that stands below them, had in any frame since they were there.
  const layouts = new Set();
  const watch = async (index) => {
    const round = (number) => Math.round(number * 2) / 2;
    for (;;) {
      const area = document.querySelector(`[data-windowed-list-index="${index}"] .jp-Cell-outputArea`);
      const end = area?.querySelector("table");
      if (end) {
        const top = area.getBoundingClientRect().top;
        const boxes = [...area.querySelectorAll(".aleph-card"), end].map((each) => each.getBoundingClientRect());
        layouts.add(boxes.map((box) => [box.top - top, box.width, box.height].map(round).join(" ")).join(", "));
      }
      await frame();
    }
  };

  // What scrolls: the notebook, and in Notebook 7 each tall output by itself, too.
  const scrollers = () => [...panel().node.querySelectorAll(".jp-WindowedPanel-outer, .jp-Cell-outputArea")]
    .filter((each) => each.scrollHeight > each.clientHeight + 1 && getComputedStyle(each).overflowY !== "visible");

  // Scroll through all of it, so many pixels a frame: the gaps between the frames in ms, and how far it went.
  const scroll = async (step) => {
    const gaps = [];
    let far = 0;
    for (const view of scrollers()) {
      view.scrollIntoView({ block: "nearest" });
      view.scrollTop = 0;
      await sleep(300);
      for (let last = await frame(); view.scrollTop + view.clientHeight < view.scrollHeight - 1;) {
        view.scrollTop += step;
        far += step;
        const now = await frame();
        gaps.push(now - last);
        last = now;
      }
    }
    return { gaps, far };
  };

  return { panel, kernel, execute, ready, idle, select, outputs, trusted, play, layouts, watch, scroll };
})();
