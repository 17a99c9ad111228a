// Importance against performance of each question, in four quarters.

import { nothing } from "../panel.js";
import { beside, crossing, pointAxes, pointText } from "../axes.js";
import { chart, colour } from "../chart.js";
import { ends, format, meaning, measureLabel, pair, questionLabel, scaleLabel, t } from "../names.js";

/** @param {HTMLElement} body @param {Timed<Importance>} answer @param {How} how */
export function matrix(body, answer, how) {
  const { list } = answer;
  if (!list.length) return nothing(body, t("too_few"));
  /** @param {"performance" | "importance"} key */
  const mean = key => list.reduce((n, r) => n + r[key], 0) / list.length;
  const split = crossing(mean("performance"), mean("importance"));
  const tones = { concentrate: "bad", keep_up: "good", low_priority: "soft", overkill: "warn", uncertain: "sixth" };
  const performance = { name: measureLabel("question_performance"), unit: "grade" };
  const importance = { name: measureLabel("importance"), unit: "coefficient" };
  /** @type {ChartOption} */
  const option = {
    legend: { data: Object.keys(tones).map(q => scaleLabel("importance_quadrant", q)) },
    tooltip: {
      formatter: (/** @type {Point<Spot>} */ { data: { name, value } }) =>
        pointText(name, [importance, value[1]], [performance, value[0]]),
    },
    ...pointAxes(performance, importance),
    series: [
      ...errors(list),
      ...Object.entries(tones).map(
        /** @returns {Series} */ ([q, tone], i) => ({
          name: scaleLabel("importance_quadrant", q),
          type: "scatter",
          color: colour(tone),
          symbolSize: 12,
          markLine: i ? undefined : split,
          label: beside((/** @type {Point<Spot>} */ p) => p.data.name),
          labelLayout: { hideOverlap: true },
          data: list
            .filter(r => r.quadrant === q)
            .map(r => ({ name: questionLabel(r.question), value: [r.performance, r.importance] })),
        }),
      ),
    ],
  };
  chart(body, t("importance_matrix"), option, figures(list), { height: 380, press: () => how.tell("importance") });
}

// errors are the intervals of each question, a line each way.
/** @param {Importance[]} list @returns {Series[]} */
const errors = list =>
  list
    .flatMap(r => [
      [
        [r.performance_low, r.importance],
        [r.performance_high, r.importance],
      ],
      [
        [r.performance, r.importance_low],
        [r.performance, r.importance_high],
      ],
    ])
    .map(data => ({
      type: "line",
      silent: true,
      symbol: "none",
      lineStyle: { color: colour("faint"), width: 1 },
      tooltip: { show: false },
      data,
    }));

/** @param {Importance} r */
const interval = r => ends(r.importance_low, r.importance_high, "coefficient");

/** @param {string} q */
const quadrant = q => pair(scaleLabel("importance_quadrant", q), meaning("importance_quadrant", q));

/** @param {Importance[]} list @returns {Figures} */
const figures = list => ({
  columns: [
    t("question"),
    measureLabel("importance"),
    measureLabel("question_performance"),
    measureLabel("responses"),
    measureLabel("quadrant"),
  ],
  rows: list.map(r => [
    questionLabel(r.question),
    `${format(r.importance, "coefficient")} (${interval(r)})`,
    `${format(r.performance, "grade")} (${ends(r.performance_low, r.performance_high, "grade")})`,
    format(r.responses, "count"),
    quadrant(r.quadrant),
  ]),
});
