// The period: named lengths, calendar periods of the configured zone, any other, and what it is compared with.

import { h } from "./dom.js";
import { instant, iso, names, t, utc, wall } from "./names.js";

const dayMS = 24 * 3600e3;

// A calendar period of the zone around a day: from a day, to one (excluded; none is up to now), and the day from which
// the time that it is compared with begins. Days are counted from 1970.
/** @typedef {(today: number) => { from: number, to?: number, before: number }} Calendar */

/** @param {number} day */
const weekStart = day => day - ((new Date(day * dayMS).getUTCDay() + 6) % 7);
/** @param {number} day @param {number} months */
const monthStart = (day, months) => {
  const d = new Date(day * dayMS);
  return Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + months, 1) / dayMS;
};

/** @type {Record<string, Calendar>} */
export const calendar = {
  today: d => ({ from: d, before: d - 1 }),
  yesterday: d => ({ from: d - 1, to: d, before: d - 2 }),
  this_week: d => ({ from: weekStart(d), before: weekStart(d) - 7 }),
  last_week: d => ({ from: weekStart(d) - 7, to: weekStart(d), before: weekStart(d) - 14 }),
  this_month: d => ({ from: monthStart(d, 0), before: monthStart(d, -1) }),
  last_month: d => ({ from: monthStart(d, -1), to: monthStart(d, 0), before: monthStart(d, -2) }),
};

// dated is the state of a calendar period at an instant.
/** @param {string} name @param {string} now @returns {Changes} */
export function dated(name, now) {
  const today = Date.parse(wall(now).slice(0, 10) + "T00:00:00Z") / dayMS;
  const { from, to, before } = calendar[name](today);
  /** @param {number} day */
  const midnight = day => utc(iso(day * dayMS).slice(0, 16));
  return {
    range: undefined,
    from: midnight(from),
    to: to === undefined ? undefined : midnight(to),
    before: midnight(before),
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
