// The five gaps of service quality by RATER dimension.

import { nothing } from "../panel.js";
import { nameAxis, unitAxis } from "../axes.js";
import { chart } from "../chart.js";
import { format, measureLabel, members, pair, scaleLabel, t, withInterval } from "../names.js";

// Here a gap above 0 is a shortfall. The fifth, performance less expectation in views, is drawn the other way round.
/** @param {Gap} r @returns {Pick<Gap, "value" | "low" | "high">} */
const shortfall = r =>
  String(r.gap) === "5"
    ? { value: -r.value, low: r.high === null ? null : -r.high, high: r.low === null ? null : -r.low }
    : r;

/** @param {HTMLElement} body @param {Timed<Gap>} answer @param {How} how */
export function gaps(body, answer, how) {
  const { list } = answer;
  if (!list.length) return nothing(body, t("no_gaps"));
  /** @type {Record<string, string>} */
  const ids = { 1: "gap_knowledge", 2: "gap_standards", 3: "gap_delivery", 4: "gap_communication", 5: "gap_perceived" };
  const dimensions = ["", ...members("rater")];
  const shown = Object.keys(ids).filter(g => list.some(r => String(r.gap) === g));
  /** @param {string} g @param {string} d */
  const of = (g, d) => list.find(r => String(r.gap) === g && (r.dimension || "") === d);
  /** @param {string} g @param {string} d */
  const written = (g, d) => {
    const found = of(g, d);
    if (!found) return "–";
    const r = shortfall(found);
    return r.low === null
      ? format(r.value, "difference_of_grades")
      : withInterval(r.value, r.low, r.high, "difference_of_grades", "…");
  };
  /** @param {string} d */
  const label = d => (d ? scaleLabel("rater", d) : t("all_dimensions"));
  const used = dimensions.filter(d => shown.some(g => of(g, d)));
  chart(
    body,
    t("five_gaps"),
    {
      legend: { data: used.map(label) },
      tooltip: {
        trigger: "item",
        formatter: p => `${p.name}\n${pair(p.seriesName, written(shown[p.dataIndex], used[p.seriesIndex]))}`,
      },
      xAxis: nameAxis(
        shown.map(g => measureLabel(ids[g])),
        { interval: 0, width: 90, overflow: "break" },
      ),
      yAxis: unitAxis("difference_of_grades"),
      series: used.map(d => ({
        name: label(d),
        type: "bar",
        barMaxWidth: 16,
        data: shown.map(g => {
          const r = of(g, d);
          return r ? shortfall(r).value : null;
        }),
      })),
    },
    {
      columns: [t("gap"), ...used.map(label)],
      rows: shown.map(g => [measureLabel(ids[g]), ...used.map(d => written(g, d))]),
    },
    { height: 300, press: p => how.tell(ids[shown[p.dataIndex]]) },
  );
}
