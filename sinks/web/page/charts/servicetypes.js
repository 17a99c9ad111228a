// Kinds of service: how procedural and how personal each store or employee is.

import { nothing } from "../panel.js";
import { beside, crossing, pointAxes, pointText } from "../axes.js";
import { chart } from "../chart.js";
import { format, measureLabel, members, scaleLabel, t } from "../names.js";

// The quarters meet at a mark of 5.
const middle = 5;

/** @param {Page} page @param {HTMLElement} body @param {Timed<ServiceType>} answer @param {string} kind */
export function types(page, body, answer, kind) {
  const { list } = answer;
  if (!list.length) return nothing(body, t("no_answers"));
  /** @param {ServiceType} r */
  const mine = r => r.scope_id === page.state.id;
  const kinds = members("service_type");
  const procedural = { name: measureLabel("procedural"), unit: "grade" };
  const personal = { name: measureLabel("personal"), unit: "grade" };
  /** @param {ServiceType} r @returns {Spot<number | null>} */
  const point = r => ({
    name: r.scope_id,
    mine: mine(r),
    value: [r.procedural, r.personal],
    label: beside("{b}", list.length <= 30 || mine(r)),
  });
  /** @type {ChartOption} */
  const option = {
    legend: { data: kinds.map(k => scaleLabel("service_type", k)) },
    tooltip: {
      formatter: (/** @type {Point<Spot>} */ { data: { name, value } }) =>
        pointText(name, [procedural, value[0]], [personal, value[1]]),
    },
    ...pointAxes(procedural, personal),
    series: kinds.map((k, i) => ({
      name: scaleLabel("service_type", k),
      type: "scatter",
      markLine: i ? undefined : crossing(middle, middle),
      symbolSize: (v, p) => (p.data.mine ? 18 : 9),
      data: list.filter(r => r.service_type === k).map(point),
      labelLayout: { hideOverlap: true },
    })),
  };
  /** @param {Point} p */
  const press = p => p.data?.name && page.go({ kind, id: p.data.name });
  chart(body, t("service_types"), option, figures(list), { height: 380, press });
}

/** @param {ServiceType[]} list @returns {Figures} */
const figures = list => ({
  columns: [
    t("scope"),
    measureLabel("service_type"),
    measureLabel("procedural"),
    measureLabel("personal"),
    measureLabel("responses"),
  ],
  rows: list
    .slice(0, 100)
    .map(r => [
      r.scope_id,
      scaleLabel("service_type", r.service_type),
      format(r.procedural, "grade"),
      format(r.personal, "grade"),
      format(r.responses, "count"),
    ]),
});
