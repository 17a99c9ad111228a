// Recovery: the board of complaints, how far they came, and how long it took.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { bars, short, tile, tiles } from "../parts.js";
import { nameAxis, timeAxis, valued } from "../axes.js";
import { chart, colour } from "../chart.js";
import { duration, ends, format, instant, measureLabel, pair, placeName, scaleLabel, t } from "../names.js";
import { table } from "../table.js";

export const scoped = true,
  timed = true;

const places = ["fresh", "half", "overdue", "resolved", "withdrawn"];

/** @param {number | null} seconds */
const hours = seconds => (seconds == null ? null : seconds / 3600);

// range writes a 95 % interval; one whose upper end is not known yet is open.
/** @param {number | null} low @param {number | null} high @param {string} unit */
const range = (low, high, unit) => {
  if (low == null) return "";
  return high == null ? `95 %: ${format(low, unit)} – ` : `95 %: ${ends(low, high, unit)}`;
};

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  const both = { ...page.period(), ...page.scope() };
  const state = page.state.state || "open",
    by = page.state.sort || "promise_used",
    descending = page.state.order !== "asc";
  main.append(
    panel(page, {
      title: t("board"),
      note: t("board_note"),
      wide: true,
      id: "board",
      questions: { board: ["board", both] },
      draw: (body, { board }, how) => {
        const count = Object.fromEntries(board.list.map(r => [r.place, r.complaints]));
        tiles(
          body,
          places.map(p =>
            tile(how, {
              label: t("board_" + p),
              value: format(count[p] || 0, "count"),
              tone: p === "overdue" && count[p] ? "bad" : p === "half" && count[p] ? "warn" : null,
              link: page.link({ state: p === "resolved" || p === "withdrawn" ? p : undefined }, t("board_" + p)),
            }),
          ),
        );
      },
    }),
    panel(page, {
      title: pair(t("complaints"), scaleLabel("complaint_state", state)),
      wide: true,
      id: "complaints",
      questions: {
        complaints: ["complaints", { ...both, state, sort: by, order: descending ? "desc" : "asc", limit: 50 }],
      },
      draw: (body, { complaints }, how) =>
        table(body, complaints, how, {
          caption: t("complaints"),
          order: { by, descending, to: (name, down) => page.go({ sort: name, order: down ? undefined : "asc" }) },
          columns: [
            { name: "complaint_id" },
            {
              name: "customer_id",
              cell: r => page.link({ view: "customers", customer: r.customer_id }, short(r.customer_id)),
            },
            {
              name: "category",
              scale: "category",
              cell: r => (r.category ? scaleLabel("category", r.category) : t("unnamed")),
            },
            {
              name: "store_id",
              cell: r =>
                r.store_id ? page.link({ kind: "store", id: r.store_id }, placeName("store", r.store_id)) : "–",
            },
            { name: "opened_at", sort: true, unit: "time", number: false },
            { name: "age_seconds", sort: true },
            {
              name: "promise_used",
              sort: true,
              cell: r =>
                h(
                  "span",
                  { class: (r.promise_used ?? 0) > 1 ? "worse" : "" },
                  h("meter", {
                    min: 0,
                    max: 1,
                    low: 0.5,
                    high: 0.99,
                    optimum: 0,
                    value: Math.min(r.promise_used ?? 0, 1),
                    "aria-label": t("promise_used"),
                  }),
                  " ",
                  format(r.promise_used, "share"),
                ),
            },
            { name: "contacts" },
            { name: "handoffs", sort: true },
            { name: "remedies", scale: "remedy" },
          ],
        }),
    }),
    panel(page, {
      title: t("funnel"),
      id: "funnel",
      questions: { funnel: ["funnel", both] },
      draw: (body, { funnel }) => {
        const [f] = funnel.list;
        /** @type {(keyof Funnel)[]} */
        const steps = ["opened", "answered", "remedied", "resolved", "graded", "recovered"];
        if (!f?.opened) return nothing(body, t("no_complaints"));
        bars(
          body,
          t("funnel"),
          steps.map(s => ({
            label: t("funnel_" + s),
            value: f[s],
            text: `${format(f[s], "count")} (${format(f[s] / f.opened, "share")})`,
            short: format(f[s] / f.opened, "share"),
          })),
          { unit: "count" },
        );
      },
    }),
    panel(page, {
      title: t("outcomes"),
      note: t("outcomes_note"),
      id: "outcomes",
      questions: { outcomes: ["recovery_outcomes", both] },
      draw: (body, a, how) => {
        const [o] = a.outcomes.list;
        if (!o) return nothing(body, t("no_complaints"));
        tiles(
          body,
          /** @type {const} */ ([
            ["km_recovery_p50", "seconds"],
            ["km_recovery_p90", "seconds"],
            ["recovered_of_known", "share"],
            ["recovery_paradox_within", "difference_of_grades"],
          ]).map(([m, unit]) =>
            tile(how, {
              label: measureLabel(m),
              value: o[m] == null ? t("not_reached") : format(o[m], unit),
              measure: m,
              note: range(o[`${m}_low`], o[`${m}_high`], unit),
            }),
          ),
        );
        body.append(
          h(
            "p",
            { class: "note" },
            [
              `${format(o.complaints, "count")} ${t("complaints")}`,
              `${measureLabel("unresolved")} ${format(o.unresolved, "count")}`,
            ].join(" · "),
          ),
        );
      },
    }),
    panel(page, {
      title: t("contacts_handoffs"),
      id: "contacts",
      questions: { contacts: ["contacts", both] },
      draw: (body, { contacts }) => {
        if (!contacts.list.length) return nothing(body, t("no_complaints"));
        const most = 6,
          handoffs = [0, 1, 2, 3, 4];
        /** @param {number} c @param {number} hand */
        const of = (c, hand) =>
          contacts.list.filter(r => r.contacts === c && r.handoffs === hand).reduce((n, r) => n + r.complaints, 0);
        const xs = [...Array(most + 1).keys()];
        /** @param {number} n */
        const name = n => (n === 0 ? t("no_handoff") : `${n === 4 ? "4+" : n} ${measureLabel("handoffs")}`);
        chart(
          body,
          t("contacts_handoffs"),
          {
            legend: { data: handoffs.map(name) },
            tooltip: {
              trigger: "item",
              formatter: p => `${pair(measureLabel("contacts"), p.name)}\n${pair(p.seriesName, p.value)}`,
            },
            xAxis: {
              type: "category",
              data: xs.map(x => (x === most ? "6+" : String(x))),
              name: measureLabel("contacts"),
              nameLocation: "middle",
              nameGap: 24,
            },
            yAxis: { type: "value", minInterval: 1 },
            grid: { bottom: 28 },
            series: handoffs.map(n => ({ name: name(n), type: "bar", stack: "all", data: xs.map(x => of(x, n)) })),
          },
          {
            columns: [measureLabel("contacts"), ...handoffs.map(name)],
            rows: xs.map(x => [x === most ? "6+" : String(x), ...handoffs.map(n => of(x, n))]),
          },
        );
      },
    }),
    panel(page, {
      title: t("recovery_times"),
      id: "times",
      questions: { times: ["recovery_times", both], recovery: ["recovery", both], backlog: ["backlog", both] },
      draw: (body, a) => {
        if (!a.times.list.length) return nothing(body, t("no_complaints"));
        const r = a.recovery.list[0] || {};
        /** @param {number} s */
        const label = s => (s > 1e9 ? `> ${duration(604800)}` : `≤ ${duration(s)}`);
        chart(
          body,
          t("recovery_times"),
          {
            tooltip: { trigger: "item" },
            xAxis: nameAxis(
              a.times.list.map(x => label(x.up_to_seconds)),
              { rotate: 35, interval: 0 },
            ),
            yAxis: { type: "value", minInterval: 1 },
            series: [
              {
                type: "bar",
                data: a.times.list.map(x => ({
                  value: x.complaints,
                  itemStyle: {
                    color:
                      x.up_to_seconds > (a.backlog.list[0].promise_seconds || 86400) ? colour("bad") : colour("line"),
                  },
                })),
              },
            ],
          },
          {
            columns: [t("recovery_times"), measureLabel("complaints")],
            rows: a.times.list.map(x => [label(x.up_to_seconds), format(x.complaints, "count")]),
          },
        );
        body.querySelector(":scope > .note")?.remove();
        body.append(
          h(
            "p",
            { class: "note" },
            /** @type {const} */ (["recovery_p50", "recovery_p90", "recovery_p99"])
              .map(m => `${measureLabel(m)} ${format(r[m], "seconds")}`)
              .join(" · "),
          ),
        );
      },
    }),
    panel(page, {
      title: t("recovery_quality"),
      id: "quality",
      questions: { recovery: ["recovery", both] },
      draw: (body, a, how) => {
        const [r] = a.recovery.list;
        if (!r) return nothing(body, t("no_complaints"));
        tiles(
          body,
          /** @type {const} */ ([
            "first_contact_resolution",
            "mean_first_response_seconds",
            "mean_contacts",
            "mean_handoffs",
            "remedy_depth",
            "outcome_fairness",
            "process_fairness",
            "reopened",
          ]).map(m => {
            const column = a.recovery.columns.find(c => c.name === m);
            return tile(how, {
              label: measureLabel(m),
              value: format(
                r[m],
                (m.startsWith("mean_") && !m.endsWith("seconds")) || m === "remedy_depth" ? "grade" : column?.unit,
              ),
              measure: m,
            });
          }),
        );
      },
    }),
    panel(page, {
      title: t("recovery_trend"),
      wide: true,
      id: "flow",
      questions: { trend: ["recovery_trend", both] },
      draw: (body, { trend }) => {
        const { list } = trend;
        if (!list.length) return nothing(body, t("no_complaints"));
        /** @param {RecoveryStep} r */
        const at = r => Date.parse(r.step_start);
        /** @param {"opened" | "resolved" | "breached"} m @param {string} c @returns {Series & { name: string }} */
        const bar = (m, c) => ({
          name: measureLabel(m),
          type: "bar",
          color: colour(c),
          tooltip: valued("count"),
          data: list.map(r => [at(r), r[m]]),
          barMaxWidth: 10,
        });
        /** @param {"recovery_p50" | "recovery_p90"} m @param {string} c @returns {Series & { name: string }} */
        const line = (m, c) => ({
          name: measureLabel(m),
          type: "line",
          yAxisIndex: 1,
          symbol: "none",
          color: colour(c),
          tooltip: { valueFormatter: v => format(3600 * Number(Array.isArray(v) ? v[1] : v), "seconds") },
          data: list.map(r => [at(r), hours(r[m])]),
        });
        const series = [
          bar("opened", "second"),
          bar("resolved", "good"),
          bar("breached", "bad"),
          line("recovery_p50", "line"),
          line("recovery_p90", "third"),
        ];
        chart(
          body,
          t("recovery_trend"),
          {
            legend: { data: series.map(s => s.name) },
            tooltip: { trigger: "axis" },
            xAxis: timeAxis(trend.period),
            yAxis: [
              { type: "value", minInterval: 1 },
              { type: "value", name: t("hours"), splitLine: { show: false } },
            ],
            grid: { top: 56 },
            series,
          },
          {
            columns: [
              t("from"),
              ...["opened", "resolved", "breached", "recovery_p50", "recovery_p90"].map(measureLabel),
            ],
            rows: list.map(r => [
              instant(r.step_start),
              format(r.opened, "count"),
              format(r.resolved, "count"),
              format(r.breached, "count"),
              format(r.recovery_p50, "seconds"),
              format(r.recovery_p90, "seconds"),
            ]),
          },
          { height: 320 },
        );
      },
    }),
  );
}
