// Standards and six sigma, mystery shoppers, employees, and the own brand beside others.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { tile, tiles } from "../parts.js";
import { unitAxis, valued } from "../axes.js";
import { chart } from "../chart.js";
import {
  day,
  ends,
  format,
  lang,
  measureLabel,
  names,
  pair,
  placeName,
  questionLabel,
  scaleLabel,
  t,
  withInterval,
} from "../names.js";
import { table } from "../table.js";
import { rivals } from "../charts/rivals.js";

export const scoped = true,
  timed = true;

// toneOf says nothing of a level that there is none of, as where no defect was seen.
/** @param {number | null} sigma */
const toneOf = sigma => (sigma == null ? "" : sigma < 3 ? "worse" : sigma >= 4 ? "better" : "");

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  const both = { ...page.period(), ...page.scope() };
  main.append(
    panel(page, {
      title: t("sigma"),
      id: "sigma",
      questions: { standards: ["standards", both] },
      draw: (body, { standards }, how) => {
        const [all] = standards.list;
        if (!all) return nothing(body, t("no_observations"));
        tiles(body, [
          tile(how, {
            label: measureLabel("sigma_level"),
            value: format(all.sigma_level, "sigma"),
            measure: "sigma_level",
          }),
          tile(how, { label: measureLabel("dpmo"), value: format(all.dpmo, "count"), measure: "dpmo" }),
          tile(how, {
            label: measureLabel("opportunities"),
            value: format(all.opportunities, "count"),
            measure: "opportunities",
            note: `${format(all.defects, "count")} ${measureLabel("defects")}`,
          }),
        ]);
      },
    }),
    panel(page, {
      title: t("sigma_trend"),
      id: "sigma-trend",
      questions: { trend: ["sigma_trend", both] },
      draw: (body, { trend }) => {
        if (!trend.list.length) return nothing(body, t("no_observations"));
        chart(
          body,
          t("sigma_trend"),
          {
            tooltip: { trigger: "axis", ...valued("sigma") },
            xAxis: { type: "category", data: trend.list.map(r => day(r.pane_start)) },
            yAxis: unitAxis("sigma", { scale: true, minInterval: 0.1 }),
            series: [{ name: measureLabel("sigma_level"), type: "line", data: trend.list.map(r => r.sigma_level) }],
          },
          {
            columns: [t("day"), measureLabel("sigma_level"), measureLabel("dpmo"), measureLabel("opportunities")],
            rows: trend.list.map(r => [
              day(r.pane_start),
              format(r.sigma_level, "sigma"),
              format(r.dpmo, "count"),
              format(r.opportunities, "count"),
            ]),
          },
        );
      },
    }),
    panel(page, {
      title: t("standards"),
      wide: true,
      id: "standards",
      questions: { standards: ["standards", both] },
      draw: (body, { standards }, how) =>
        table(body, standards, how, {
          caption: t("standards"),
          rows: standards.list.filter(r => r.standard_id),
          columns: [
            { name: "standard_id", cell: r => (lang === "zh" ? r.does_zh : r.does_en) || r.standard_id },
            { name: "dimension", scale: "rater", cell: r => (r.dimension ? scaleLabel("rater", r.dimension) : "–") },
            { name: "opportunities" },
            { name: "defects" },
            { name: "dpmo", unit: "count" },
            {
              name: "sigma_level",
              cell: r => h("span", { class: toneOf(r.sigma_level) }, format(r.sigma_level, "sigma")),
            },
            { name: "owner", cell: r => (r.owner ? ownerLabel(r.owner) : "–") },
          ],
        }),
    }),
    panel(page, {
      title: t("mystery"),
      note: t("mystery_note"),
      id: "mystery",
      questions: { mystery: ["mystery", { limit: 1000 }] },
      draw: (body, { mystery }, how) => {
        if (!mystery.list.length) return nothing(body, t("no_visits"));
        const list = mystery.list
          .filter(r => r.action === "reward" || r.action === "revisit")
          .sort((a, b) => (a.action === b.action ? (b.score ?? 0) - (a.score ?? 0) : a.action === "revisit" ? -1 : 1));
        table(body, mystery, how, {
          caption: t("mystery"),
          rows: (list.length ? list : mystery.list).slice(0, 40),
          columns: [
            {
              name: "scope_id",
              label: t("scope"),
              cell: r =>
                page.link({ view: "places", kind: r.scope_kind, id: r.scope_id }, placeName(r.scope_kind, r.scope_id)),
            },
            { name: "score", unit: "share" },
            {
              name: "interval",
              label: t("interval"),
              cell: r => ends(r.low, r.high, "share"),
            },
            { name: "visits" },
            {
              name: "action",
              cell: follows,
            },
          ],
        });
      },
    }),
    panel(page, {
      title: t("employees"),
      wide: true,
      note: t("employees_note"),
      id: "employees",
      questions: {
        employees: [
          "employees",
          { ...page.period(), store: page.state.kind === "store" ? page.state.id : undefined, limit: 200 },
        ],
      },
      draw: (body, { employees }, how) => {
        if (!employees.list.length) return nothing(body, t("no_responses"));
        table(body, employees, how, {
          caption: t("employees"),
          columns: [
            {
              name: "employee_id",
              cell: r =>
                page.link(
                  { view: "places", kind: "employee", id: r.employee_id },
                  placeName("employee", r.employee_id),
                ),
            },
            { name: "place", cell: place },
            { name: "store_id", cell: r => placeName("store", r.store_id) },
            { name: "adjusted_mean" },
            { name: "posterior_mean" },
            {
              name: "interval",
              label: t("interval"),
              cell: r => ends(r.low, r.high, "grade"),
            },
            { name: "responses" },
          ],
        });
      },
    }),
    panel(page, {
      title: t("benchmark"),
      note: t("benchmark_note"),
      wide: true,
      id: "benchmark",
      questions: { benchmark: ["benchmark", page.period()] },
      draw: (body, { benchmark }) => {
        const all = [...new Set(benchmark.list.map(r => r.measure))],
          brands = [...new Set(benchmark.list.map(r => r.brand))];
        if (brands.length < 2) return nothing(body, t("no_benchmark"));
        // The chart has what is asked most about every brand; the table has everything.
        const measures = all.filter(
          m => ["grade", "expectation", "performance", "perceived_price"].includes(m) || m.startsWith("rater_"),
        );
        /** @param {string} m @param {string} b */
        const of = (m, b) => benchmark.list.find(r => r.measure === m && r.brand === b);
        /** @param {string} m @param {string} b */
        const written = (m, b) => {
          const r = of(m, b);
          return r ? withInterval(r.mean, r.low, r.high, "grade") : "–";
        };
        const others = brands.filter(b => b !== "own");
        /** @param {string} m @param {string} b */
        const lead = (m, b) => {
          const r = of(m, b);
          if (!r) return "–";
          if (r.compared_responses === null || r.own_compared === null || r.compared_mean === null)
            return t("nothing_alike");
          if (r.lead_low === null) return t("too_few_short");
          const by = r.own_compared - r.compared_mean;
          const all = withInterval(by, r.lead_low, r.lead_high, "difference_of_grades", "…");
          return r.own_lead === null ? pair(all, t("within_chance")) : all;
        };
        /** @param {string} b */
        const brand = b => (b === "own" ? t("own_brand") : b);
        rivals(body, benchmark.list, {
          measures,
          brands,
          brand,
          figures: {
            columns: [t("measure"), ...brands.map(brand), ...others.map(b => pair(measureLabel("own_lead"), b))],
            rows: all.map(m => [questionLabel(m), ...brands.map(b => written(m, b)), ...others.map(b => lead(m, b))]),
          },
        });
      },
    }),
  );
}

// ownerLabel is the label of an owner whom the release's standards name, and the name of any other.
/** @param {string} owner */
const ownerLabel = owner => names.scales.standard_owner?.[owner.replaceAll(" ", "_")]?.label ?? owner;

// follows tells what follows mystery visits, or that there were too few to tell.
/** @param {Mystery} r */
const follows = r => {
  if (!r.action) return "";
  const words = scaleLabel("mystery_action", r.action);
  return r.action === "too_few"
    ? words
    : h("span", { class: "badge " + (r.action === "reward" ? "low" : "high") }, words);
};

// place tells the places that chance allows, and the one in the table if any two employees can be told apart.
/** @param {Employee} r */
const place = r => {
  if (r.rank_low === null) return t("too_few_short");
  const allowed = `${r.rank_low} – ${r.rank_high}`;
  return r.place === null ? allowed : `${r.place} (${allowed})`;
};
