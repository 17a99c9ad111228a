// Why: what customers expect and get, what they feel, what matters, and where the service itself falls short.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { bars, ofCompany, tile, tiles } from "../parts.js";
import { gaps } from "../charts/gaps.js";
import { matrix } from "../charts/importance.js";
import { factors, rater } from "../charts/dots.js";
import { types } from "../charts/servicetypes.js";
import {
  ends,
  format,
  lang,
  measureLabel,
  members,
  pair,
  placeName,
  scaleLabel,
  scopeLabel,
  sentences,
  t,
} from "../names.js";
import { table } from "../table.js";
import { otherScales } from "./scales.js";

// typesOf is the kind of scopes whose service is compared.
/** @param {Page} page */
const typesOf = page => (page.state.kind === "employee" ? "employee" : "store");

export const scoped = true,
  timed = true;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  const both = { ...page.period(), ...page.scope() };
  const scope = scopeLabel(page.state.kind, page.state.id);
  // A scope is shown beside the whole company, and the company beside the period before.
  /** @type {{ whole: Asked<"satisfaction">, all?: Asked<"satisfaction"> }} */
  const questions = { whole: ["satisfaction", both] };
  if (page.state.kind !== "all") questions.all = ["satisfaction", page.period()];
  const remedies = lang === "zh" ? "remedies_zh" : "remedies_en";
  main.append(
    panel(page, {
      title: t("rater_and_expectation"),
      note: t("dots_note"),
      id: "rater",
      questions: { ...questions, importance: ["importance", both] },
      draw: (body, a, how) => rater(body, a, how, scope),
    }),
    panel(page, {
      title: t(page.state.kind === "all" ? "factors" : "factors_scope"),
      note: t("dots_note"),
      id: "factors",
      questions: { ...questions, importance: ["importance", both] },
      draw: (body, a, how) => factors(body, a, how, scope),
    }),
    panel(page, {
      title: t("emotions"),
      id: "emotions",
      questions,
      draw: (body, a) => shares(body, a, "emotion", "emotion_", t("emotions")),
    }),
    panel(page, {
      title: t("complaints_about"),
      note: t("sins_note"),
      id: "sins",
      questions: { categories: ["categories", both] },
      draw: (body, { categories }) =>
        categories.list.length
          ? bars(
              body,
              t("complaints_about"),
              categories.list.map(c => ({
                label: c.category === "none" ? t("unnamed") : scaleLabel("category", c.category),
                value: c.complaints,
                tone: c.overdue ? "bad" : null,
              })),
              { unit: "count", value: measureLabel("complaints") },
            )
          : nothing(body, t("no_complaints")),
    }),
    panel(page, {
      title: t("importance_matrix"),
      note: t("lately_note"),
      wide: true,
      id: "matrix",
      questions: { importance: ["importance", both] },
      draw: (body, a, how) => matrix(body, a.importance, how),
    }),
    panel(page, {
      title: t("five_gaps"),
      note: t("gaps_note"),
      wide: true,
      id: "gaps",
      questions: { gaps: ["gaps", both] },
      draw: (body, a, how) => gaps(body, a.gaps, how),
    }),
    panel(page, {
      title: ofCompany(page, t("gap_causes")),
      wide: true,
      id: "causes",
      questions: { causes: ["gap_causes", {}] },
      draw: (body, { causes }, how) =>
        table(body, causes, how, {
          caption: t("gap_causes"),
          rows: causes.list.filter(c => (c.evidence ?? 0) > 0),
          columns: [
            { name: lang === "zh" ? "cause_zh" : "cause_en", label: t("cause") },
            { name: "gap", cell: r => scaleLabel("gap", r.gap), number: false },
            {
              name: "evidence",
              unit: "share",
              cell: r => h("meter", { min: 0, max: 1, value: r.evidence, "aria-label": format(r.evidence, "share") }),
            },
            {
              name: remedies,
              label: t("remedies"),
              cell: r => sentences(r[remedies]),
            },
          ],
        }),
    }),
    panel(page, {
      title: t("service_types"),
      note: t("types_note"),
      wide: true,
      id: "types",
      questions: {
        types: [
          "service_types",
          {
            ...page.period(),
            kind: typesOf(page),
            limit: 1000,
          },
        ],
      },
      draw: (body, a) => types(page, body, a.types, typesOf(page)),
    }),
    otherScales(page, both),
    panel(page, {
      title: t("bursts"),
      note: t("bursts_note"),
      wide: true,
      id: "bursts",
      questions: {
        bursts: ["bursts", both],
        terminals: ["burst_terminals", { ...both, sort: "burst_responses", limit: 20 }],
      },
      draw: (body, a, how) => bursts(page, body, a, how),
    }),
    panel(page, {
      title: t("who_answers"),
      note: t("who_answers_note"),
      wide: true,
      id: "who-answers",
      questions: { weighted: ["weighted", both], rate: ["response_rate", both] },
      draw: whoAnswers,
    }),
    panel(page, {
      title: t("who_was_asked"),
      note: t("who_was_asked_note"),
      wide: true,
      id: "asked",
      questions: { asked: ["asked", both], grades: ["asked_by_grade", both] },
      draw: whoWasAsked,
    }),
  );
}

