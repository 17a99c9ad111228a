// Customers who may leave: how many, who, why, what they are worth, and what happened to them last.

import { h } from "../dom.js";
import { ahead, nothing, panel } from "../panel.js";
import { asOfNow, ofCompany, pager, short, tile, tiles } from "../parts.js";
import { callReason } from "../calls.js";
import { drawCustomer } from "./customer.js";
import { partsOf, timeAxis, valued } from "../axes.js";
import { chart } from "../chart.js";
import {
  filled,
  format,
  instant,
  listed,
  meaning,
  measureLabel,
  names,
  pair,
  placeName,
  scaleLabel,
  scopeLabel,
  sentences,
  t,
} from "../names.js";
import { table } from "../table.js";

export const scoped = true,
  timed = true;

const callsOnPage = 20,
  customersOnPage = 50;

// inScope is a title with the scope that is chosen, if one is.
/** @param {Page} page @param {string} title */
const inScope = (page, title) =>
  page.state.kind === "all" ? title : pair(title, scopeLabel(page.state.kind, page.state.id));

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  if (page.state.customer) return drawCustomer(page, main, page.state.customer);
  const both = { ...page.period(), ...page.scope() };
  const dues = ["today", "any"],
    due = page.state.due || dues[0];
  const band = page.state.band || "raised",
    by = page.state.sort || "value_at_risk",
    descending = page.state.order !== "asc";
  /** @param {{ customer_id: string }} r */
  const customer = r => page.link({ customer: r.customer_id }, short(r.customer_id));
  if (names.pseudonymous) main.append(h("p", { class: "note wide" }, t("pseudonymous_note")));
  /** @param {string} band */
  const risk = band => (band ? h("span", { class: "badge " + band }, scaleLabel("churn_band", band)) : "–");
  main.append(
    panel(page, {
      title: inScope(page, t("to_call")),
      note: asOfNow(page, t("to_call_note")),
      wide: true,
      id: "calls",
      questions: {
        calls: [
          "call_list",
          {
            ...both,
            due,
            words: names.pseudonymous ? undefined : "yes",
            sort: "value_at_risk",
            limit: callsOnPage,
            offset: Number(page.state.calls || 0) * callsOnPage,
          },
        ],
        total: ["calls", both],
      },
      draw: (body, { calls, total }, how) => {
        if (!total.list[0].calls) return nothing(body, t("nothing"));
        table(body, calls, how, {
          caption: t("to_call"),
          columns: [
            { name: "customer_id", cell: customer },
            { name: "value_at_risk" },
            { name: "churn_band", cell: r => risk(r.churn_band) },
            { name: "why", label: t("why_call"), cell: r => callReason(r) },
            {
              name: "actions",
              cell: r =>
                h(
                  "span",
                  { title: sentences(r.actions.map(a => meaning("action", a))) },
                  listed(r.actions.map(a => scaleLabel("action", a))),
                ),
            },
            ...(names.pseudonymous ? [] : [{ name: /** @type {const} */ ("comment"), label: t("last_words") }]),
            {
              name: "store_id",
              cell: r =>
                r.store_id ? page.link({ kind: "store", id: r.store_id }, placeName("store", r.store_id)) : "–",
            },
            {
              name: "employee_id",
              label: t("served_by"),
              cell: r => (r.employee_id ? placeName("employee", r.employee_id) : "–"),
            },
            { name: "opened_at", label: t("to_do_since"), unit: "time" },
          ],
        });
        body.append(pager(page, "calls", calls.more));
        ahead(body, [
          h(
            "p",
            { class: "row", role: "group", "aria-label": t("to_call") },
            dues.map(d =>
              page.link(
                { due: d === dues[0] ? undefined : d, calls: undefined },
                filled("due_" + d, format(d === "today" ? total.list[0].today : total.list[0].calls, "count")),
                { class: "chip", "aria-current": d === due ? "true" : null },
              ),
            ),
          ),
        ]);
      },
    }),
  );
  if (page.state.kind === "all") {
    main.append(
      panel(page, {
        title: t("bands"),
        note: asOfNow(page),
        id: "bands",
        questions: { risk: ["risk", both] },
        draw: (body, { risk }, how) =>
          tiles(
            body,
            risk.list.map(r =>
              tile(how, {
                label: scaleLabel("churn_band", r.churn_band),
                value: format(r.customers, "count"),
                measure: "churn_band",
                note: [
                  `${measureLabel("value_at_risk")} ${format(r.value_at_risk, "currency")}`,
                  `${t("leaving")} ${format(Math.ceil(r.leaving_low))} – ${format(Math.floor(r.leaving_high))}`,
                ].join(" · "),
                tone: r.churn_band === "high" ? "bad" : null,
                link: page.link({ band: r.churn_band }, scaleLabel("churn_band", r.churn_band)),
              }),
            ),
          ),
      }),
      panel(page, {
        title: t("risk_trend"),
        id: "risk-trend",
        questions: { trend: ["risk_trend", page.period()] },
        draw: (body, { trend }) => {
          if (!trend.list.length) return nothing(body, t("no_risk_trend"));
          // A line of one point would not be seen.
          const symbol = trend.list.length > 1 ? "none" : "circle";
          chart(
            body,
            t("risk_trend"),
            {
              legend: { data: [measureLabel("customers_high"), measureLabel("value_at_risk")] },
              tooltip: { trigger: "axis" },
              xAxis: timeAxis(trend.period, partsOf(trend.period)),
              yAxis: [
                { type: "value", scale: true, minInterval: 1 },
                { type: "value", scale: true, splitLine: { show: false } },
              ],
              series: [
                {
                  name: measureLabel("customers_high"),
                  tooltip: valued("count"),
                  type: "line",
                  symbol,
                  data: trend.list.map(r => [Date.parse(r.at), r.high]),
                },
                {
                  name: measureLabel("value_at_risk"),
                  tooltip: valued("currency"),
                  type: "line",
                  yAxisIndex: 1,
                  symbol,
                  lineStyle: { type: "dashed" },
                  data: trend.list.map(r => [Date.parse(r.at), r.value_at_risk]),
                },
              ],
            },
            {
              columns: [
                t("from"),
                measureLabel("customers_high"),
                measureLabel("customers_known"),
                measureLabel("value_at_risk"),
              ],
              rows: trend.list.map(r => [
                instant(r.at),
                format(r.high, "count"),
                format(r.customers, "count"),
                format(r.value_at_risk, "currency"),
              ]),
            },
          );
        },
      }),
    );
  }
  if (page.state.kind !== "all" || page.state.from) {
    main.append(
      panel(page, {
        title: inScope(page, t("unhappy")),
        note: t("unhappy_note"),
        wide: true,
        id: "unhappy",
        questions: { unhappy: ["unhappy", { ...both, limit: 100 }] },
        draw: (body, { unhappy }, how) =>
          table(body, unhappy, how, {
            caption: t("unhappy"),
            columns: [
              { name: "customer_id", cell: customer },
              { name: "bad_responses" },
              {
                name: "worst_grade",
                cell: r => (r.worst_grade ? scaleLabel("grade", r.worst_grade) : "–"),
                number: false,
              },
              { name: "complaints" },
              { name: "open_complaints" },
              { name: "last_bad_at", unit: "time", number: false },
            ],
          }),
      }),
    );
  }
  main.append(
    h(
      "div",
      { class: "row wide", role: "group", "aria-label": measureLabel("churn_band") },
      ["raised", "high", "medium", "low", "any"].map(b =>
        page.link(
          { band: b === "raised" ? undefined : b, page: undefined },
          b === "any" ? t("all_bands") : b === "raised" ? t("raised") : scaleLabel("churn_band", b),
          { class: "chip", "aria-current": b === band ? "true" : null },
        ),
      ),
    ),
    panel(page, {
      title: inScope(page, t("at_risk")),
      note: asOfNow(page, page.state.kind === "all" ? undefined : t("hurt_here")),
      wide: true,
      id: "at-risk",
      questions: {
        customers: [
          "customers",
          {
            ...both,
            band,
            sort: by,
            order: descending ? "desc" : "asc",
            limit: customersOnPage,
            offset: Number(page.state.page || 0) * customersOnPage,
          },
        ],
      },
      draw: (body, { customers }, how) => {
        table(body, customers, how, {
          caption: t("at_risk"),
          order: {
            by,
            descending,
            to: (name, down) => page.go({ sort: name, order: down ? undefined : "asc", page: undefined }),
          },
          columns: [
            { name: "customer_id", cell: customer },
            { name: "churn_risk", sort: true },
            { name: "churn_band", cell: r => risk(r.churn_band) },
            { name: "reasons", scale: "churn_input" },
            { name: "leave_reason", scale: "leave_reason" },
            { name: "value_at_risk", sort: true },
            {
              name: "latest_grade",
              sort: true,
              number: false,
              cell: r => (r.latest_grade ? scaleLabel("grade", r.latest_grade) : "–"),
            },
            { name: "latest_at", sort: true, unit: "time", number: false },
          ],
        });
        body.append(pager(page, "page", customers.more));
      },
    }),
    panel(page, {
      title: ofCompany(page, t("tiers")),
      note: asOfNow(page),
      wide: true,
      id: "tiers",
      questions: { tiers: ["tiers", {}] },
      draw: (body, { tiers: answer }, how) =>
        table(body, answer, how, {
          caption: t("tiers"),
          columns: [
            { name: "tier" },
            { name: "customers" },
            { name: "spend" },
            { name: "spend_share" },
            { name: "from_spend" },
          ],
        }),
    }),
  );
}
