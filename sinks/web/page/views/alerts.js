// Alerts with their evidence.

import { h } from "../dom.js";
import { ahead, nothing, panel } from "../panel.js";
import {
  alertFigures,
  alertTitle,
  bars,
  carriers,
  expectedLabel,
  evidenceLabel,
  heldAgainst,
  indexOf,
  moves,
  short,
  tile,
  tiles,
} from "../parts.js";
import { curve } from "../curve.js";
import { groupsOf, ofResponses, rank } from "../incidents.js";
import {
  ends,
  format,
  instant,
  iso,
  kindLabel,
  measureLabel,
  pair,
  scaleLabel,
  scopeLabel,
  t,
  unitOf,
} from "../names.js";
import { table } from "../table.js";
import { covered } from "../coverage.js";

export const scoped = true,
  timed = true;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  if (page.state.alert) drawOne(page, main, page.state.alert);
  main.append(
    panel(page, {
      title: t("all_alerts"),
      wide: true,
      id: "alerts",
      questions: {
        alerts: ["alerts", { ...page.period(), ...page.scope(), limit: 200 }],
        coverage: ["alert_coverage", {}],
      },
      draw: (body, { alerts, coverage }, how) => {
        const { quiet, notes } = covered(coverage, alerts.period);
        if (!alerts.list.length) {
          nothing(body, quiet);
          return body.append(...notes);
        }
        table(body, alerts, how, {
          caption: t("all_alerts"),
          rows: [...alerts.list].sort((x, y) => rank(x) - rank(y)),
          columns: [
            { name: "rule", cell: r => page.link({ alert: r.key }, alertTitle(r)) },
            { name: "state", cell: r => h("span", { class: "badge " + r.state }, scaleLabel("alert_state", r.state)) },
            { name: "severity", scale: "severity" },
            { name: "started_at", unit: "time", number: false },
            { name: "resolved_at", unit: "time", number: false },
            { name: "measure", cell: r => measureLabel(r.measure === "mean_grade" ? "csat_index" : r.measure) },
            { name: "value", cell: r => level(r, r.value) },
            { name: "expected", cell: r => level(r, r.expected) },
            { name: "cases" },
          ],
        });
        ahead(body, notes);
      },
    }),
  );
}

// level writes a value of an alert, a mean grade in the index.
/** @param {Alert} a @param {number} v */
const level = (a, v) => (a.measure === "mean_grade" ? format(indexOf(v), "index") : format(v, unitOf(a.measure)));

/** @param {Page} page @param {HTMLElement} main @param {string} key */
function drawOne(page, main, key) {
  const place = h("div", { class: "wide" });
  main.append(
    panel(page, {
      title: t("alert"),
      wide: true,
      id: "alert",
      questions: { alert: ["alerts", { key }] },
      draw: (body, a, how) => {
        const [alert] = a.alert.list;
        if (!alert) return nothing(body, t("no_alert"));
        const unit = unitOf(alert.measure),
          customer = alert.scope_kind === "customer";
        const fall = alert.measure === "mean_grade";
        // A fall is told in the index; a grade is as many points of it.
        const points = fall ? 100 / 6 : 1,
          written = fall ? "index" : unit;
        /** @param {number | null} v */
        const times = v => (v === null ? null : v * points);
        tiles(body, [
          tile(how, {
            label: measureLabel(fall ? "csat_index" : alert.measure),
            value: level(alert, alert.value),
            measure: alert.measure,
            note: `${expectedLabel(alert)} ${level(alert, alert.expected)}`,
            tone: "bad",
          }),
          tile(how, {
            label: t("distance"),
            value: format(Math.abs(alert.expected - alert.value) * points, written),
            measure: alert.measure,
            note: `95 %: ${ends(times(alert.low), times(alert.high), written)}`,
          }),
          tile(how, { label: t("cases"), value: format(alert.cases, "count") }),
          tile(how, {
            label: scaleLabel("alert_state", alert.state),
            value: instant(alert.resolved_at || alert.started_at),
            note: `${t("since")} ${instant(alert.started_at)} · ${t("found")} ${instant(alert.fired_at)}`,
          }),
        ]);
        body.prepend(
          h(
            "p",
            {},
            h("strong", {}, alertTitle(alert)),
            " ",
            h("span", { class: `badge ${alert.state}` }, scaleLabel("severity", alert.severity)),
          ),
          h("p", {}, alertFigures(alert)),
          alert.untold ? h("p", { class: "note" }, t("nobody_told")) : "",
        );
        const scope = customer ? {} : { kind: alert.scope_kind, id: alert.scope_id || undefined },
          around = { from: alert.started_at, to: alert.resolved_at || undefined, range: undefined };
        body.append(
          h(
            "p",
            { class: "row" },
            customer
              ? page.link(
                  { view: "customers", customer: alert.scope_id },
                  `${t("view_customers")} ${short(alert.scope_id)}`,
                )
              : [
                  page.link({ view: "why", ...scope, ...around }, t("view_why")),
                  page.link({ view: "customers", ...scope, ...around }, t("to_call")),
                  page.link({ view: "places", ...scope }, t("view_places")),
                ],
          ),
        );
        if (!place.childElementCount && !customer) place.append(...evidence(page, alert, a.alert.period.at));
      },
    }),
    place,
  );
}

