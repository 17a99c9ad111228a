// Charts by ECharts in the colours of the page, with the same figures as a table for those who cannot see them.

/* global echarts */
import { h } from "./dom.js";
import { t } from "./names.js";

/** @type {Set<{ container: HTMLElement, c: Drawing, watch: ResizeObserver }>} */
const drawn = new Set();

// probe is an element to read colours from: the browser resolves light-dark() by the current theme.
const probe = h("span", { hidden: true });
document.body.append(probe);

/** @param {string} name */
export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const palette = () => ["line", "second", "third", "fourth", "fifth", "sixth"].map(colour);

// chart draws option into the body, and data = { columns: [..], rows: [[..]] } as a table that opens below. press gets
// what was clicked.
/**
 * @param {HTMLElement} body
 * @param {string} label
 * @param {ChartOption} option
 * @param {Figures} [data]
 * @param {ChartOptions} [how]
 */
export function chart(body, label, option, data, { height = 280, press } = {}) {
  const container = containerOf(body, height);
  container.setAttribute("aria-label", label);
  const c = instanceOf(container, press);
  // Do not redraw what somebody reads under the pointer.
  if (container.dataset.drawn && container.matches(":hover")) {
    container.onmouseleave = () => {
      container.onmouseleave = null;
      if (container.isConnected) chart(body, label, option, data, { height, press });
    };
    return;
  }
  container.onmouseleave = null;
  container.dataset.drawn = "yes";
  c.setOption(dressed(option), { notMerge: true });
  if (data) figures(body, label, data);
}

// containerOf returns the element of the body that holds the chart.
/** @param {HTMLElement} body @param {number} height */
function containerOf(body, height) {
  let container = /** @type {HTMLElement | null} */ (body.querySelector(":scope > .chart"));
  if (!container) {
    container = h("div", { class: "chart", role: "img" });
    container.style.height = height + "px";
    body.replaceChildren(container);
  }
  return container;
}

// instanceOf returns the ECharts instance of an element, which follows its size.
/** @param {HTMLElement} container @param {ChartOptions["press"]} press */
function instanceOf(container, press) {
  const there = echarts.getInstanceByDom(container);
  if (there) return there;
  const c = echarts.init(container, null, { renderer: "canvas" });
  const watch = new ResizeObserver(() => c.resize());
  watch.observe(container);
  drawn.add({ container, c, watch });
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

// Rich text needs no markup: the page's security policy would strip its styles.
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

// sweep disposes of charts that are no longer on the page.
export function sweep() {
  for (const d of drawn) {
    if (d.container.isConnected) continue;
    d.watch.disconnect();
    d.c.dispose();
    drawn.delete(d);
  }
}
