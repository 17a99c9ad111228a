// Parts that several views share: tiles, bars, sparklines, and texts about alerts.

import { h, sparkline } from "./dom.js";
import { beside, nameAxis } from "./axes.js";
import { chart, colour } from "./chart.js";
import {
  clauses,
  columnLabel,
  day,
  ends,
  filled,
  format,
  instant,
  measureLabel,
  names,
  pair,
  placeName,
  scaleLabel,
  scopeLabel,
  t,
  unitOf,
} from "./names.js";

// tile is one figure; a press shows its SQL.
/** @param {How} how @param {Tile} tile */
export function tile(how, { label, value, note, measure, tone, link }) {
  return h(
    "div",
    { class: "tile" + (tone ? " " + tone : "") },
    h("span", { class: "label" }, link || label),
    h(
      "button",
      {
        type: "button",
        class: "value",
        "aria-label": `${pair(label, value)}. ${t("sql_of")}`,
        click: how.sql(measure),
      },
      value,
    ),
    h("span", { class: "note" }, note || ""),
  );
}

/** @param {HTMLElement} body @param {HTMLElement[]} list */
export const tiles = (body, list) => body.replaceChildren(h("div", { class: "tiles" }, list));

// comparedWith names the time that the period is compared with.
function comparedWith() {
  const before = new URLSearchParams(location.search).get("before");
  return before ? filled("vs_from", day(before)) : t("against_before");
}

/**
 * change says by how much something changed: with an arrow only if chance does not explain it.
 * @param {Change | null} by
 * @param {string} unit
 * @param {"higher" | "lower"} better
 * @param {boolean} [short] without what it is compared with, for the cell of a table
 */
export function change(by, unit, better, short) {
  if (by?.change == null) return "";
  const good = better === "higher" ? by.change > 0 : by.change < 0;
  const sure = by.change_sure && by.change !== 0;
  const arrow = sure ? (by.change > 0 ? "▲ " : "▼ ") : "≈ ";
  const interval = by.change_low == null ? t("too_few_short") : pair("95 %", ends(by.change_low, by.change_high, unit));
  const than = sure ? comparedWith() : pair(comparedWith(), t("within_chance"));
  return h(
    "span",
    { class: sure ? (good ? "better" : "worse") : "same", title: clauses([comparedWith(), interval]) },
    `${arrow}${format(by.change, unit)}${short ? "" : ` ${than}`}`,
  );
}

/**
 * changeOf compares the levels of two times, each with an interval of its own (Zou, Donner 2008).
 * @param {Level} now
 * @param {Level | undefined} before
 * @returns {Change | null}
 */
export function changeOf(now, before) {
  if (!before) return null;
  const by = now.value - before.value;
  if (now.low == null || now.high == null || before.low == null || before.high == null)
    return {
      change: by,
      change_low: null,
      change_high: null,
      change_sure: false,
    };
  const down = Math.hypot(now.value - now.low, before.high - before.value);
  const up = Math.hypot(now.high - now.value, before.value - before.low);
  return {
    change: by,
    change_low: by - down,
    change_high: by + up,
    change_sure: by - down > 0 || by + up < 0,
  };
}

// asOfNow is the note of a panel that has the state of now, also where the period is over.
/** @param {Page} page @param {string} [note] */
export const asOfNow = (page, note) => (page.state.to ? [note, t("state_of_now")].filter(Boolean).join(" · ") : note);

// ofCompany is the title of what is of the whole company even where a scope is chosen.
/** @param {Page} page @param {string} title */
export const ofCompany = (page, title) => (page.state.kind === "all" ? title : `${title} (${t("of_company")})`);

/**
 * pager leads through the pages of a list; nothing if there is only one.
 * @param {Page} page
 * @param {"page" | "calls"} key in the address
 * @param {boolean} more
 */