// written writes the value of a cause: a share for an emotion, complaints per 100 responses for a category, else
// a mark.
/** @param {Evidence} e @param {number} value */
const written = (e, value) =>
  e.dimension === "category"
    ? `${format(value)} ${t("per_hundred")}`
    : format(value, e.dimension === "emotion" ? "share" : "grade");

// carrier is the bar of a part that carries a fall, with a mark at its share of the responses.
/** @param {Alert} a @param {Carrier} e @returns {Bar} */
function carrier(a, e) {
  const fell = [e.before, e.value].map(g => Math.round(indexOf(g))).join(" → ");
  const mix = e.mix && Math.abs(e.mix) >= 0.05 ? ` · ${t("by_mix")} ${format(e.mix, "share")}` : "";
  const part = ofResponses(a, e);
  const of = `${t("share_of_responses")} ${format(part, "share")}`;
  const text = `${format(e.share, "share")} · ${of} · ${fell} (${e.cases})${mix}`;
  return { label: evidenceLabel(e), value: e.share, mark: part, short: fell, text };
}

/** @param {Page} page @param {Alert} alert @param {string} at the end of the known events */
function evidence(page, alert, at) {
  const carried = carriers(alert),
    moved = moves(alert),
    held = heldAgainst(alert);
  const end = alert.resolved_at ? Date.parse(alert.resolved_at) + 3 * 3600e3 : Infinity;
  const around = {
    from: iso(Date.parse(alert.started_at) - 12 * 3600e3),
    to: end < Date.parse(at) ? iso(end) : undefined, // else it follows the events
    ...(alert.scope_kind === "all" ? {} : { scope_kind: alert.scope_kind, scope_id: alert.scope_id }),
  };
  /** @type {{ alert: Asked<"alerts"> }} */
  const question = { alert: ["alerts", { key: alert.key }] };
  const parts = [];
  if (alert.measure === "mean_grade")
    parts.push(
      panel(page, {
        title: pair(t("trend"), scopeLabel(alert.scope_kind, alert.scope_id)),
        questions: { trend: ["trend", around] },
        draw: (body, { trend }) => curve(body, t("trend"), trend, [alert]),
      }),
    );
  for (const group of groupsOf(alert))
    parts.push(
      panel(page, {
        title: pair(t("carried_by"), kindLabel(group.dimension)),
        note: t("fall_and_responses"),
        questions: question,
        draw: body =>
          bars(
            body,
            t("carried_by"),
            group.parts.map(e => carrier(alert, e)),
            { unit: "share", value: t("share_of_fall") },
          ),
      }),
    );
  if (held.length)
    parts.push(
      panel(page, {
        title: t("held_against"),
        note: t("held_against_note"),
        questions: question,
        draw: (body, a, how) =>
          table(body, { columns: [], list: held }, how, {
            caption: t("held_against"),
            columns: [
              { name: "id", label: t("held_against"), cell: e => evidenceLabel(e) },
              { name: "before", label: t("usual"), number: true, cell: e => format(e.before, "count") },
              { name: "value", label: t("value"), number: true, cell: e => format(e.value, "count") },
            ],
          }),
      }),
    );
  if (moved.length) {
    parts.push(
      panel(page, {
        title: t("moved_with_it"),
        questions: question,
        draw: (body, a, how) =>
          table(body, { columns: [], list: moved }, how, {
            caption: t("moved_with_it"),
            columns: [
              { name: "id", label: t("moved_with_it"), cell: e => evidenceLabel(e) },
              { name: "before", label: t("usual"), number: true, cell: e => written(e, e.before) },
              { name: "value", label: t("value"), number: true, cell: e => written(e, e.value) },
              { name: "cases", label: t("cases"), number: true, cell: e => format(e.cases, "count") },
            ],
          }),
      }),
    );
  }
  if (!carried.length && !moved.length && !held.length) parts.push(h("p", { class: "empty" }, t("no_evidence")));
  return [h("div", { class: "grid" }, parts)];
}