// bursts shows the index with and without many presses in a row, and the terminals; nothing where there are none.
/**
 * @param {Page} page
 * @param {HTMLElement} body
 * @param {AnswersTo<{ bursts: Asked<"bursts">, terminals: Asked<"burst_terminals"> }>} a
 * @param {How} how
 */
function bursts(page, body, a, how) {
  const [b] = a.bursts.list;
  const section = /** @type {HTMLElement} */ (body.parentElement);
  section.hidden = !b?.burst_responses;
  if (!b?.burst_responses) return;
  tiles(body, [
    tile(how, {
      label: measureLabel("burst_responses"),
      value: format(b.burst_responses, "count"),
      measure: "burst_responses",
      note: `${format(b.burst_responses / b.responses, "share")} ${t("of_responses")}`,
    }),
    tile(how, {
      label: t("with_bursts"),
      value: format(b.csat_index, "index"),
      measure: "csat_index",
    }),
    tile(how, {
      label: measureLabel("csat_index_without_bursts"),
      value: format(b.csat_index_without_bursts, "index"),
      measure: "csat_index_without_bursts",
    }),
  ]);
  if (!a.terminals.list.length) return;
  const list = h("div", {});
  table(list, a.terminals, how, {
    caption: t("bursts"),
    columns: [
      { name: "terminal_id" },
      {
        name: "store_id",
        cell: r => (r.store_id ? page.link({ kind: "store", id: r.store_id }, placeName("store", r.store_id)) : "–"),
      },
      { name: "burst_responses" },
      { name: "mean_grade" },
      { name: "last_press_at", unit: "time", number: false },
    ],
  });
  body.append(list);
}

// whoWasAsked shows how many of those who were asked answered; nothing where nobody was.
/**
 * @param {HTMLElement} body
 * @param {AnswersTo<{ asked: Asked<"asked">, grades: Asked<"asked_by_grade"> }>} a
 * @param {How} how
 */