export function pager(page, key, more) {
  const at = Number(page.state[key] || 0);
  if (!at && !more) return "";
  return h(
    "p",
    { class: "row" },
    at ? page.link({ [key]: at - 1 || undefined }, "← " + t("previous")) : "",
    more ? page.link({ [key]: at + 1 }, t("next") + " →") : "",
  );
}

// alertTitle is the title of an alert in the language of the page.
/** @param {Alert} a */
export function alertTitle(a) {
  const where = scopeLabel(a.scope_kind, a.scope_kind === "customer" ? short(a.scope_id) : a.scope_id);
  const part =
    a.part &&
    (a.rule === "scale_drop"
      ? measureLabel(a.measure)
      : scaleLabel(a.rule === "customer_trouble" ? "tier" : "category", a.part));
  return `${pair(scaleLabel("alert_rule", a.rule), where)}${part ? ` · ${part}` : ""}`;
}

// expectedLabel says with what an alert's measure is compared.
/** @type {Record<string, string>} */
const held = { satisfaction_floor: "floor", recovery_slow: "allowed", promise_breach: "allowed" };
// expectedLabel says what an alert's measure is held against.
/** @param {Alert} a */
export const expectedLabel = a => t(held[a.rule] || "usual");

// carriers are the parts that carry a fall, without those that are the whole of it: a store lies in one region.
/** @param {Alert} a */
export const carriers = a => (a.evidence || []).filter(carries).filter(e => e.share < 0.995);
// moves are the measures that moved with it.
/** @param {Alert} a */
export const moves = a => (a.evidence || []).filter(e => !carries(e) && !told(e));
// heldAgainst is how much there was on the last day of what an alert's cases are held against, and beside it.
/** @param {Alert} a */
export const heldAgainst = a => (a.evidence || []).filter(told);
/** @param {Evidence} e */
const told = e => e.dimension === "exposure" || e.dimension === "beside";
/** @param {Evidence} e @returns {e is Carrier} */
const carries = e => e.share !== undefined && e.share > 0;

// indexOf is the satisfaction index, 0 to 100, of a mean grade of 1 to 7.
/** @param {number} grade */
export const indexOf = grade => ((grade - 1) / 6) * 100;

// fallOf writes a fall of satisfaction in the index, and in grades beside it; undefined for other alerts.
/** @param {Alert} a */
export function fallOf(a) {
  if (a.measure !== "mean_grade") return undefined;
  const [from, to] = [a.expected, a.value].map(indexOf);
  const [was, is] = [a.expected, a.value].map(v => format(v, "grade"));
  const grade = clauses([`${t("mean_grade_short")} ${is}`, `${expectedLabel(a)} ${was}`]);
  return { index: `${Math.round(from)} → ${Math.round(to)}`, grade };
}

// about writes what is usual; counts are whole.
/** @param {Alert} a */
const about = a =>
  unitOf(a.measure) === "count" && a.expected >= 1
    ? format(Math.round(a.expected), "count")
    : format(a.expected, unitOf(a.measure) === "count" ? undefined : unitOf(a.measure));

// alertFigures says how far the measure is from what is usual.
/** @param {Alert} a */
export function alertFigures(a) {
  const unit = unitOf(a.measure);
  const fall = fallOf(a);
  const value = fall
    ? `${measureLabel("csat_index")} ${fall.index}`
    : `${measureLabel(a.measure)} ${format(a.value, unit)}`;
  const expected = fall ? fall.grade : `${expectedLabel(a)} ${about(a)}`;
  const over = a.resolved_at ? ` · ${t("over_at")} ${instant(a.resolved_at)}` : "";
  return `${clauses([value, expected])} · ${t("since")} ${instant(a.started_at)}${over}`;
}

