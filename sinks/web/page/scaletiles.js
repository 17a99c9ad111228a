// Scales of their own: how likely customers recommend, how easy it was, and stars.

import { nothing } from "./panel.js";
import { tile } from "./parts.js";
import { ends, format, measureLabel, pair, scaleLabel, t, unitOf } from "./names.js";

// kinds are the scales: the measure of each with its interval, how many answered, and what else is told of them.
/** @type {ScaleKind[]} */
export const kinds = [
  {
    score: "nps",
    low: "nps_low",
    high: "nps_high",
    responses: "nps_responses",
    parts: ["promoters", "passives", "detractors"],
  },
  { score: "ces_mean", low: "ces_low", high: "ces_high", responses: "ces_responses", parts: ["ces_easy_share"] },
  {
    score: "stars_top_share",
    low: "stars_top_low",
    high: "stars_top_high",
    responses: "stars_responses",
    parts: ["stars_mean"],
  },
];

// answered are the scales of each survey in which somebody answered.
/** @param {OtherScales[]} list */
export const answered = list =>
  kinds.flatMap(k => list.filter(of => of[k.responses]).map(of => ({ ...k, survey: of.survey, of })));

// interval writes the ends of a score; scores may be negative, so no dash stands between them.
/** @param {ScaleKind} k @param {OtherScales} of */
export const interval = (k, of) => ends(of[k.low], of[k.high], unitOf(k.score) ?? "", "…");

// scaleTiles are tiles of the scores of a scope; list has a row a survey. The instant one is not named if it is alone.
/** @param {How} how @param {OtherScales[]} list */
export const scaleTiles = (how, list) =>
  answered(list).map(r => {
    const label = measureLabel(r.score),
      count = pair(t("cases"), format(r.of[r.responses], "count"));
    return tile(how, {
      label: list.length > 1 || r.survey !== "instant" ? `${label} · ${scaleLabel("survey", r.survey)}` : label,
      value: format(r.of[r.score], unitOf(r.score)),
      measure: r.score,
      note: r.of[r.low] == null ? count : `${interval(r, r.of)} (95 %) · ${count}`,
    });
  });

// ungraded says why a panel of grades is empty; where there are answers in other scales it is hidden.
/** @param {HTMLElement} body @param {OtherScales[]} scales @param {string} [text] */
export function ungraded(body, scales, text = t("no_responses")) {
  nothing(body, text);
  /** @type {HTMLElement} */ (body.parentElement).hidden = scales.length > 0;
}
