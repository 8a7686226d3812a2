/** How wide the root is, by a name that the style knows. */

const ROOT_SIZES = [[560, "stack"], [900, "strip"], [1280, "mid"], [1600, "wide"], [Infinity, "vast"]];

/** @param {number} width pixels @returns {string} */
export function sizeName(width) {
  return ROOT_SIZES.find(([below]) => width < below)[1];
}

/**
 * Keep `data-size` of a root in step with its width.
 * @param {HTMLElement} root
 * @param {() => void} changed
 * @returns {() => void} what ends it
 */
export function keepSize(root, changed) {
  const measure = () => {
    const width = root.offsetWidth;
    if (!width || root.dataset.size === sizeName(width)) return;
    root.dataset.size = sizeName(width);
    changed();
  };
  const observer = new ResizeObserver(measure); // an output is often as wide as nothing when it is made
  observer.observe(root);
  measure();
  return () => observer.disconnect();
}
