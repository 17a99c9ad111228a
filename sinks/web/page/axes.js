// Pieces of which the options of charts are made.

import { colour } from "./chart.js";
import { format, instant } from "./names.js";

const day = 86400000;

// timeAxis runs over a period where one is given. Its labels say no more of a time than its length wants.
/** @param {Period} [period] @param {Intl.DateTimeFormatOptions} [shown] @returns {Axis} */
export function timeAxis(period, shown = {}) {
  return {
    type: "time",
    ...(period && { min: Date.parse(period.from), max: Date.parse(period.to) }),
    axisLabel: { color: colour("soft"), hideOverlap: true, formatter: v => instant(v, shown) },
  };
}

// partsOf says which parts of a time are told on the axis of a period: days alone, or hours alone.
/** @param {Period} period @returns {Intl.DateTimeFormatOptions} */
export function partsOf(period) {
  if (period.resolution >= day / 1000) return { hour: undefined, minute: undefined };
  const length = Date.parse(period.to) - Date.parse(period.from);
  return length > 0 && length <= day ? { month: undefined, day: undefined } : {};
}

// unitAxis has values of a unit of the catalogue.
/** @param {string} [unit] @param {Partial<Axis>} [more] @returns {Axis} */
export const unitAxis = (unit, more = {}) => ({
  type: "value",
  axisLabel: { color: colour("soft"), formatter: v => format(v, unit) },
  ...more,
});

// nameAxis has names, one a place.
/** @param {string[]} data @param {AxisLabel} [label] @param {Partial<Axis>} [more] @returns {Axis} */
export const nameAxis = (data, label = {}, more = {}) => ({
  type: "category",
  data,
  axisLabel: { color: colour("text"), ...label },
  ...more,
});

// pointAxes are those of a field of points: each is named, and has a unit.
/** @param {Measured} x @param {Measured} y */
export const pointAxes = (x, y) => ({
  xAxis: unitAxis(x.unit, { scale: true, name: x.name, nameLocation: "middle", nameGap: 28 }),
  yAxis: unitAxis(y.unit, { scale: true, name: y.name }),
  grid: { bottom: 32, right: 60, top: 56 },
});

// pointText says what a point is, and of each of its measures how much.
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

// beside writes next to a bar or a point.
/** @param {Label["formatter"]} formatter @param {boolean} [show] @returns {Label} */
export const beside = (formatter, show = true) => ({ show, position: "right", color: colour("text"), formatter });
