// The state of things now.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { asOfNow, change, changeOf, spark, sparkLabel, sparkScale, tile, tiles } from "../parts.js";
import { curve } from "../curve.js";
import { drawIncidents } from "../incidents.js";
import { duration, ends, filled, format, measureLabel, pair, placeName, t } from "../names.js";
import { scaleTiles, ungraded } from "../scaletiles.js";
import { table } from "../table.js";
import { covered, lookedUntil } from "../coverage.js";

export const scoped = true,
  timed = true;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  const period = page.period(),
    scope = page.scope(),
    both = { ...period, ...scope };
  main.append(
    panel(page, {
      title: t("now_alerts"),
      wide: true,
      id: "now-alerts",
      questions: {
        alerts: ["alerts", { ...both, limit: 60 }],
        coverage: ["alert_coverage", {}],
        calls: ["call_list", { ...both, stores: "firing", sort: "value_at_risk", limit: 100 }],
      },
      draw: (body, { alerts, coverage, calls }) => drawAlerts(page, body, alerts, coverage, calls.list),
    }),
    panel(page, {
      title: t("now_satisfaction"),
      id: "now-figures",
      wide: true,
      questions: {
        whole: ["grades", both],
        before: ["grades_before", both],
        pulse: ["pulse", both],
        scales: ["scales", both],
      },
      draw: (body, a, how) => {
        const [s] = a.whole.list,
          [b] = a.before.list,
          scales = scaleTiles(how, a.scales.list);
        if (!s) return scales.length ? tiles(body, scales) : nothing(body, t("no_responses"));
        const rate = page.state.to ? s.responses / minutes(a.whole.period) : lately(a.pulse);
        tiles(body, [
          tile(how, {
            label: measureLabel("csat_index"),
            value: format(s.csat_index, "index"),
            measure: "csat_index",
            note: h(
              "span",
              {},
              s.csat_index_low == null ? "" : `${ends(s.csat_index_low, s.csat_index_high, "index")} (95 %) `,
              change(changeOf(indexLevel(s), b && indexLevel(b)), "difference_of_index", "higher"),
            ),
          }),
          tile(how, {
            label: measureLabel("satisfied_share"),
            value: format(s.satisfied_share, "share"),
            measure: "satisfied_share",
            note: ends(s.satisfied_low, s.satisfied_high, "share"),
          }),
          tile(how, {
            label: measureLabel("dissatisfied_share"),
            value: format(s.dissatisfied_share, "share"),
            measure: "dissatisfied_share",
            note: ends(s.dissatisfied_low, s.dissatisfied_high, "share"),
          }),
          tile(how, {
            label: t("per_minute"),
            value: format(rate),
            measure: "responses",
            note: `${format(s.responses, "count")} ${t("in_period")}`,
          }),
          ...scales,
        ]);
      },
    }),
    panel(page, {
      title: t("now_recovery"),
      id: "now-recovery",
      questions: { backlog: ["backlog", both], recovery: ["recovery", both] },
      draw: (body, a, how) => {
        const [b] = a.backlog.list,
          r = a.recovery.list[0] || {};
        tiles(body, [
          tile(how, {
            label: measureLabel("backlog"),
            value: format(b.backlog, "count"),
            measure: "backlog",
            note: b.backlog ? pair(t("oldest"), format(b.backlog_age, "seconds")) : "",
            tone: b.overdue ? "bad" : null,
            link: page.link({ view: "recovery" }, measureLabel("backlog")),
          }),
          tile(how, {
            label: t("overdue"),
            value: format(b.overdue, "count"),
            measure: "breached",
            note: b.promise_seconds ? pair(t("promise"), duration(b.promise_seconds)) : "",
            tone: b.overdue ? "bad" : null,
          }),
          tile(how, {
            label: measureLabel("recovery_p50"),
            value: format(r.recovery_p50, "seconds"),
            measure: "recovery_p50",
            note: `${format(r.resolved ?? 0, "count")} ${t("resolved")}`,
          }),
          tile(how, {
            label: measureLabel("recovery_p90"),
            value: format(r.recovery_p90, "seconds"),
            measure: "recovery_p90",
            note: b.promise_seconds ? pair(t("promise"), duration(b.promise_seconds)) : "",
            tone: b.promise_seconds && (r.recovery_p90 ?? 0) > b.promise_seconds ? "bad" : null,
          }),
        ]);
      },
    }),
    panel(page, {
      title: t("now_risk"),
      note: asOfNow(page, page.state.kind === "all" ? undefined : t("hurt_here")),
      id: "now-risk",
      questions: { risk: ["risk", both], calls: ["calls", both], coverage: ["alert_coverage", {}] },
      draw: (body, a, how) => {
        const high = a.risk.list.find(r => r.churn_band === "high") || { customers: 0, value_at_risk: 0 };
        // Whom to call is found together with alerts.
        const known = a.calls.list[0].calls > 0 || !!a.coverage.list[0]?.evaluated_until;
        const value = a.risk.list.reduce((sum, r) => sum + r.value_at_risk, 0);
        tiles(body, [
          tile(how, {
            label: measureLabel("customers_high"),
            value: format(high.customers, "count"),
            measure: "customers_high",
            note: `${t("of_all")} ${format(
              a.risk.list.reduce((n, r) => n + r.customers, 0),
              "count",
            )}`,
            link: page.link({ view: "customers", band: "high" }, measureLabel("customers_high")),
          }),
          tile(how, {
            label: t("high_risk_value"),
            value: format(high.value_at_risk, "currency"),
            measure: "value_at_risk",
            note: `${format(value, "currency")} ${t("all_customers_value")}`,
          }),
          tile(how, {
            label: t("call_today"),
            value: known ? format(a.calls.list[0].today, "count") : "–",
            note: [known && filled("calls_in_all", format(a.calls.list[0].calls, "count")), lookedUntil(a.coverage)]
              .filter(Boolean)
              .join(" · "),
            link: page.link({ view: "customers" }, t("call_today")),
          }),
        ]);
      },
    }),
    panel(page, {
      title: t("trend"),
      wide: true,
      id: "now-trend",
      questions: { trend: ["trend", both], alerts: ["alerts", both], scales: ["scales", both] },
      draw: (body, a) =>
        a.trend.list.length ? curve(body, t("trend"), a.trend, a.alerts.list, [], page) : ungraded(body, a.scales.list),
    }),
  );
  if (page.state.kind === "all") {
    main.append(
      panel(page, {
        title: t("least_satisfied"),
        wide: true,
        id: "now-stores",
        questions: { places: ["places", { ...period, kind: "store", sort: "csat_index", order: "asc", limit: 8 }] },
        draw: (body, { places }, how) => {
          const scale = sparkScale(places.list);
          /** @type {HTMLElement} */ (body.parentElement).hidden = places.list.every(r => r.csat_index == null);
          table(body, places, how, {
            caption: t("least_satisfied"),
            columns: [
              {
                name: "scope_id",
                label: t("store"),
                cell: r => page.link({ view: "places", kind: "store", id: r.scope_id }, placeName("store", r.scope_id)),
              },
              { name: "csat_index" },
              {
                name: "change",
                cell: r => change(r, "difference_of_index", "higher", true),
              },
              { name: "responses" },
              { name: "dissatisfied_share" },
              { name: "opened" },
              { name: "course", label: sparkLabel(scale), cell: r => spark("store", r, places, scale) },
            ],
          });
        },
      }),
    );
  }
}

