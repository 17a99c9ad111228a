// Elements, and numbers as people write them.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes | null} attributes
 * @param {Content[]} children
 */
export function h(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value == null || value === false) continue;
    if (typeof value === "function") e.addEventListener(name, /** @type {EventListener} */ (value));
    else e.setAttribute(name, value === true ? "" : String(value));
  }
  const there = children.flat().filter(c => c != null && c !== false);
  e.append(.../** @type {(Node | string)[]} */ (there));
  return e;
}

// sparkline makes a line of values, which may have gaps, for the cell of a table.
// Values outside of the range stand on its edge.
/** @param {[number, number][]} values @param {number} from @param {number} to @param {string} label */
export function sparkline(values, from, to, label) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 100 24");
  svg.setAttribute("class", "spark");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const span = to - from || 1;
  const line = document.createElementNS(space, "polyline");
  line.setAttribute(
    "points",
    values
      .map(([x, y]) => `${(100 * x).toFixed(1)},${(22 - 20 * Math.min(1, Math.max(0, (y - from) / span))).toFixed(1)}`)
      .join(" "),
  );
  svg.append(line);
  return svg;
}
