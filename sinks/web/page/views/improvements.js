// Improvements, and their effect compared with scopes in which nothing changed.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { nameAxis, valued } from "../axes.js";
import { chart, colour } from "../chart.js";
import { day, format, measureLabel, scopeLabel, t, unitOf, withInterval } from "../names.js";
import { table } from "../table.js";

export const scoped = false,
  timed = false;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  main.append(
    panel(page, {
      title: t("improvements"),
      wide: true,
      id: "improvements",
      questions: { improvements: ["improvements", { limit: 200 }] },
      draw: (body, { improvements }, how) => {
        const { list } = improvements;
        if (!list.length)
          return nothing(
            body,
            t("no_improvements"),
            'csatflow improvement add --config csatflow.yaml --name "…" --scope store=store-011 --change 2026-03-16',
          );
        table(body, improvements, how, {
          caption: t("improvements"),
          columns: [
            { name: "name" },
            {
              name: "scope_id",
              label: t("scope"),
              cell: r =>
                page.link({ view: "places", kind: r.scope_kind, id: r.scope_id }, scopeLabel(r.scope_kind, r.scope_id)),
            },
            { name: "state", cell: r => t("pdca_" + r.state) },
            { name: "measure", cell: r => measureLabel(r.measure) },
            { name: "changed_at", cell: r => day(r.changed_at) },
            { name: "before", cell: r => format(r.before, unitOf(r.measure)) },
            { name: "after", cell: r => format(r.after, unitOf(r.measure)) },
            {
              name: "effect",
              cell: r =>
                r.effect == null
                  ? "–"
                  : h(
                      "span",
                      { class: (r.low ?? 0) > 0 ? "better" : (r.high ?? 0) < 0 ? "worse" : "same" },
                      withInterval(r.effect, r.low, r.high, "difference_of_grades", "…"),
                    ),
            },
            { name: "outcome", cell: r => r.outcome || "–" },
          ],
        });
      },
    }),
    panel(page, {
      title: t("before_after"),
      note: t("before_after_note"),
      wide: true,
      id: "before-after",
      questions: { improvements: ["improvements", { limit: 200 }] },
      draw: (body, { improvements }) => {
        const list = improvements.list.filter(r => r.before != null && r.after != null).slice(0, 12);
        if (!list.length) return nothing(body, t("nothing_checked"));
        const series = /** @type {const} */ (["before", "after", "control_before", "control_after"]),
          tones = ["faint", "line", "soft", "third"];
        chart(
          body,
          t("before_after"),
          {
            legend: { data: series.map(measureLabel) },
            tooltip: { trigger: "axis", ...valued("grade") },
            xAxis: nameAxis(
              list.map(r => r.name),
              { interval: 0, width: 120, overflow: "truncate" },
            ),
            yAxis: { type: "value", min: 0 },
            series: series.map((m, i) => ({
              name: measureLabel(m),
              type: "bar",
              barMaxWidth: 28,
              color: colour(tones[i]),
              data: list.map(r => r[m]),
            })),
          },
          {
            columns: [t("improvements"), ...series.map(measureLabel)],
            rows: list.map(r => [r.name, ...series.map(m => format(r[m], unitOf(r.measure)))]),
          },
        );
      },
    }),
  );
}