/**
 * @param {Page} page
 * @param {HTMLElement} body
 * @param {Timed<Alert>} answer
 * @param {Answer<Coverage>} coverage
 * @param {Call[]} calls
 */
function drawAlerts(page, body, answer, coverage, calls) {
  const { quiet, notes, checked } = covered(coverage, answer.period);
  if (!answer.list.length) {
    nothing(body, quiet);
    return body.append(...notes);
  }
  body.replaceChildren(...notes, ...drawIncidents(page, answer.list, calls, checked));
}

/** @param {Period} period */
const minutes = period => (Date.parse(period.to) - Date.parse(period.from)) / 60000;

/**
 * Responses a minute of the last five minutes; of a scope without minutes, of its latest hour or day.
 *
 * @param {Timed<{ step_start: string, resolution: number, responses: number }>} pulse
 */
function lately(pulse) {
  const [pane] = pulse.list.slice(-1);
  if (pane && pane.resolution > 60)
    return pane.responses / Math.max(1, (Date.parse(pulse.period.at) - Date.parse(pane.step_start)) / 60000);
  const last = Date.parse(pulse.period.at) - 300000;
  return pulse.list.filter(r => Date.parse(r.step_start) >= last).reduce((n, r) => n + r.responses, 0) / 5;
}

/** @param {Grades} g @returns {Level} */
const indexLevel = g => ({ value: g.csat_index, low: g.csat_index_low, high: g.csat_index_high });
