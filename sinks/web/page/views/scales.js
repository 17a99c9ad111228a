// Other scales: how likely customers recommend, how easy it was, and stars, each in its own scale.

import { h, sparkline } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { change, changeOf } from "../parts.js";
import {
  columnLabel,
  differenceOf,
  ends,
  format,
  listed,
  measureLabel,
  names,
  pair,
  scaleLabel,
  t,
  unitOf,
} from "../names.js";
import { answered, interval } from "../scaletiles.js";
import { table } from "../table.js";

/** @typedef {{ scales: Asked<"scales">, before: Asked<"scales_before">, trend: Asked<"scales_trend"> }} Scales */
/** @typedef {AnswersTo<Scales & { converted: Asked<"converted"> }>} AskedOfScales */
/** @typedef {ReturnType<typeof answered>[number]} Row */

/** @param {Page} page @param {Params} both */
export const otherScales = (page, both) =>
  panel(page, {
    title: t("other_scales"),
    note: t("other_scales_note"),
    wide: true,
    id: "scales",
    questions: {
      scales: ["scales", both],
      before: ["scales_before", both],
      trend: ["scales_trend", both],
      converted: ["converted", both],
    },
    draw,
  });

/** @param {HTMLElement} body @param {AskedOfScales} a @param {How} how */
function draw(body, a, how) {
  const rows = answered(a.scales.list);
  if (!rows.length) nothing(body, t("no_other_scales"), '"nps": 0 … 10, "ces": 1 … 7, "stars": 1 … 5');
  else
    table(body, { columns: a.scales.columns, list: rows }, how, {
      caption: t("other_scales"),
      columns: [
        { name: "scale", label: t("scale"), cell: r => `${measureLabel(r.score)} · ${scaleLabel("survey", r.survey)}` },
        {
          name: "score",
          label: t("value"),
          number: true,
          tells: r => r.score,
          cell: r => `${format(r.of[r.score], unitOf(r.score))} (${interval(r, r.of)})`,
        },
        {
          name: "change",
          number: true,
          cell: r => {
            const was = a.before.list.find(b => b.survey === r.survey);
            const by = changeOf(level(r, r.of), was?.[r.responses] ? level(r, was) : undefined);
            const unit = differenceOf(unitOf(r.score)) ?? "";
            return h(
              "span",
              {},
              change(by, unit, "higher", true) || "–",
              by?.change_sure ? ` (${ends(by.change_low, by.change_high, unit, "…")})` : "",
            );
          },
        },
        {
          name: "parts",
          label: t("of_which"),
          number: false,
          cell: r => listed(r.parts.map(p => pair(measureLabel(p), format(r.of[p], unitOf(p))))),
        },
        {
          name: "answers",
          label: t("cases"),
          number: true,
          tells: r => r.responses,
          cell: r => format(r.of[r.responses], "count"),
        },
        { name: "course", number: false, cell: r => course(r, a.trend) },
      ],
    });
  const all = a.converted.list.reduce((n, r) => n + r.responses, 0);
  /** @param {Converted} r */
  const told = r => {
    const share = `${format(r.responses / all, "share")} ${t("of_responses")}`;
    return `${names.scales[r.grade_from]?.[""]?.label ?? r.grade_from} ${format(r.responses, "count")} (${share})`;
  };
  const from = a.converted.list.filter(r => r.grade_from).map(told);
  if (from.length) body.append(h("p", { class: "note" }, pair(t("converted"), listed(from))));
}

/** @param {Row} r @param {OtherScales} of @returns {Level} */
const level = (r, of) => ({ value: /** @type {number} */ (of[r.score]), low: of[r.low], high: of[r.high] });

// course is a line of the score by steps, from its least to its greatest.
/** @param {Row} r @param {Timed<OtherScalesStep>} trend */
function course(r, trend) {
  const { from, to } = trend.period;
  const unit = unitOf(r.score);
  const values = trend.list
    .filter(s => s.survey === r.survey && s[r.responses])
    .map(
      /** @returns {[number, number]} */
      s => [
        (Date.parse(s.step_start) - Date.parse(from)) / (Date.parse(to) - Date.parse(from)),
        /** @type {number} */ (s[r.score]),
      ],
    );
  if (values.length < 2) return "";
  const all = values.map(v => v[1]);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const said = ends(least, most, unit ?? "", "…");
  return h(
    "span",
    {},
    sparkline(values, least, most, pair(columnLabel({ name: "course" }), said)),
    h("span", { class: "note" }, said),
  );
}
