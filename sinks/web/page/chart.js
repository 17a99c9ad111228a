// Charts by ECharts in the colours of the page, with the same figures as a table for those who cannot see them.

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
export function chart(body, label, option, data, { height = 280, press, drag } = {}) {
  const container = containerOf(body, height);
  container.setAttribute("aria-label", label);
  if (data) figures(body, label, data);
  const made = instances.get(container);
  if (!made) return wait(container, { option, press, drag });
  // Do not redraw what somebody reads under the pointer.
  if (container.matches(":hover")) {
    container.onmouseleave = () => {
      container.onmouseleave = null;
      if (container.isConnected) chart(body, label, option, data, { height, press, drag });
    };
    return;
  }
  container.onmouseleave = null;
  made.setOption(dressed(option), { notMerge: true });
}

/** @typedef {{ option: ChartOption, press: ChartOptions["press"], drag: ChartOptions["drag"] }} First */
/** @type {WeakMap<HTMLElement, Drawing>} */
const instances = new WeakMap();
// What is drawn for the first time, and of it what is near the visible part of the page.
/** @type {Map<HTMLElement, First>} */
const waiting = new Map();
/** @type {Set<HTMLElement>} */
const near = new Set();
/** @type {Promise<typeof import("./vendor/echarts.js")> | undefined} */
let library;
let drawing = false;

const watching = new IntersectionObserver(
  list => {
    for (const { isIntersecting, target } of list) if (isIntersecting) come(/** @type {HTMLElement} */ (target));
  },
  { rootMargin: "300px" },
);
// On paper everything is seen.
addEventListener("beforeprint", () => {
  for (const container of waiting.keys()) come(container);
});

// wait lets a chart be drawn once it is about to be seen and the library is there, after everything else of the view.
/** @param {HTMLElement} container @param {First} first */
function wait(container, first) {
  if (!waiting.has(container)) watching.observe(container);
  waiting.set(container, first);
}

/** @param {HTMLElement} container */
function come(container) {
  watching.unobserve(container);
  near.add(container);
  if (!drawing) drawNear();
}

async function drawNear() {
  drawing = true;
  try {
    await idle();
    const { init } = await (library ??= import("./vendor/echarts.js"));
    while (near.size) {
      await idle(); // one at a time, so that the page answers to its visitor
      const [container] = near,
        first = waiting.get(container);
      near.delete(container);
      waiting.delete(container);
      if (!first || !container.isConnected) continue;
      const { option, press, drag } = first,
        made = instanceOf(init, container, press);
      made.setOption(dressed(option), { notMerge: true });
      if (drag) draggable(container, made, drag);
      container.dataset.drawn = "yes";
    }
  } catch {
    library = undefined; // it is fetched again for the next chart; until then there are the figures
    for (const container of near) container.parentElement?.querySelector("details.figures")?.setAttribute("open", "");
    near.clear();
  }
  drawing = false;
}

/** @returns {Promise<void>} */
const idle = () =>
  new Promise(done => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => done(), { timeout: 500 });
    else setTimeout(done, 1);
  });

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

// instanceOf makes the ECharts instance of an element, which follows its size.
/**
 * @param {typeof import("./vendor/echarts.js").init} init
 * @param {HTMLElement} container
 * @param {ChartOptions["press"]} press
 */
function instanceOf(init, container, press) {
  const c = init(container, null, { renderer: "canvas" });
  instances.set(container, c);
  const watch = new ResizeObserver(() => c.resize());
  watch.observe(container);
  drawn.add({ container, c, watch });
  if (press) c.on("click", press);
  return c;
}

// draggable chooses a time of a chart's axis by dragging over it, and a single instant by a press.
/** @param {HTMLElement} container @param {Drawing} c @param {(from: number, to: number) => void} drag */
function draggable(container, c, drag) {
  container.style.cursor = "crosshair";
  container.style.touchAction = "pan-y";
  /** @param {PointerEvent} event */
  const x = event => event.clientX - container.getBoundingClientRect().left;
  container.addEventListener("pointerdown", down => {
    if (down.button) return;
    const begin = x(down),
      mark = h("div", { class: "dragged" });
    /** @param {PointerEvent} event */
    const move = event => {
      mark.style.left = Math.min(begin, x(event)) + "px";
      mark.style.width = Math.abs(x(event) - begin) + "px";
    };
    /** @param {PointerEvent} event */
    const up = event => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", up);
      mark.remove();
      if (event.type === "pointercancel") return;
      const [from, to] = [begin, x(event)].sort((a, b) => a - b).map(at => c.convertFromPixel({ xAxisIndex: 0 }, at));
      drag(from, to);
    };
    container.append(mark);
    move(down);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", up);
  });
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
  for (const container of waiting.keys())
    if (!container.isConnected) {
      watching.unobserve(container);
      waiting.delete(container);
    }
  for (const d of drawn) {
    if (d.container.isConnected) continue;
    d.watch.disconnect();
    d.c.dispose();
    drawn.delete(d);
  }
}
