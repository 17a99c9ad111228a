// Where: the scopes of a kind, and the parts of one of them.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { change, spark, sparkLabel, sparkScale, tile, tiles, pager } from "../parts.js";
import { curve } from "../curve.js";
import {
  collated,
  dimensionOf,
  duration,
  ends,
  format,
  kindLabel,
  measureLabel,
  names,
  pair,
  placeName,
  scopeLabel,
  t,
  within,
} from "../names.js";
import { interval, kinds as scaleKinds, scaleTiles, ungraded } from "../scaletiles.js";
import { table } from "../table.js";
import { ask } from "../api.js";
import { bars } from "../parts.js";

export const scoped = true,
  timed = true;

// kinds are the scope kinds, stores first, since most people look for those.
const kinds = () => names.dimensions.map(d => d.name).sort((a, b) => Number(b === "store") - Number(a === "store"));
const most = 50;

// A search begins when nothing was typed for so long, in milliseconds.
const typed = 300;
let typing = 0;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  if (page.state.kind !== "all") drawScope(page, main);
  const narrower = within(page.state.kind);
  if (page.state.kind === "all" || narrower)
    drawList(page, main, narrower || (dimensionOf(page.state.of)?.name ?? kinds()[0]));
}

/** @param {Page} page @param {HTMLElement} main @param {string} kind */
function drawList(page, main, kind) {
  const { state } = page;
  const parent = state.kind === "all" ? {} : { parent_kind: state.kind, parent_id: state.id };
  const score = scaleKinds.some(k => k.score === state.sort);
  // order is that of the address where it is of this list.
  /** @param {boolean} mine @param {string} first */
  const order = (mine, first) => ({
    by: (mine && state.sort) || first,
    descending: mine && state.order === "desc",
    /** @param {string} name @param {boolean} down */
    to: (name, down) => page.go({ sort: name, order: down ? "desc" : "asc", page: undefined }),
  });
  const graded = order(!score, "csat_index"),
    scaled = order(score || state.sort === "scope_id", "nps");
  /** @param {ReturnType<typeof order>} of */
  const params = of => ({
    ...page.period(),
    kind,
    ...parent,
    sort: of.by,
    order: of.descending ? "desc" : "asc",
    search: state.search,
    limit: most,
    offset: Number(state.page || 0) * most,
  });
  /** @type {Asked<"places_scales">} */
  const scales = ["places_scales", params(scaled)];
  /** @param {Place | PlaceScales} r */
  const place = r =>
    page.link(
      { kind, id: r.scope_id, sort: undefined, order: undefined, page: undefined, search: undefined },
      placeName(kind, r.scope_id),
    );
  if (state.kind === "all") {
    /** @param {number} wait */
    const search = wait => {
      clearTimeout(typing);
      typing = setTimeout(() => {
        // The box may have been drawn anew since.
        const box = /** @type {HTMLInputElement | null} */ (document.querySelector("main input[name=search]"));
        if (box && box.value !== (page.state.search ?? ""))
          page.go({ search: box.value || undefined, page: undefined }, true);
      }, wait);
    };
    main.append(
      h(
        "div",
        { class: "row wide" },
        h(
          "div",
          { class: "row", role: "group", "aria-label": t("kind") },
          kinds().map(k =>
            page.link({ of: k, page: undefined, search: undefined }, kindLabel(k), {
              class: "chip",
              "aria-current": k === kind ? "true" : null,
            }),
          ),
        ),
        h(
          "form",
          {
            role: "search",
            class: "row",
            submit: event => {
              event.preventDefault();
              search(0);
            },
          },
          h(
            "label",
            {},
            h("span", { class: "hidden" }, t("search")),
            h("input", {
              type: "search",
              name: "search",
              placeholder: t("search"),
              value: state.search,
              input: () => search(typed),
            }),
          ),
        ),
      ),
    );
  }
  main.append(
    panel(page, {
      title: state.kind === "all" ? kindLabel(kind) : pair(scopeLabel(state.kind, state.id), kindLabel(kind)),
      wide: true,
      note: t("places_note"),
      id: "places",
      questions: { places: ["places", params(graded)], scales },
      draw: (body, { places, scales }, how) => {
        const scale = sparkScale(places.list);
        /** @type {HTMLElement} */ (body.parentElement).hidden = !places.list.length && scales.list.length > 0;
        table(body, places, how, {
          caption: kindLabel(kind),
          order: graded,
          columns: [
            { name: "scope_id", label: kindLabel(kind), sort: true, cell: place },
            { name: "csat_index", sort: true },
            {
              name: "interval",
              label: t("interval"),
              cell: r => (r.csat_index_low == null ? "–" : ends(r.csat_index_low, r.csat_index_high, "index")),
            },
            {
              name: "change",
              sort: true,
              cell: r => change(r, "difference_of_index", "higher", true),
            },
            { name: "responses", sort: true },
            { name: "dissatisfied_share", sort: true },
            { name: "opened", sort: true },
            { name: "breached", sort: true },
            { name: "recovery_p50", sort: true },
            { name: "course", label: sparkLabel(scale), cell: r => spark(kind, r, places, scale) },
          ],
        });
        body.append(pager(page, "page", places.more));
      },
    }),
    panel(page, {
      title: t("other_scales"),
      wide: true,
      note: t("other_scales_note"),
      id: "places-scales",
      questions: { scales },
      draw: (body, { scales }, how) => {
        const { list } = scales;
        /** @type {HTMLElement} */ (body.parentElement).hidden = !list.length;
        /** @type {Column<PlaceScales>[]} */
        const surveys = list.some(r => r.survey !== list[0].survey) ? [{ name: "survey" }] : [];
        table(body, scales, how, {
          caption: t("other_scales"),
          order: scaled,
          columns: [
            { name: "scope_id", label: kindLabel(kind), sort: true, cell: place },
            ...surveys,
            ...scaleKinds
              .filter(k => list.some(r => r[k.responses]))
              .flatMap(
                /** @returns {Column<PlaceScales>[]} */ k => [
                  { name: k.score, sort: true },
                  {
                    name: k.low,
                    label: t("interval"),
                    number: true,
                    tells: () => k.low,
                    cell: r => interval(k, r),
                  },
                  { name: k.responses, label: t("cases") },
                ],
              ),
          ],
        });
        body.append(pager(page, "page", scales.more));
      },
    }),
  );
}

