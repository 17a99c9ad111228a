// The path model of the satisfaction index: its variables and paths.

import { chart, colour } from "../chart.js";
import { format, measureLabel, scaleLabel, t, withInterval } from "../names.js";

// Positions of the latent variables, in the order of cause and effect.
/** @type {Record<string, [along: number, across: number]>} */
const at = {
  expected_quality: [0, 0],
  perceived_quality: [0, 2],
  perceived_price: [1, 0.6],
  satisfaction: [2, 1],
  complaint: [3, 0],
  loyalty: [3, 2],
};

/** @param {HTMLElement} body @param {Answer<Estimate>} csi */
export function model(body, csi) {
  const paths = csi.list.filter(r => r.kind === "path");
  const room = roomOf(body);
  /** @type {Series} */
  const series = {
    ...graph(room),
    data: variablesOf(paths).map((v, i) => ({ name: v, ...room.place(v, i), said: saidOf(csi.list, v) })),
    links: paths.map(link),
  };
  /** @type {ChartOption} */
  const option = { tooltip: { formatter: said }, series: [series] };
  chart(body, t("csi_model"), option, figures(paths), { height: room.height });
}

// variablesOf returns the variables that have paths, those with a known position first.
/** @param {Point} p */
const said = p => p.data.said ?? "";

// variablesOf are those that paths lead from or to, those that have a place of their own first.
/** @param {Estimate[]} paths */
function variablesOf(paths) {
  const named = new Set(paths.flatMap(p => [p.from_variable, p.to_variable]));
  return [...new Set([...Object.keys(at).filter(v => named.has(v)), ...named])];
}

// roomOf measures the container in pixels, so that nothing is stretched; on a phone, effects are below their causes.
/** @param {HTMLElement} body */
function roomOf(body) {
  const width = body.clientWidth;
  const narrow = width < 640;
  const size = narrow ? 84 : 96;
  const height = narrow ? 560 : 420;
  const edge = size / 2 + 4;
  /** @param {string} v @param {number} i */
  const place = (v, i) => {
    const [along, across] = at[v] || [i % 4, 1];
    const [x, y] = narrow ? [across / 2, along / 3] : [along / 3, across / 2];
    return { x: edge + x * (width - 2 * edge), y: edge + y * (height - 2 * edge) };
  };
  return { size, height, edge, place };
}

/** @param {{ size: number, edge: number }} room @returns {Omit<Series, "data">} */
const graph = ({ size, edge }) => ({
  type: "graph",
  layout: "none",
  roam: false,
  symbol: "circle",
  symbolSize: size,
  edgeSymbol: ["none", "arrow"],
  edgeSymbolSize: 9,
  top: edge,
  bottom: edge,
  left: edge,
  right: edge,
  label: {
    show: true,
    color: colour("text"),
    formatter: said,
    lineHeight: 16,
    width: size - 8,
    overflow: "break",
  },
  itemStyle: { color: colour("card"), borderColor: colour("line"), borderWidth: 2 },
});

// saidOf is the text in the circle of a variable.
/** @param {Estimate[]} list @param {string} v */
function saidOf(list, v) {
  /** @param {string} kind */
  const of = kind => list.find(r => r.kind === kind && (r.from_variable === v || r.to_variable === v));
  const index = of("index");
  const r2 = of("r2");
  const value = index ? `\n${format(index.value, "index")}` : "";
  return scaleLabel("latent", v) + value + (r2 ? ` · R² ${format(r2.value, "coefficient")}` : "");
}

/** @param {Estimate} p */
const nameOf = p => `${scaleLabel("latent", p.from_variable)} → ${scaleLabel("latent", p.to_variable)}`;
/** @param {Estimate} p */
const coefficient = p =>
  p.low == null ? format(p.value, "coefficient") : withInterval(p.value, p.low, p.high, "coefficient");
/** @param {Estimate} p */
const sure = p => p.low == null || p.low > 0 || p.high < 0;

/** @param {Estimate} p @returns {Link} */
const link = p => ({
  source: p.from_variable,
  target: p.to_variable,
  said: `${nameOf(p)}\n${coefficient(p)}`,
  lineStyle: {
    width: 1 + 5 * Math.abs(p.value),
    color: !sure(p) ? colour("faint") : p.value > 0 ? colour("good") : colour("bad"),
    type: sure(p) ? "solid" : "dashed",
    curveness: 0.08,
    opacity: 0.9,
  },
  label: {
    show: true,
    formatter: format(p.value, "coefficient"),
    color: colour("text"),
    backgroundColor: colour("card"),
    padding: 2,
  },
});

/** @param {Estimate[]} paths @returns {Figures} */
const figures = paths => ({
  columns: [t("path"), measureLabel("csi_path"), measureLabel("csi_low"), measureLabel("csi_high")],
  rows: paths.map(p => [
    nameOf(p),
    format(p.value, "coefficient"),
    format(p.low, "coefficient"),
    format(p.high, "coefficient"),
  ]),
});
