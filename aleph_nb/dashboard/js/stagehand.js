// What a pointer does on the stage: it drags the divider, moves what is zoomed, and zooms by the wheel or two fingers.

const HAND_SLACK = 4; // pixels: less is a click
const HAND_WHEEL = 0.0045; // of a zoom, for a pixel of the wheel
const HAND_MOST_WHEEL = 120; // a mouse's notch counts as much as a swipe

/** Hears the pointer on the stage. A click that ends a drag is nobody's. */
export class StageHand {
  /**
   * @param {object} world
   * @param {Element} world.stage
   * @param {Element} world.divider
   * @param {function(boolean): string} world.grip what a drag would do here ("wipe", "pan", ""), on the divider or off it
   * @param {function(string, {x, y}, {dx, dy}): void} world.drag the point is in the stage
   * @param {function(): void} world.dropped
   * @param {function(number, {x, y}): void} world.zoom
   */
  constructor(world) {
    this.world = world;
    this.life = new AbortController();
    this.held = null;
    this.fingers = new Map(); // by the pointer's id: where it is
    const { stage, divider } = world;
    const on = (target, name, listener, options = {}) => (
      target.addEventListener(name, listener, { signal: this.life.signal, ...options }));
    on(stage, "pointerdown", (event) => this.down(event));
    on(stage, "pointermove", (event) => this.move(event));
    on(stage, "pointerup", (event) => this.up(event));
    on(stage, "pointercancel", (event) => this.up(event));
    on(stage, "lostpointercapture", (event) => this.up(event));
    on(stage, "wheel", (event) => this.wheel(event), { passive: false });
    // The divider is dragged, not focused: the keys stay with the player.
    on(divider, "mousedown", (event) => {
      event.preventDefault();
      stage.closest("[tabindex]")?.focus({ preventScroll: true });
    });
    on(stage, "click", (event) => {
      if (!this.spoiled) return;
      event.stopPropagation();
      event.preventDefault();
    }, { capture: true });
  }

  down(event) {
    if (event.pointerType === "touch") this.fingers.set(event.pointerId, this.pointOf(event));
    if (this.fingers.size === 2) this.drop();
    if (this.fingers.size < 2) this.spoiled = false;
    if (event.button !== 0 || !event.isPrimary || event.target.closest("a, button, input")) return;
    const onDivider = this.world.divider.contains(event.target);
    const grip = this.world.grip(onDivider);
    if (!grip) return;
    this.held = { id: event.pointerId, grip, x: event.clientX, y: event.clientY, moving: onDivider };
    this.spoiled = onDivider;
    if (onDivider) this.grab(event);
  }

  move(event) {
    if (this.fingers.has(event.pointerId)) this.pinch(event);
    const { held } = this;
    if (event.pointerId !== held?.id) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moving && Math.hypot(dx, dy) < HAND_SLACK) return;
    if (!held.moving) this.grab(event);
    Object.assign(held, { moving: true, x: event.clientX, y: event.clientY });
    this.spoiled = true;
    this.world.drag(held.grip, this.pointOf(event), { dx, dy });
  }

  /** Two fingers apart are a zoom at what lies between them. */
  pinch(event) {
    const before = this.gap();
    this.fingers.set(event.pointerId, this.pointOf(event));
    if (this.fingers.size !== 2) return;
    const after = this.gap();
    this.spoiled = true;
    this.world.zoom(after.far / before.far, after);
  }

  gap() {
    const [one, other = one] = this.fingers.values();
    return { far: Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)), x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  }

  grab(event) {
    this.world.stage.setPointerCapture(event.pointerId);
    this.world.stage.dataset.drag = this.held.grip;
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    if (event.pointerId === this.held?.id) this.drop();
  }

  drop() {
    const moving = this.held?.moving;
    this.held = null;
    delete this.world.stage.dataset.drag;
    if (moving) this.world.dropped();
  }

  /** A pinch on a touchpad comes as a wheel with Ctrl; without it the page scrolls. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const by = Math.max(-HAND_MOST_WHEEL, Math.min(HAND_MOST_WHEEL, event.deltaY * lines));
    const pinch = Math.abs(by) < 20 ? 3 : 1; // a pinch comes in many small steps
    this.world.zoom(Math.exp(-by * pinch * HAND_WHEEL), this.pointOf(event));
  }

  pointOf(event) {
    const { left, top } = this.world.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** Hear no more. */
  dispose() {
    this.life.abort();
    this.held = null;
  }
}