// compared is the other curve: the period before, the whole company, or another scope of the same kind.
/** @param {Page} page */
function compared(page) {
  const { state } = page;
  const choice = state.compare || "before";
  const select = h(
    "select",
    {
      change: event => {
        const { value } = /** @type {HTMLSelectElement} */ (event.target);
        page.go({ compare: value === "before" ? undefined : value });
      },
    },
    h("option", { value: "before", selected: choice === "before" }, t("time_before")),
    h("option", { value: "all", selected: choice === "all" }, t("everything")),
  );
  if (choice.startsWith("id:"))
    select.append(h("option", { value: choice, selected: true }, scopeLabel(state.kind, choice.slice(3))));
  // The list of scopes is loaded when somebody is about to choose.
  select.addEventListener(
    "focus",
    async () => {
      try {
        const { list } = await ask("scopes", { ...page.period(), kind: state.kind, limit: 1000 });
        const ids = list
          .map(r => r.scope_id)
          .filter(id => id !== state.id && "id:" + id !== choice)
          .sort(collated);
        select.append(...ids.map(id => h("option", { value: "id:" + id }, scopeLabel(state.kind, id))));
      } catch {
        /* two choices remain */
      }
    },
    { once: true },
  );
  /** @type {Params | null} */
  const other =
    choice === "all" ? {} : choice.startsWith("id:") ? { scope_kind: state.kind, scope_id: choice.slice(3) } : null;
  const label = choice === "all" ? t("everything") : other ? scopeLabel(state.kind, choice.slice(3)) : t("time_before");
  return { select, other, label };
}

