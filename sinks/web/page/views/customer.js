// One customer: the risk, what adds to it, what is to be done, and what happened.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { bars, short, tile, tiles } from "../parts.js";
import { format, instant, meaning, measureLabel, names, placeName, scaleLabel, t } from "../names.js";
import { table } from "../table.js";
import { actionReason } from "../calls.js";

/** @param {Page} page @param {HTMLElement} main @param {string} customer */
export function drawCustomer(page, main, customer) {
  main.append(
    h("p", { class: "wide" }, page.link({ customer: undefined }, "← " + t("view_customers"))),
    panel(page, {
      title: `${names.columns.customer_id} ${short(customer)}`,
      wide: true,
      id: "customer",
      questions: { customer: ["customer", { customer }] },
      draw: (body, a, how) => {
        const [c] = a.customer.list;
        if (!c) return nothing(body, t("no_customer"));
        tiles(body, [
          tile(how, {
            label: measureLabel("churn_risk"),
            value: format(c.churn_risk, "share"),
            measure: "churn_risk",
            note: scaleLabel("churn_band", c.churn_band),
            tone: c.churn_band === "high" ? "bad" : null,
          }),
          tile(how, {
            label: measureLabel("value_at_risk"),
            value: format(c.value_at_risk, "currency"),
            measure: "value_at_risk",
            note: `${measureLabel("current_value")} ${format(c.current_value, "currency")}`,
          }),
          tile(how, {
            label: measureLabel("latest_grade"),
            value: c.latest_grade ? scaleLabel("grade", c.latest_grade) : "–",
            measure: "latest_grade",
            note: `${measureLabel("ewma_grade")} ${format(c.ewma_grade, "grade")}`,
          }),
          tile(how, {
            label: measureLabel("leave_reason"),
            value: format(c.leave_reason, "", "leave_reason"),
            measure: "leave_reason",
            note: c.churned ? measureLabel("churned") : "",
          }),
          tile(how, { label: measureLabel("complaints"), value: format(c.complaints, "count"), measure: "complaints" }),
        ]);
      },
    }),
    panel(page, {
      title: measureLabel("reasons"),
      id: "reasons",
      questions: { customer: ["customer", { customer }] },
      draw: (body, a) => {
        const [c] = a.customer.list;
        if (!c?.reasons?.length) return nothing(body, t("nothing"));
        bars(
          body,
          measureLabel("reasons"),
          c.reasons.map((r, i) => ({ label: scaleLabel("churn_input", r), value: c.contributions[i] })),
          { unit: "logit", value: measureLabel("contributions") },
        );
      },
    }),
    panel(page, {
      title: t("customer_actions"),
      id: "customer-actions",
      questions: { actions: ["actions", { customer, state: "any", limit: 20 }] },
      draw: (body, { actions }, how) =>
        actions.list.length
          ? table(body, actions, how, {
              caption: t("customer_actions"),
              columns: [
                { name: "action" },
                { name: "say", label: t("what_to_say"), cell: r => meaning("action", r.action) },
                { name: "opened_at", unit: "time" },
                { name: "reason", cell: r => actionReason(r.reason) },
                { name: "outcome", cell: r => (r.outcome ? scaleLabel("action_outcome", r.outcome) : t("open")) },
              ],
            })
          : nothing(body, t("nothing")),
    }),
    panel(page, {
      title: t("moments"),
      wide: true,
      id: "moments",
      questions: { moments: ["moments", { customer, limit: 50 }] },
      draw: (body, { moments }, how) => {
        if (!moments.list.length) return nothing(body, t("no_raw"));
        body.replaceChildren(
          h(
            "ol",
            { class: "timeline" },
            moments.list.map(m =>
              h(
                "li",
                { class: `${m.moment} ${m.grade && m.grade <= 3 ? "bad" : (m.grade ?? 0) >= 6 ? "good" : ""}` },
                h("time", { datetime: m.occurred_at }, instant(m.occurred_at)),
                h("strong", {}, scaleLabel("moment", m.moment)),
                h("button", { type: "button", class: "plain", click: how.sql() }, what(m)),
                h("span", { class: "note" }, places(m)),
                m.comment ? h("q", {}, m.comment) : "",
              ),
            ),
          ),
        );
      },
    }),
  );
}

/** @param {Moment} m */
const places = m =>
  [
    ["store", m.store_id],
    ["employee", m.employee_id],
    ["touchpoint", m.touchpoint],
  ]
    .filter(([, id]) => id)
    .map(([kind, id]) => placeName(String(kind), String(id)))
    .join(" · ");

/** @type {("nps_answer" | "ces_answer" | "stars_answer")[]} */
const scaleAnswers = ["nps_answer", "ces_answer", "stars_answer"];

/** @param {Moment} m */
function what(m) {
  switch (m.moment) {
    case "response":
      return (
        [
          m.grade && `${m.grade} · ${scaleLabel("grade", m.grade)}`,
          ...scaleAnswers.map(name => m[name] != null && `${names.columns[name]} ${m[name]}`),
        ]
          .filter(Boolean)
          .join(" · ") || "–"
      );
    case "complaint":
      return [
        scaleLabel("step", m.step),
        m.category && scaleLabel("category", m.category),
        m.amount && format(m.amount, "currency"),
        m.complaint_id,
      ]
        .filter(Boolean)
        .join(" · ");
    case "purchase":
      return format(m.amount, "currency");
  }
  return m.step ? scaleLabel("leave_reason", m.step) : "";
}
