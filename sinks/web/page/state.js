// The state of the page is in its address, so that a view can be sent to somebody else.

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
  "state",
  "customer",
  "alert",
  "page",
]);
const known = /** @type {const} */ (["view", "range", "from", "to", "kind", "id", ...ofView, "lang"]);

/** @returns {State} */
export function read() {
  const sent = new URLSearchParams(location.search);
  /** @type {State} */
  const state = { ...usual };
  for (const name of known) if (sent.has(name)) state[name] = /** @type {string} */ (sent.get(name));
  if (state.alert && !sent.has("view")) state.view = "alerts";
  if (state.kind === "all") delete state.id;
  if (state.kind !== "all" && !state.id) state.kind = "all";
  return state;
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
  return p;
}

/** @param {State} state @returns {Params} */
export const scope = state => (state.kind === "all" ? {} : { scope_kind: state.kind, scope_id: state.id });
/** @param {State} state */
export const follows = state => !state.to;
