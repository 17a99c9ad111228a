// Charts by ECharts, with the colours of the page and the same figures as a table for those who cannot see them.

/* global echarts */
import { h } from "./dom.js";
import { t } from "./names.js";

const drawn = new Set();

export const colour = name =>
  getComputedStyle(document.documentElement)
    .getPropertyValue("--" + name)
    .trim();
const palette = () => ["line", "second", "third", "fourth", "fifth", "sixth"].map(colour);

// chart draws option into the body, and data = { columns: [..], rows: [[..]] } beside it as a table to open. press gets what is clicked.
export function chart(body, label, option, data, { height = 280, press } = {}) {
  let box = body.querySelector(":scope > .chart");
  if (!box) {
    box = h("div", { class: "chart", role: "img" });
    box.style.height = height + "px";
    body.replaceChildren(box);
  }
  box.setAttribute("aria-label", label);
  let c = echarts.getInstanceByDom(box);
  if (!c) {
    c = echarts.init(box, null, { renderer: "canvas" });
    const watch = new ResizeObserver(() => c.resize());
    watch.observe(box);
    drawn.add({ box, c, watch });
    if (press) c.on("click", press);
  }
  // What somebody reads under the pointer stays until it leaves.
  if (box.drawn && box.matches(":hover")) {
    box.onmouseleave = () => {
      box.onmouseleave = null;
      if (box.isConnected) chart(body, label, option, data, { height, press });
    };
    return;
  }
  box.onmouseleave = null;
  box.drawn = true;
  const text = colour("text"),
    soft = colour("soft"),
    faint = colour("faint");
  const axis = a => ({
    axisLabel: { color: soft, hideOverlap: true },
    axisLine: { lineStyle: { color: faint } },
    splitLine: { lineStyle: { color: faint } },
    nameTextStyle: { color: soft },
    ...a,
  });
  c.setOption(
    {
      animation: false,
      color: palette(),
      textStyle: { color: text, fontFamily: "inherit" },
      backgroundColor: "transparent",
      // Rich text needs no markup, which the page's security policy would strip of its styles.
      tooltip: {
        renderMode: "richText",
        backgroundColor: colour("card"),
        borderColor: faint,
        textStyle: { color: text },
        confine: true,
        ...option.tooltip,
      },
      legend:
        option.legend === undefined
          ? undefined
          : { textStyle: { color: text }, top: 0, type: "scroll", ...option.legend },
      grid: { left: 8, right: 16, top: option.legend ? 36 : 16, bottom: 8, containLabel: true, ...option.grid },
      ...Object.fromEntries(
        ["xAxis", "yAxis"]
          .filter(a => option[a])
          .map(a => [a, Array.isArray(option[a]) ? option[a].map(axis) : axis(option[a])]),
      ),
      ...Object.fromEntries(
        Object.entries(option).filter(([k]) => !["tooltip", "legend", "grid", "xAxis", "yAxis"].includes(k)),
      ),
    },
    { notMerge: true },
  );
  if (data) figures(body, label, data);
}

function figures(body, label, data) {
  let details = body.querySelector(":scope > details");
  if (!details) {
    details = h("details", { class: "figures" }, h("summary", {}, t("as_table")));
    details.addEventListener("toggle", () => fill(details));
    body.append(details);
  }
  details.data = data;
  details.label = label;
  fill(details);
}

function fill(details) {
  if (!details.open) return;
  const { columns, rows } = details.data;
  let place = details.querySelector(".scroll");
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
