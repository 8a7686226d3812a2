// Making and changing elements. Text is always textContent; nothing here reads HTML.

const SVG_SPACE = "http://www.w3.org/2000/svg";

const ICON_PATHS = {
  play: "M4 2.5v11l9.5-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  star: "M8 .9l2.2 4.7 5.1.6-3.8 3.5 1 5.1L8 12.3l-4.5 2.5 1-5.1L.7 6.2l5.1-.6z",
  check: "M6.2 12.6 1.9 8.3l1.3-1.3 3 3 6.6-6.6 1.3 1.3z",
  cross: "M3.4 2.3 8 6.9l4.6-4.6 1.1 1.1L9.1 8l4.6 4.6-1.1 1.1L8 9.1l-4.6 4.6-1.1-1.1L6.9 8 2.3 3.4z",
  refresh: "M8 2.2a5.8 5.8 0 1 0 5.6 7.3l-1.5-.4A4.25 4.25 0 1 1 8 3.75c1.2 0 2.3.5 3.05 1.3L9 7.1h5V2.1l-1.85 1.85A5.8 5.8 0 0 0 8 2.2z",
  open: "M3.2 3.2h4V4.7H4.7v6.6h6.6V8.8h1.5v4H3.2zM8.8 2h5.2v5.2h-1.5V4.6L7.6 9.5 6.5 8.4l4.9-4.9H8.8z",
  note: "M2.5 2.5h11v8.2H8.6L5 13.6v-2.9H2.5z",
  swap: "M10.6 1.8 14 5.2l-3.4 3.4V6H2.5V4.4h8.1zM5.4 7.4V10h8.1v1.6H5.4v2.6L2 10.8z",
  take: "M5 2h9v8.5h-1.5v-7H5zM2 5h9.5v9H2zm1.5 1.5v6H10v-6z",
  sound: "M2 5.7h2.6L8.2 2.4v11.2L4.6 10.3H2zM10 5.1a4 4 0 0 1 0 5.8l-.9-1.1a2.5 2.5 0 0 0 0-3.6zM11.9 2.9a7 7 0 0 1 0 10.2l-1-1.1a5.5 5.5 0 0 0 0-8z",
  mute: "M2 5.7h2.6L8.2 2.4v11.2L4.6 10.3H2zM10.2 5.4l1.7 1.7 1.7-1.7.9.9L12.8 8l1.7 1.7-.9.9-1.7-1.7-1.7 1.7-.9-.9L11 8 9.3 6.3z",
  camera: "M5.6 3 6.7 1.8h2.6L10.4 3H14v10.5H2V3zM8 5.2a3 3 0 1 0 0 6 3 3 0 0 0 0-6zm0 1.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  expand: "M2.5 2.5h4.2V4H4v2.7H2.5zM9.3 2.5h4.2v4.2H12V4H9.3zM4 9.3V12h2.7v1.5H2.5V9.3zM12 9.3h1.5v4.2H9.3V12H12z",
  group: "M2 2.5h5v4.5H2zM9 2.5h5v4.5H9zM2 9h5v4.5H2zM9 9h5v4.5H9z",
  info: "M8 1.2a6.8 6.8 0 1 0 0 13.6A6.8 6.8 0 0 0 8 1.2zm.8 10.3H7.2V7.1h1.6zm0-5.7H7.2V4.2h1.6z",
};

/**
 * Make an element.
 * @param {string} tag its name
 * @param {Object<string, *>|null} props attributes; `class`; `text`; `on` ({event: listener}); true and false set and leave out
 * @param {...(Node|string|null)} children what it holds
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "text") {
      element.textContent = value;
    } else {
      attribute(element, name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set an attribute where it is another one: true is the bare name; false, null and undefined take it away. */
export function attribute(element, name, value) {
  if (value === false || value === null || value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Write a text where it is another one: what did not change is not laid out again. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show or hide an element. */
export function shown(element, yes) {
  if (element.hidden === yes) element.hidden = !yes;
}

/** Draw one of the desk's own icons; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG_SPACE, "svg");
  const path = document.createElementNS(SVG_SPACE, "path");
  for (const [key, value] of [["viewBox", "0 0 16 16"], ["aria-hidden", "true"], ["class", `ad-icon ad-icon-${name}`]]) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", ICON_PATHS[name]);
  svg.append(path);
  return svg;
}

/** Make a button: a label, a handler, and what else it has (`class`, `key`: the small hint of its key). */
export function button(label, press, { key = "", glyph = "", name = "", ...props } = {}) {
  const parts = [glyph ? icon(glyph) : null, label ? h("span", { text: label }) : null, key ? hint(key) : null];
  return h("button", { type: "button", "aria-label": name || null, on: { click: press }, ...props }, ...parts);
}

/** The small hint of a key that stands on the control it presses. */
export function hint(key) {
  return h("kbd", { class: "ad-key", "aria-hidden": "true", text: key });
}

/** Make `count` elements and keep them: what a list needs more is added, what it does not is hidden. */
export function pool(parent, make) {
  const made = [];
  return (count) => {
    while (made.length < count) {
      const each = make(made.length);
      made.push(each);
      parent.append(each.el);
    }
    made.forEach((each, place) => shown(each.el, place < count));
    return made;
  };
}

/** Say whether motion is unwelcome. */
export function prefersStill() {
  return Boolean(globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches);
}
