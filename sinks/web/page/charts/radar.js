// The RATER dimensions of a scope, beside expectation and the whole company.

import { nothing } from "../panel.js";
import { chart, colour } from "../chart.js";
import { format, measureLabel, members, scaleLabel, t } from "../names.js";

/**
 * @param {HTMLElement} body
 * @param {Beside} a
 * @param {How} how
 * @param {string} scope
 */
export function radar(body, a, how, scope) {
  const [s] = a.whole.list,
    all = a.all?.list[0];
  const dimensions = members("rater").filter(d => s?.["rater_" + d] != null);
  if (dimensions.length < 3) return nothing(body, t("no_answers"));
  /** @param {Measures} row */
  const values = row => dimensions.map(d => row["rater_" + d]);
  /** @type {(Datum & { name: string, value: (number | null)[] })[]} */
  const series = [{ name: scope, value: values(s), areaStyle: { opacity: 0.2 } }];
  if (s.mean_expectation != null)
    series.push({
      name: measureLabel("mean_expectation"),
      value: dimensions.map(() => s.mean_expectation),
      lineStyle: { type: "dashed" },
      symbol: "none",
    });
  if (all) series.push({ name: t("everything"), value: values(all), symbol: "none" });
  chart(
    body,
    t("rater_radar"),
    {
      legend: { data: series.map(x => x.name) },
      tooltip: {},
      radar: {
        indicator: dimensions.map(d => ({ name: scaleLabel("rater", d), min: 1, max: 7 })),
        radius: "62%",
        center: ["50%", "56%"],
        axisName: { color: colour("text") },
        splitLine: { lineStyle: { color: colour("faint") } },
        splitArea: { show: false },
        axisLine: { lineStyle: { color: colour("faint") } },
      },
      series: [{ type: "radar", data: series }],
    },
    {
      columns: ["", ...series.map(x => x.name)],
      rows: dimensions.map((d, i) => [scaleLabel("rater", d), ...series.map(x => format(x.value[i], "grade"))]),
    },
    { height: 320, press: () => how.tell("rater_index") },
  );
}