function whoWasAsked(body, a, how) {
  const [r] = a.asked.list,
    [g] = a.grades.list;
  const section = /** @type {HTMLElement} */ (body.parentElement);
  section.hidden = !r;
  if (!r) return;
  tiles(body, [
    tile(how, { label: measureLabel("asked"), value: format(r.asked, "count"), measure: "asked" }),
    tile(how, {
      label: measureLabel("asked_response_rate"),
      value: format(r.asked_response_rate, "share"),
      measure: "asked_response_rate",
      note: [
        `${ends(r.asked_response_rate_low, r.asked_response_rate_high, "share")} (95 %)`,
        r.asked_response_rate_ripe ? "" : t("still_growing"),
      ]
        .filter(Boolean)
        .join(" · "),
    }),
    tile(how, {
      label: measureLabel("asked_counted"),
      value: format(r.asked_counted, "count"),
      measure: "asked_counted",
      note: r.asked_counted ? t("counted_not_matched") : "",
    }),
    tile(how, {
      label: measureLabel("unasked_responses"),
      value: format(r.unasked_responses, "count"),
      measure: "unasked_responses",
    }),
    ...(g?.asked_difference == null
      ? []
      : [
          tile(how, {
            label: measureLabel("asked_difference"),
            value: format(g.asked_difference, "share"),
            measure: "asked_difference",
            note: [
              `${format(g.asked_happy_share, "share")} − ${format(g.asked_unhappy_share, "share")}`,
              `${ends(g.asked_difference_low, g.asked_difference_high, "share")} (95 %)`,
              (g.asked_difference_low ?? 0) > 0 ? t("asks_the_happy") : "",
            ]
              .filter(Boolean)
              .join(" · "),
          }),
        ]),
  ]);
}

// whoAnswers shows the index as answered beside the one that stands for all purchases; nothing where none are read.
/**
 * @param {HTMLElement} body
 * @param {AnswersTo<{ weighted: Asked<"weighted">, rate: Asked<"response_rate"> }>} a
 * @param {How} how
 */
function whoAnswers(body, a, how) {
  const [w] = a.weighted.list,
    [r] = a.rate.list;
  const section = /** @type {HTMLElement} */ (body.parentElement);
  section.hidden = !w;
  if (!w) return;
  const answered = `${format(w.answered, "count")} / ${format(w.purchases, "count")}`;
  tiles(body, [
    tile(how, {
      label: measureLabel("response_rate"),
      value: format(w.response_rate, "share"),
      measure: "response_rate",
      note: [answered, r && !r.response_rate_ripe ? t("still_growing") : ""].filter(Boolean).join(" · "),
    }),
    tile(how, {
      label: t("as_answered"),
      value: format(w.csat_index, "index"),
      measure: "csat_index",
      note: `${format(w.responses, "count")} ${measureLabel("responses")}`,
    }),
    tile(how, {
      label: measureLabel("weighted_csat_index"),
      value: format(w.weighted_csat_index, "index"),
      measure: "weighted_csat_index",
      note:
        w.weighted_csat_index == null
          ? t("too_few_to_weight")
          : `${ends(w.weighted_csat_index_low, w.weighted_csat_index_high, "index")} (95 %)`,
    }),
    tile(how, {
      label: measureLabel("effective_n"),
      value: format(w.effective_n, "count"),
      measure: "effective_n",
      note: w.joined_classes ? pair(measureLabel("joined_classes"), `${w.joined_classes} / ${w.classes}`) : "",
    }),
    ...(r?.complaints_per_1000_purchases == null
      ? []
      : [
          tile(how, {
            label: measureLabel("complaints_per_1000_purchases"),
            value: format(r.complaints_per_1000_purchases, "per_thousand"),
            measure: "complaints_per_1000_purchases",
          }),
        ]),
  ]);
}

// withAll writes a measure of the scope, with that of the whole company beside it if it is shown.
/** @param {Measures} s @param {Measures | undefined} all @param {string} measure @param {string} unit */
function withAll(s, all, measure, unit) {
  const own = format(s[measure], unit);
  return all ? `${own} · ${t("everything")} ${format(all[measure], unit)}` : own;
}

/** @param {HTMLElement} body @param {Beside} a @param {string} scale @param {string} prefix @param {string} label */
function shares(body, a, scale, prefix, label) {
  const [s] = a.whole.list;
  const all = a.all?.list[0];
  const list = members(scale)
    .filter(m => s?.[prefix + m] != null)
    .map(m => ({
      label: scaleLabel(scale, m),
      value: /** @type {number} */ (s[prefix + m]),
      text: withAll(s, all, prefix + m, "share"),
      tone: m === "happy" ? "good" : "bad",
    }));
  if (!list.length) return nothing(body, t("no_answers"));
  bars(body, label, list, { unit: "share", max: 1 });
}
