// Brands side by side: a dot and its interval for each measure and brand.

import { unitAxis } from "../axes.js";
import { chart, colour } from "../chart.js";
import { pair, questionLabel, t, withInterval } from "../names.js";

const tones = ["line", "second", "third", "fourth", "fifth", "sixth"];

/**
 * rivals draws the means of brands on some measures, the first measure on top.
 * @param {HTMLElement} body
 * @param {Benchmark[]} list
 * @param {{ measures: string[], brands: string[], brand(id: string): string, figures: Figures }} how
 */
export function rivals(body, list, { measures, brands, brand, figures }) {
  const rows = [...measures].reverse();
  // Brands of one measure stand closely above one another.
  const gap = 0.6 / brands.length;
  /** @param {string} b */
  const placed = b =>
    list
      .filter(r => r.brand === b && rows.includes(r.measure))
      .map(r => ({ r, y: rows.indexOf(r.measure) + gap * ((brands.length - 1) / 2 - brands.indexOf(b)) }));
  const ends = list.filter(r => rows.includes(r.measure)).flatMap(r => [r.low ?? r.mean, r.high ?? r.mean]);
  chart(
    body,
    t("benchmark"),
    {
      legend: { data: brands.map(brand) },
      tooltip: { trigger: "item", formatter: ({ data }) => data.said ?? "" },
      xAxis: unitAxis("grade", {
        min: Math.max(1, Math.floor(Math.min(...ends) * 5) / 5),
        max: Math.min(7, Math.ceil(Math.max(...ends) * 5) / 5),
      }),
      yAxis: {
        type: "value",
        min: -1,
        max: rows.length,
        interval: 1,
        splitLine: { show: false },
        axisLabel: { color: colour("text"), formatter: i => (rows[i] ? questionLabel(rows[i]) : "") },
      },
      series: brands.flatMap((b, i) => {
        const points = placed(b),
          color = colour(tones[i % tones.length]);
        return /** @type {Series[]} */ ([
          {
            name: brand(b),
            type: "line",
            silent: true,
            symbol: "none",
            color,
            lineStyle: { color, width: 3, opacity: 0.4 },
            data: points.flatMap(({ r, y }) =>
              r.low == null || r.high == null
                ? []
                : [
                    [r.low, y],
                    [r.high, y],
                    [null, null],
                  ],
            ),
          },
          {
            name: brand(b),
            type: "scatter",
            color,
            symbol: i ? "diamond" : "circle",
            symbolSize: i ? 9 : 11,
            data: points.map(({ r, y }) => ({
              value: [r.mean, y],
              said: `${questionLabel(r.measure)}\n${pair(brand(b), withInterval(r.mean, r.low, r.high, "grade"))}`,
            })),
          },
        ]);
      }),
    },
    figures,
    { height: 90 + rows.length * (14 + 14 * brands.length) },
  );
}
