// Players to compare with: what the rig must find wrong, it must find wrong in these.

const RATES_OF = { "23.976": 24000 / 1001, 25: 25, "29.97": 30000 / 1001, 60: 60 };

/** Two plain videos that are told the same: play, pause, and frames by seeking. */
export class PlainPlayer {
  /**
   * @param {{el: Element, pair: Object, seeks: "start"|"centre"|"within"}} world `seeks`: where in
   *   a frame a seek goes: to its start, n/fps, as most players do, to its centre, or short of that
   */
  constructor({ el, pair, seeks }) {
    this.seeks = seeks;
    this.at = 0;
    this.root = document.createElement("section");
    this.root.className = "ad-stage";
    this.root.tabIndex = 0;
    this.sides = pair.sides.map((side, place) => side && this.add(side, place ? "result" : "source"));
    this.rates = pair.sides.map((side) => RATES_OF[side?.fps] ?? side?.fps ?? 25);
    this.seeker = document.createElement("input");
    Object.assign(this.seeker, { type: "range", className: "ad-seek", min: 0, max: 1000, step: 1, value: 0 });
    this.seeker.addEventListener("input", () => this.go(Number(this.seeker.value)));
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.append(this.seeker);
    el.append(this.root);
  }

  add({ url }, name) {
    const side = document.createElement("div");
    const video = document.createElement("video");
    side.className = `ad-side ad-side-${name}`;
    Object.assign(video, { muted: true, preload: "auto", src: url, className: "ad-video" });
    video.addEventListener("loadeddata", () => { side.dataset.state = "shown"; });
    video.addEventListener("loadedmetadata", () => { if (name === "result") this.seeker.max = this.last; });
    side.append(video);
    this.root.append(side);
    return video;
  }

  get last() {
    return Math.round(this.sides[1].duration * this.rates[1]) - 1;
  }

  press(event) {
    const steps = { ".": 1, ",": -1, ArrowRight: event.shiftKey ? 10 : 1, ArrowLeft: event.shiftKey ? -10 : -1 };
    const ends = { Home: 0, End: this.last };
    event.preventDefault();
    if (event.key === " ") this.toggle();
    if (event.key in steps) this.go(this.at + steps[event.key]);
    if (event.key in ends) this.go(ends[event.key]);
  }

  toggle() {
    const paused = this.sides[1].paused;
    for (const video of this.sides) if (paused) video.play(); else video.pause();
  }

  go(frame) {
    this.at = Math.max(0, Math.min(frame, this.last));
    this.seeker.value = this.at;
    const [, lead] = this.rates;
    this.sides.forEach((video, place) => {
      const own = Math.floor(((this.at + 0.5) / lead) * this.rates[place]);
      video.currentTime = (own + { start: 0, centre: 0.5, within: 0.4 }[this.seeks]) / this.rates[place];
    });
  }

  dispose() {
    for (const video of this.sides) {
      video.pause();
      video.removeAttribute("src");
      video.load();
    }
    this.root.remove();
  }
}
