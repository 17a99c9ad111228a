// The period: named lengths, calendar periods of the configured zone, any other, and what it is compared with.

import { h } from "./dom.js";
import { instant, names, t, utc, wall } from "./names.js";

const dayMS = 24 * 3600e3;

// A calendar period of the zone, as days (like 2026-03-02, the second excluded) around the day on which it is.
/** @typedef {(today: number) => [number, number | undefined]} Calendar from day to day, in days since 1970 */

/** @param {number} day */
const weekStart = day => day - ((new Date(day * dayMS).getUTCDay() + 6) % 7);
/** @param {number} day @param {number} months */
const monthStart = (day, months) => {
  const d = new Date(day * dayMS);
  return Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + months, 1) / dayMS;
};

/** @type {Record<string, Calendar>} */
export const calendar = {
  today: d => [d, undefined],
  yesterday: d => [d - 1, d],
  this_week: d => [weekStart(d), undefined],
  last_week: d => [weekStart(d) - 7, weekStart(d)],
  this_month: d => [monthStart(d, 0), undefined],
  last_month: d => [monthStart(d, -1), monthStart(d, 0)],
};

// dated is the state of a calendar period at an instant, compared with the one before it.
/** @param {string} name @param {string} now @returns {Changes} */
export function dated(name, now) {
  const today = Date.parse(wall(now).slice(0, 10) + "T00:00:00Z") / dayMS;
  const [from, to] = calendar[name](today);
  /** @param {number} day */
  const midnight = day => utc(new Date(day * dayMS).toISOString().slice(0, 10) + "T00:00");
  const before = {
    this_week: from - 7,
    last_week: from - 7,
    this_month: monthStart(from, -1),
    last_month: monthStart(from, -1),
  };
  return {
    range: undefined,
    from: midnight(from),
    to: to === undefined ? undefined : midnight(to),
    before: midnight(before[/** @type {keyof typeof before} */ (name)] ?? from - 1),
  };
}

// picker chooses the period. clock returns the end of the known events.
/** @param {Page} page @param {() => string} clock */
export function picker(page, clock) {
  const { state } = page;
  const custom = h(
    "form",
    {
      class: "row",
      submit: event => {
        event.preventDefault();
        const { elements } = /** @type {Form} */ (event.target);
        const [from, to, before] = ["from", "to", "before"].map(
          name => elements[name].value && utc(elements[name].value),
        );
        page.go({
          from: from || undefined,
          to: to || undefined,
          before: before || undefined,
          ...(from && { range: undefined }),
        });
      },
    },
    .../** @type {const} */ (["from", "to", "before"]).map(name =>
      h(
        "label",
        {},
        t(name === "before" ? "compared_from" : name),
        " ",
        h("input", { type: "datetime-local", name, value: state[name] && wall(state[name]) }),
      ),
    ),
    h("span", { class: "note" }, names.zone),
    h("button", { type: "submit" }, t("show")),
  );
  const ends = state.to ? instant(state.to) : t("now");
  const details = h(
    "details",
    { class: "custom" },
    h("summary", {}, state.from ? `${instant(state.from)} – ${ends}` : t("custom")),
    h(
      "div",
      { class: "menu" },
      h(
        "div",
        { class: "row" },
        Object.keys(calendar).map(name =>
          h(
            "button",
            { type: "button", class: "chip", click: () => page.go(dated(name, clock())) },
            t("period_" + name),
          ),
        ),
      ),
      custom,
    ),
  );
  details.open = false;
  return h(
    "div",
    { class: "row picker", role: "group", "aria-label": t("period") },
    ...names.ranges.map(range =>
      page.link({ range, from: undefined, to: undefined, before: undefined }, t("range_" + range), {
        class: "chip",
        "aria-current": !state.from && state.range === range ? "true" : null,
      }),
    ),
    details,
  );
}
