// Improvements, and their effect compared with scopes in which nothing changed.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { dots } from "../charts/dots.js";
import { day, differenceOf, format, measureLabel, names, scopeLabel, t, unitOf, withInterval } from "../names.js";
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
                      { class: tone(r) },
                      withInterval(r.effect, r.low, r.high, differenceOf(unitOf(r.measure)) ?? "", "…"),
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
        const list = improvements.list.filter(r => r.effect != null).slice(0, 12);
        if (!list.length) return nothing(body, t("nothing_checked"));
        // Effects on measures of one unit share an axis.
        const units = [...new Set(list.map(r => differenceOf(unitOf(r.measure)) ?? ""))];
        const parts = units.map(
          u =>
            /** @type {HTMLElement} */ (body.querySelector(`:scope > [data-unit="${u}"]`)) ??
            h("div", { "data-unit": u }),
        );
        if (parts.some(p => !p.isConnected) || body.childElementCount !== parts.length) body.replaceChildren(...parts);
        units.forEach((u, i) =>
          effects(
            parts[i],
            list.filter(r => (differenceOf(unitOf(r.measure)) ?? "") === u),
            u,
          ),
        );
      },
    }),
  );
}

// effects draws what improvements brought, in a unit.
/** @param {HTMLElement} body @param {Improvement[]} list @param {string} unit */
function effects(body, list, unit) {
  const series = /** @type {const} */ (["before", "after", "control_before", "control_after"]);
  dots(
    body,
    t("before_after"),
    list.map(r => ({
      label: `${r.name}\n${measureLabel(r.measure)}`,
      value: Number(r.effect),
      low: r.low ?? undefined,
      high: r.high ?? undefined,
      more: series.map(m => `${measureLabel(m)} ${format(r[m], unitOf(r.measure))}`),
    })),
    {
      name: measureLabel("effect"),
      unit,
      line: { at: 0, name: "0" },
      columns: series.map(measureLabel),
      cells: list.map(r => series.map(m => format(r[m], unitOf(r.measure)))),
    },
  );
}

// tone is how an effect of a measure is to be read, whose interval may be on one side of 0.
/** @param {Improvement} r */
function tone(r) {
  const side = (r.low ?? 0) > 0 ? 1 : (r.high ?? 0) < 0 ? -1 : 0;
  const better = names.measures[r.measure]?.better;
  if (!side || !better || better === "none") return "same";
  return side > 0 === (better === "higher") ? "better" : "worse";
}
