// The curve of satisfaction with its interval, the number of responses, and the alerts that fired.

import { chart, colour } from "./chart.js";
import { partsOf, timeAxis, valued } from "./axes.js";
import { format, instant, iso, measureLabel, scaleLabel, t } from "./names.js";

// curve draws the index with its interval, the number of responses, and the alerts that fired. others are more lines.
/**
 * @param {HTMLElement} body
 * @param {string} label
 * @param {Timed<GradesStep>} answer
 * @param {Alert[]} alerts
 * @param {Line[]} [others]
 * @param {Page} [page] where a drag chooses a time, and a press leads to the customers of a step
 */
export function curve(body, label, answer, alerts, others = [], page = undefined) {
  const { list, period } = answer;
  const index = measureLabel("csat_index");
  const responses = measureLabel("responses");
  /** @type {ChartOption} */
  const option = {
    legend: { data: [index, ...others.map(o => o.label), responses] },
    tooltip: { trigger: "axis", ...valued("index") },
    xAxis: timeAxis(period, partsOf(period)),
    yAxis: [aroundValues, barsBelow],
    series: [...band(list), mean(index, list, marks(alerts, period)), ...others.map(other), counts(responses, list)],
  };
  chart(body, label, option, figures(list), page && { drag: (from, to) => choose(page, period, from, to) });
}

// choose shows a time that was dragged over, or the customers behind the step that was pressed.
/** @param {Page} page @param {Period} period @param {number} from @param {number} to */
function choose(page, period, from, to) {
  const step = 1000 * period.step_s,
    first = Date.parse(period.from);
  /** @param {number} t */
  const start = t => first + Math.floor((t - first) / step) * step;
  const chosen = { range: undefined, before: undefined, from: iso(start(from)), to: iso(start(to) + step) };
  page.go(start(from) === start(to) ? { ...chosen, view: "customers" } : chosen);
}

/** @param {{ step_start: string }} row */
const at = row => Date.parse(row.step_start);

// aroundValues cuts the scale of the index to the part that has values.
/** @type {Axis} */
const aroundValues = {
  type: "value",
  min: v => Math.max(0, Math.floor((v.min - 5) / 5) * 5),
  max: v => Math.min(100, Math.ceil((v.max + 5) / 5) * 5),
};

// barsBelow keeps the bars of responses in the lowest quarter.
/** @type {Axis} */
const barsBelow = {
  type: "value",
  min: 0,
  max: v => v.max * 4,
  splitLine: { show: false },
  axisLabel: { show: false },
};

// band is the interval: an invisible line at its lower end, and on it an area as high as the interval is wide.
/** @param {GradesStep[]} list @returns {Series[]} */
function band(list) {
  /** @type {Omit<Series, "data">} */
  const unseen = {
    type: "line",
    stack: "interval",
    symbol: "none",
    silent: true,
    lineStyle: { opacity: 0 },
    tooltip: { show: false },
  };
  /** @param {GradesStep} r */
  const low = r => r.csat_index_low ?? r.csat_index;
  /** @param {GradesStep} r */
  const high = r => r.csat_index_high ?? r.csat_index;
  return [
    { name: "low", ...unseen, data: list.map(r => [at(r), low(r)]) },
    {
      name: "interval",
      ...unseen,
      areaStyle: { color: colour("line"), opacity: 0.15 },
      data: list.map(r => [at(r), high(r) - low(r)]),
    },
  ];
}

/** @param {string} name @param {GradesStep[]} list @param {[Mark, Mark][]} marked @returns {Series} */
const mean = (name, list, marked) => ({
  name,
  type: "line",
  symbol: list.length > 30 ? "none" : "circle",
  symbolSize: 4,
  color: colour("line"),
  data: list.map(r => [at(r), r.csat_index]),
  markArea: {
    silent: true,
    itemStyle: { color: colour("bad"), opacity: 0.14 },
    label: { color: colour("bad"), position: "insideTop" },
    data: marked,
  },
});

/** @param {Line} line @param {number} i @returns {Series} */
const other = (line, i) => ({
  name: line.label,
  type: "line",
  symbol: "none",
  lineStyle: { type: "dashed" },
  color: colour(["second", "third"][i % 2]),
  data: line.list.map(r => [at(r) + (line.shift || 0), r.csat_index]),
});

/** @param {string} name @param {GradesStep[]} list @returns {Series} */
const counts = (name, list) => ({
  name,
  type: "bar",
  yAxisIndex: 1,
  color: colour("faint"),
  tooltip: valued("count"),
  data: list.map(r => [at(r), r.responses]),
  barMaxWidth: 14,
});

// marks are the time ranges of alerts. Where several overlap, like a drop and the floor, there is one label.
/** @param {Alert[]} alerts @param {Period} period @returns {[Mark, Mark][]} */
function marks(alerts, period) {
  let until = -Infinity;
  return (alerts || [])
    .filter(a => a.measure === "mean_grade")
    .map(a => ({ a, from: Date.parse(a.started_at), to: Date.parse(a.resolved_at || period.to) }))
    .sort((x, y) => x.from - y.from)
    .map(({ a, from, to }) => {
      const label = a.scope_kind === "all" ? scaleLabel("alert_rule", a.rule) : a.scope_id;
      const name = from >= until ? label : "";
      until = Math.max(until, to);
      return [{ name, xAxis: from }, { xAxis: to }];
    });
}

/** @param {GradesStep[]} list @returns {Figures} */
const figures = list => ({
  columns: [
    t("from"),
    measureLabel("csat_index"),
    measureLabel("csat_index_low"),
    measureLabel("csat_index_high"),
    measureLabel("responses"),
  ],
  rows: list.map(r => [
    instant(r.step_start),
    format(r.csat_index, "index"),
    format(r.csat_index_low, "index"),
    format(r.csat_index_high, "index"),
    format(r.responses, "count"),
  ]),
});
