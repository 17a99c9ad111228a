// Charts by ECharts, with the colours of the page and the same figures as a table for those who cannot see them.

/* global echarts */
import { h } from "./dom.js";
import { t } from "./names.js";

/** @type {Set<{ box: HTMLElement, c: Drawing, watch: ResizeObserver }>} */
const drawn = new Set();

// probe is an element that colours are read from: the browser makes of light-dark() the one of the theme that is on.
const probe = h("span", { hidden: true });
document.body.append(probe);

/** @param {string} name */
export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const palette = () => ["line", "second", "third", "fourth", "fifth", "sixth"].map(colour);

// chart draws option into the body, and data = { columns: [..], rows: [[..]] } beside it as a table to open. press gets
// what is clicked.
/**
 * @param {HTMLElement} body
 * @param {string} label
 * @param {ChartOption} option
 * @param {Figures} [data]
 * @param {ChartOptions} [how]
 */
export function chart(body, label, option, data, { height = 280, press } = {}) {
  const box = boxOf(body, height);
  box.setAttribute("aria-label", label);
  const c = instanceOf(box, press);
  // What somebody reads under the pointer stays until it leaves.
  if (box.dataset.drawn && box.matches(":hover")) {
    box.onmouseleave = () => {
      box.onmouseleave = null;
      if (box.isConnected) chart(body, label, option, data, { height, press });
    };
    return;
  }
  box.onmouseleave = null;
  box.dataset.drawn = "yes";
  c.setOption(dressed(option), { notMerge: true });
  if (data) figures(body, label, data);
}

// boxOf is the element of the body that is drawn into.
/** @param {HTMLElement} body @param {number} height */
function boxOf(body, height) {
  let box = /** @type {HTMLElement | null} */ (body.querySelector(":scope > .chart"));
  if (!box) {
    box = h("div", { class: "chart", role: "img" });
    box.style.height = height + "px";
    body.replaceChildren(box);
  }
  return box;
}

// instanceOf is what draws into a box, and follows its size.
/** @param {HTMLElement} box @param {ChartOptions["press"]} press */
function instanceOf(box, press) {
  const there = echarts.getInstanceByDom(box);
  if (there) return there;
  const c = echarts.init(box, null, { renderer: "canvas" });
  const watch = new ResizeObserver(() => c.resize());
  watch.observe(box);
  drawn.add({ box, c, watch });
  if (press) c.on("click", press);
  return c;
}

// dressed is an option in the colours and the layout of the page.
/** @param {ChartOption} option @returns {ChartOption} */
function dressed({ tooltip, legend, grid, xAxis, yAxis, ...rest }) {
  return {
    animation: false,
    color: palette(),
    textStyle: { color: colour("text"), fontFamily: "inherit" },
    backgroundColor: "transparent",
    tooltip: tooltipOf(tooltip),
    legend: legend && { textStyle: { color: colour("text") }, top: 0, type: "scroll", ...legend },
    grid: { left: 8, right: 16, top: legend ? 36 : 16, bottom: 8, containLabel: true, ...grid },
    ...(xAxis && { xAxis: axesOf(xAxis) }),
    ...(yAxis && { yAxis: axesOf(yAxis) }),
    ...rest,
  };
}

// Rich text needs no markup, which the page's security policy would strip of its styles.
/** @param {Tooltip} [tooltip] */
const tooltipOf = tooltip => ({
  renderMode: "richText",
  backgroundColor: colour("card"),
  borderColor: colour("faint"),
  textStyle: { color: colour("text") },
  confine: true,
  ...tooltip,
});

/** @param {Axis | Axis[]} axes */
const axesOf = axes => (Array.isArray(axes) ? axes.map(axisOf) : axisOf(axes));
/** @param {Axis} axis */
const axisOf = axis => ({
  axisLabel: { color: colour("soft"), hideOverlap: true },
  axisLine: { lineStyle: { color: colour("faint") } },
  splitLine: { lineStyle: { color: colour("faint") } },
  nameTextStyle: { color: colour("soft") },
  ...axis,
});

/** @typedef {HTMLDetailsElement & { data: Figures, label: string }} Details */

/** @param {HTMLElement} body @param {string} label @param {Figures} data */
function figures(body, label, data) {
  let details = /** @type {Details | null} */ (body.querySelector(":scope > details"));
  if (!details) {
    const made = Object.assign(h("details", { class: "figures" }, h("summary", {}, t("as_table"))), { data, label });
    made.addEventListener("toggle", () => fill(made));
    body.append(made);
    details = made;
  }
  details.data = data;
  details.label = label;
  fill(details);
}

/** @param {Details} details */
function fill(details) {
  if (!details.open) return;
  const { columns, rows } = details.data;
  let place = /** @type {HTMLElement | null} */ (details.querySelector(".scroll"));
  if (!place) {
    place = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": details.label });
    details.append(place);
  }
  place.replaceChildren(
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, details.label),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map(c => h("th", { scope: "col" }, c)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map(row =>
          h(
            "tr",
            {},
            row.map((v, i) => h(i ? "td" : "th", i ? { class: "number" } : { scope: "row" }, v ?? "–")),
          ),
        ),
      ),
    ),
  );
}

// sweep lets go of charts that are no longer on the page.
export function sweep() {
  for (const d of drawn) {
    if (d.box.isConnected) continue;
    d.watch.disconnect();
    d.c.dispose();
    drawn.delete(d);
  }
}
