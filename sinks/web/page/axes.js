// Parts of the options of charts.

import { colour } from "./chart.js";
import { format, instant, names } from "./names.js";

const day = 86400000;

// timeAxis runs over a period if one is given. Its labels are as precise as the period needs.
/** @param {Period} [period] @param {Intl.DateTimeFormatOptions} [shown] @returns {Axis} */
export function timeAxis(period, shown = {}) {
  return {
    type: "time",
    ...(period && { min: Date.parse(period.from), max: Date.parse(period.to) }),
    axisLabel: { color: colour("soft"), hideOverlap: true, formatter: v => instant(v, shown) },
    // The head of a tooltip would else be in the browser's zone.
    axisPointer: { label: { formatter: ({ value }) => `${instant(value)} ${names.zone}` } },
  };
}

// valued writes the values of a series in a tooltip in their unit.
/** @param {string} unit @returns {Tooltip} */
export const valued = unit => ({ valueFormatter: v => format(Array.isArray(v) ? v[1] : v, unit) });

// partsOf returns which parts of a time the axis of a period shows: only days, or only hours.
/** @param {Period} period @returns {Intl.DateTimeFormatOptions} */
export function partsOf(period) {
  if (period.resolution >= day / 1000) return { hour: undefined, minute: undefined };
  const length = Date.parse(period.to) - Date.parse(period.from);
  return length > 0 && length <= day ? { month: undefined, day: undefined } : {};
}

// unitAxis has values in a unit of the catalogue.
/** @param {string} [unit] @param {Partial<Axis>} [more] @returns {Axis} */
export const unitAxis = (unit, more = {}) => ({
  type: "value",
  axisLabel: { color: colour("soft"), hideOverlap: true, formatter: v => format(v, unit) },
  ...more,
});

// nameAxis has one name for each category.
/** @param {string[]} data @param {AxisLabel} [label] @param {Partial<Axis>} [more] @returns {Axis} */
export const nameAxis = (data, label = {}, more = {}) => ({
  type: "category",
  data,
  axisLabel: { color: colour("text"), ...label },
  ...more,
});

// pointAxes are the axes of a scatter chart, each with a name and a unit.
/** @param {Measured} x @param {Measured} y */
export const pointAxes = (x, y) => ({
  xAxis: unitAxis(x.unit, { scale: true, name: x.name, nameLocation: "middle", nameGap: 28 }),
  yAxis: unitAxis(y.unit, { scale: true, name: y.name }),
  grid: { bottom: 32, right: 60, top: 56 },
});

// pointText is the name of a point with the values of its measures.
/** @param {string} name @param {[Measured, number | null][]} measures */
export const pointText = (name, ...measures) =>
  [name, ...measures.map(([m, value]) => `${m.name} ${format(value, m.unit)}`)].join("\n");

// crossing parts a field of points into four.
/** @param {number} x @param {number} y @returns {Marks<Mark>} */
export const crossing = (x, y) => ({
  silent: true,
  symbol: "none",
  lineStyle: { color: colour("soft") },
  label: { show: false },
  data: [{ xAxis: x }, { yAxis: y }],
});

// beside is a label next to a bar or a point.
/** @param {Label["formatter"]} formatter @param {boolean} [show] @returns {Label} */
export const beside = (formatter, show = true) => ({ show, position: "right", color: colour("text"), formatter });
