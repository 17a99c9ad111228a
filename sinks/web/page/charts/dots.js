// Dots with intervals, one line each: RATER dimensions beside expectation, factors as differences.

import { nothing } from "../panel.js";
import { nameAxis, unitAxis } from "../axes.js";
import { chart, colour } from "../chart.js";
import { ends, format, measureLabel, members, pair, scaleLabel, t } from "../names.js";

/**
 * rater draws the dimensions of a scope beside what is expected, and beside the company where it is a part of it.
 * @param {HTMLElement} body
 * @param {Questioned} a
 * @param {How} how
 * @param {string} scope
 */
export function rater(body, a, how, scope) {
  const rows = dotsOf(a, "rater", "rater_");
  if (rows.length < 3) return nothing(body, t("no_answers"));
  const expected = a.whole.list[0]?.mean_expectation;
  dots(body, t("rater_and_expectation"), rows, {
    name: scope,
    unit: "grade",
    line: expected == null ? undefined : { at: Number(expected), name: measureLabel("mean_expectation") },
    press: () => how.tell("rater_index"),
  });
}

/**
 * factors draws by how much each factor differs from the company, or of the company from the mean of all.
 * @param {HTMLElement} body
 * @param {Questioned} a
 * @param {How} how
 * @param {string} scope
 */
export function factors(body, a, how, scope) {
  const rows = dotsOf(a, "factors", "factor_");
  if (rows.length < 3) return nothing(body, t("no_answers"));
  const mean = rows.reduce((sum, r) => sum + r.value, 0) / rows.length;
  const shifted = rows.map(r => {
    const base = r.company ?? mean;
    return {
      ...r,
      value: r.value - base,
      low: r.low && r.low - base,
      high: r.high && r.high - base,
      company: undefined,
    };
  });
  dots(
    body,
    t("factors"),
    shifted.sort((x, y) => y.value - x.value),
    {
      name: scope,
      unit: "difference_of_grades",
      line: { at: 0, name: "0" },
      press: () => how.tell(),
    },
  );
}

/** @param {Questioned} a @param {string} scale @param {string} prefix @returns {Dot[]} */
function dotsOf(a, scale, prefix) {
  const [s] = a.whole.list,
    all = a.all?.list[0];
  const lately = Date.parse(a.whole.period.to) - Date.parse(a.whole.period.from) <= 31 * 86400e3;
  return members(scale)
    .filter(m => s?.[prefix + m] != null)
    .map(m => {
      const question = a.importance.list.find(r => r.question === prefix + m);
      return {
        label: scaleLabel(scale, m),
        value: Number(s[prefix + m]),
        ...(question && lately && { low: question.performance_low, high: question.performance_high }),
        company: all?.[prefix + m] == null ? undefined : Number(all[prefix + m]),
      };
    });
}

/**
 * dots draws values with their intervals, the first on top.
 * @param {HTMLElement} body
 * @param {string} label
 * @param {Dot[]} rows
 * @param {{ name: string, unit: string, line?: { at: number, name: string }, press?(): void, columns?: string[],
 *   cells?: string[][] }} how columns and cells add to the table of figures
 */
export function dots(body, label, rows, { name, unit, line, press, columns = [], cells = [] }) {
  const list = [...rows].reverse();
  const company = rows.some(r => r.company !== undefined);
  const every = list.flatMap(r => [
    r.value,
    r.low ?? r.value,
    r.high ?? r.value,
    r.company ?? r.value,
    line?.at ?? r.value,
  ]);
  const [least, most] = [Math.min(...every), Math.max(...every)];
  const room = Math.max(0.1, (most - least) / 10);
  // The interval is a bar on one that nobody sees, from the begin of the axis on.
  const begin = Math.floor((least - room) * 10) / 10;
  chart(
    body,
    label,
    {
      legend: { data: [name, ...(company ? [t("everything")] : [])] },
      tooltip: { trigger: "item", formatter: p => text(list[p.dataIndex], unit) },
      xAxis: unitAxis(unit, { min: begin, max: Math.ceil((most + room) * 10) / 10 }),
      yAxis: nameAxis(
        list.map(r => r.label),
        { width: 170, overflow: "truncate" },
        { axisTick: { show: false } },
      ),
      grid: { right: 24 },
      series: [
        {
          type: "bar",
          stack: "interval",
          stackStrategy: "all",
          silent: true,
          barMaxWidth: 5,
          itemStyle: { opacity: 0 },
          data: list.map(r => r.low ?? null),
        },
        {
          type: "bar",
          stack: "interval",
          stackStrategy: "all",
          silent: true,
          barMaxWidth: 5,
          color: colour("line"),
          itemStyle: { opacity: 0.35 },
          data: list.map(r => (r.low === undefined || r.high === undefined ? null : r.high - r.low)),
        },
        {
          name,
          type: "scatter",
          symbolSize: 11,
          color: colour("line"),
          data: list.map((r, i) => [r.value, i]),
          markLine: line && {
            silent: true,
            symbol: "none",
            lineStyle: { color: colour("soft"), type: "dashed" },
            label: { show: line.at !== 0, formatter: line.name, color: colour("soft") },
            data: [{ xAxis: line.at }],
          },
        },
        ...(company
          ? [
              /** @type {Series} */ ({
                name: t("everything"),
                type: "scatter",
                symbol: "diamond",
                symbolSize: 9,
                color: colour("second"),
                data: list.flatMap((r, i) => (r.company === undefined ? [] : [[r.company, i]])),
              }),
            ]
          : []),
      ],
    },
    {
      columns: ["", name, t("interval"), ...(company ? [t("everything")] : []), ...columns],
      rows: rows.map((r, i) => [
        r.label.replace("\n", " · "),
        format(r.value, unit),
        r.low === undefined ? "–" : ends(r.low, r.high ?? null, unit),
        ...(company ? [format(r.company, unit)] : []),
        ...(cells[i] ?? []),
      ]),
    },
    { height: Math.max(200, 34 * rows.length + 70), press },
  );
}

/** @param {Dot} r @param {string} unit */
const text = (r, unit) =>
  [
    pair(r.label, format(r.value, unit)),
    r.low === undefined ? "" : `95 %: ${ends(r.low, r.high ?? null, unit)}`,
    r.company === undefined ? "" : `${t("everything")} ${format(r.company, unit)}`,
    ...(r.more ?? []),
  ]
    .filter(Boolean)
    .join("\n");