/** @param {Page} page @param {HTMLElement} main */
function drawScope(page, main) {
  const both = { ...page.period(), ...page.scope() };
  const { select, other, label } = compared(page);
  main.append(
    h(
      "div",
      { class: "row wide" },
      h("label", {}, t("compare_with"), " ", select),
      page.link({ view: "why" }, t("view_why")),
      page.link({ view: "recovery" }, t("view_recovery")),
      page.link({ view: "customers" }, t("view_customers")),
    ),
  );
  main.append(
    panel(page, {
      title: scopeLabel(page.state.kind, page.state.id),
      wide: true,
      id: "place",
      questions: {
        whole: ["grades", both],
        other: other ? ["grades", { ...page.period(), ...other }] : ["grades_before", both],
        recovery: ["recovery", both],
        scales: ["scales", both],
      },
      draw: (body, a, how) => {
        const [s] = a.whole.list,
          [o] = a.other.list,
          r = a.recovery.list[0] || {},
          scales = scaleTiles(how, a.scales.list);
        if (!s) return scales.length ? tiles(body, scales) : nothing(body, t("no_responses"));
        /** @param {number | undefined} value @param {string} unit */
        const beside = (value, unit) => (o ? pair(label, format(value, unit)) : "");
        tiles(body, [
          tile(how, {
            label: measureLabel("csat_index"),
            value: format(s.csat_index, "index"),
            measure: "csat_index",
            note: beside(o?.csat_index, "index"),
          }),
          tile(how, {
            label: measureLabel("responses"),
            value: format(s.responses, "count"),
            measure: "responses",
            note: beside(o?.responses, "count"),
          }),
          tile(how, {
            label: measureLabel("dissatisfied_share"),
            value: format(s.dissatisfied_share, "share"),
            measure: "dissatisfied_share",
            note: beside(o?.dissatisfied_share, "share"),
          }),
          tile(how, {
            label: measureLabel("opened"),
            value: format(r.opened ?? 0, "count"),
            measure: "opened",
            note: r.recovery_p50 == null ? "" : pair(measureLabel("recovery_p50"), duration(r.recovery_p50)),
          }),
          ...scales,
        ]);
      },
    }),
  );
  main.append(
    panel(page, {
      title: t("trend"),
      wide: true,
      id: "place-trend",
      questions: {
        trend: ["trend", both],
        alerts: ["alerts", both],
        other: other ? ["trend", { ...page.period(), ...other }] : ["trend_before", both],
        scales: ["scales", both],
      },
      draw: (body, a) => {
        if (!a.trend.list.length) return ungraded(body, a.scales.list);
        const shift = other ? 0 : Date.parse(a.trend.period.from) - Date.parse(a.trend.period.before);
        curve(body, t("trend"), a.trend, a.alerts.list, [{ label, list: a.other.list, shift }], page);
      },
    }),
  );
  for (const { name: dimension, part } of parts(page.state.kind)) {
    main.append(
      panel(page, {
        title: kindLabel(dimension),
        note: t("lately_note"),
        id: "parts-" + dimension,
        questions: {
          parts: ["parts", { ...both, dimension: part, order: "asc" }],
          whole: ["grades", both],
          scales: ["scales", both],
        },
        draw: (body, { parts, whole, scales }) =>
          parts.list.length
            ? bars(
                body,
                kindLabel(dimension),
                parts.list.slice(0, 12).map(p => ({
                  label: p.part_id,
                  value: p.csat_index,
                  text: `${format(p.csat_index, "index")} (${format(p.responses, "count")})`,
                  short: `${format(p.csat_index, "index")}`,
                })),
                { unit: "index", value: measureLabel("csat_index"), max: 100 },
              )
            : ungraded(body, whole.list.length ? [] : scales.list, t("no_raw")),
      }),
    );
  }
}

// parts are the dimensions that divide a scope: those that run through all places, and the owner's.
/** @param {string} kind */
function parts(kind) {
  const usual = kind === "employee" ? ["touchpoint"] : ["touchpoint", "product_category"];
  return names.dimensions.filter(d => d.name !== kind && (d.own || usual.includes(d.name)));
}