// evidenceLabel names a part that carries a fall or a measure that moved with it.
/** @param {Evidence} e */
export function evidenceLabel(e) {
  /** @type {Record<string, string>} */
  const scales = {
    rater: "rater",
    factors: "factors",
    emotion: "emotion",
    category: "category",
    facets: "facets",
    scorecard: "scorecard",
    tcs: "tcs",
  };
  if (told(e)) return `${measureLabel(e.id)}${e.dimension === "beside" ? ` (${t("beside")})` : ""}`;
  if (scales[e.dimension]) return `${names.scales[scales[e.dimension]][e.id]?.label ?? e.id}`;
  return scopeLabel(e.dimension, e.id);
}

// short is the visible part of a pseudonym; links have all of it.
/** @param {string} id */
export const short = id => (names.pseudonymous ? "#" + String(id).slice(0, 7) : String(id));

// bars draws named values, the first on top.
/**
 * @param {HTMLElement} body
 * @param {string} label
 * @param {Bar[]} list
 * @param {BarOptions} [how]
 */
export function bars(body, label, list, { unit, value = t("value"), press, max } = {}) {
  const items = [...list].reverse();
  /** @type {ChartOption} */
  const option = {
    tooltip: { trigger: "item", formatter: p => pair(p.name, items[p.dataIndex].text ?? format(p.value, unit)) },
    xAxis: {
      type: "value",
      max,
      axisLabel: { color: colour("soft"), hideOverlap: true, formatter: v => format(v, unit) },
    },
    yAxis: nameAxis(
      items.map(i => i.label),
      { width: 170, overflow: "truncate" },
      { axisTick: { show: false } },
    ),
    grid: { right: 56 },
    series: [
      {
        type: "bar",
        barMaxWidth: 18,
        color: colour("line"),
        data: items.map(i => ({ value: i.value, itemStyle: i.tone ? { color: colour(i.tone) } : undefined })),
        label: beside(p => items[p.dataIndex].short ?? format(p.value, unit)),
      },
      ...(items.some(i => i.mark !== undefined)
        ? [
            /** @type {Series} */ ({
              type: "scatter",
              symbol: "diamond",
              symbolSize: 9,
              color: colour("second"),
              data: items.flatMap((i, at) => (i.mark === undefined ? [] : [[i.mark, at]])),
            }),
          ]
        : []),
    ],
  };
  const figures = { columns: ["", value], rows: list.map(i => [i.label, i.text ?? format(i.value, unit)]) };
  const height = Math.max(120, 30 * items.length + 40);
  chart(body, label, option, figures, { height, press: press && (p => press(items[p.dataIndex])) });
}

// spark is a sparkline of the index of a scope of a kind, for the cell of a table.
/** @param {string} kind @param {Place} row @param {Timed<Place>} answer @param {number[]} scale */
export function spark(kind, row, answer, scale) {
  if (!row.course?.length) return "";
  const steps = (Date.parse(answer.period.to) - Date.parse(answer.period.from)) / 1000 / answer.period.step_s;
  const values = row.course.map(
    /** @returns {[number, number]} */ ([step, index]) => [steps > 1 ? step / (steps - 1) : 0, index],
  );
  const [first, last] = [values[0], values[values.length - 1]].map(v => format(v[1], "index"));
  return sparkline(
    values,
    scale[0],
    scale[1],
    `${columnLabel({ name: "course" })} ${pair(placeName(kind, row.scope_id), `${first} – ${last}`)}`,
  );
}

// sparkScale is the range of the index that all sparklines of a table have from bottom to top.
/** @param {Place[]} list */
export function sparkScale(list) {
  const all = list
    .flatMap(r => (r.course || []).map(c => c[1]))
    .filter(v => v != null)
    .sort((a, b) => a - b);
  if (!all.length) return [0, 100];
  return [Math.floor(all[Math.floor(all.length * 0.02)]), Math.ceil(all[Math.ceil(all.length * 0.98) - 1])];
}

// sparkLabel heads a column of sparklines, with their scale.
/** @param {number[]} scale */
export const sparkLabel = ([least, most]) =>
  `${columnLabel({ name: "course" })} (${format(least, "count")} – ${format(most, "count")})`;
