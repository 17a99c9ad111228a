// The state of the page is in its address, so that a view can be sent to somebody else.

import { dimensionOf, listed, names, t } from "./names.js";

/** @type {State} */
const usual = { view: "now", range: "24h", kind: "all" };
// ofView are the keys that belong to one view, and are dropped on leaving it.
const ofView = /** @type {const} */ ([
  "compare",
  "of",
  "sort",
  "order",
  "search",
  "band",
  "due",
  "state",
  "customer",
  "alert",
  "page",
  "calls",
]);
const known = /** @type {const} */ (["view", "range", "from", "to", "before", "kind", "id", ...ofView, "wall", "lang"]);

/** @returns {State} */
export function read() {
  const sent = new URLSearchParams(location.search);
  /** @type {State} */
  const state = { ...usual };
  for (const name of known) if (sent.has(name)) state[name] = /** @type {string} */ (sent.get(name));
  if (sent.get("wall") === "") state.wall = "on"; // ?wall
  if (state.alert && !sent.has("view")) state.view = "alerts";
  return state;
}

// choices are the values of what only one view knows; the first is what is shown instead of another.
/** @type {Partial<Record<keyof State, (state: State) => string[]>>} */
const choices = {
  order: () => ["desc", "asc"],
  of: () => names.dimensions.map(d => d.name),
  due: () => ["today", "any"],
  band: () => ["raised", "high", "medium", "low", "any"],
  state: () => ["open", "resolved", "withdrawn", "any"],
  sort: state => sorts[state.view] ?? [],
  lang: () => ["en", "zh"],
};
/** @type {Record<string, string[]>} */
const sorts = {
  places: [
    "csat_index",
    "scope_id",
    "change",
    "responses",
    "dissatisfied_share",
    "opened",
    "breached",
    "recovery_p50",
    "nps",
    "ces_mean",
    "stars_top_share",
  ],
  recovery: ["promise_used", "age_seconds", "opened_at", "recovery_seconds", "handoffs"],
  customers: ["value_at_risk", "churn_risk", "latest_at", "latest_grade"],
};

const instantLike = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

// mended returns the nearest state that can be shown, and what is wrong with the one that an address asked for.
/** @param {State} asked @param {string[]} views @returns {{ state: State, wrong: Wrong[] }} */
export function mended(asked, views) {
  const state = { ...asked };
  /** @type {Wrong[]} */
  const wrong = [];
  /** @param {keyof State} name @param {string} remedy */
  const drop = (name, remedy) => {
    wrong.push({ name, value: String(asked[name] ?? ""), remedy });
    delete state[name];
  };
  /** @param {string[]} list */
  const oneOf = list => `${t("address_one_of")} ${listed(list)}`;
  if (!views.includes(state.view)) {
    drop("view", oneOf(views));
    state.view = usual.view;
  }
  if (!names.ranges.includes(state.range)) {
    drop("range", oneOf(names.ranges));
    state.range = usual.range;
  }
  for (const name of /** @type {const} */ (["from", "to", "before"]))
    if (state[name] && !(instantLike.test(state[name]) && Date.parse(state[name]))) drop(name, t("address_instant"));
  if (state.from && state.to && Date.parse(state.from) >= Date.parse(state.to)) {
    drop("to", t("address_order"));
  }
  if (state.kind !== "all" && !dimensionOf(state.kind)) {
    drop("kind", oneOf(["all", ...names.dimensions.map(d => d.name)]));
    state.kind = "all";
  }
  if (state.kind !== "all" && !state.id) {
    drop("id", t("address_id"));
    state.kind = "all";
  }
  if (state.kind === "all") delete state.id;
  for (const [name, of] of Object.entries(choices)) {
    const key = /** @type {keyof typeof choices} */ (name),
      list = of(state);
    if (state[key] && list.length && !list.includes(String(state[key]))) drop(key, oneOf(list));
  }
  for (const name of /** @type {const} */ (["page", "calls"]))
    if (state[name] && !/^\d{1,5}$/.test(String(state[name]))) drop(name, t("address_page"));
  return { state, wrong };
}

/** @param {State} state */
export function address(state) {
  const to = new URLSearchParams();
  for (const name of known) if (state[name] && state[name] !== usual[name]) to.set(name, String(state[name]));
  const text = to.toString();
  return text ? "/?" + text : "/";
}

// changed returns the state with changes; another view drops the keys in ofView.
/** @param {State} state @param {Changes} changes @returns {State} */
export function changed(state, changes) {
  const next = { ...state, ...changes };
  if ("view" in changes && changes.view !== state.view) {
    for (const name of ofView) if (!(name in changes)) delete next[name];
  }
  if ("kind" in changes && changes.kind === "all") delete next.id;
  return next;
}

// period returns the parameters of the period for questions.
/** @param {State} state @returns {Params} */
export function period(state) {
  /** @type {Params} */
  const p = state.from ? { from: state.from } : { range: state.range };
  if (state.to) p.to = state.to;
  if (state.before) p.before = state.before;
  return p;
}

/** @param {State} state @returns {Params} */
export const scope = state => (state.kind === "all" ? {} : { scope_kind: state.kind, scope_id: state.id });
/** @param {State} state */
export const follows = state => !state.to;
