// What needs attention: alerts about one thing are one incident, those that fire as cards, the others in a line each.

import { h } from "./dom.js";
import { alertFigures, alertTitle, carriers, evidenceLabel, fallOf, moves, short } from "./parts.js";
import { callReason } from "./calls.js";
import {
  dimensionOf,
  format,
  instant,
  kindLabel,
  listed,
  pair,
  placeName,
  scaleLabel,
  scopeLabel,
  t,
} from "./names.js";

// Falls of one place are one incident if they overlap or lie so near, milliseconds.
const near = 3600e3;
// So many incidents are cards, and so many calls are in one.
const cards = 6,
  calls = 5;

/** @param {Alert} a */
const start = a => Date.parse(a.started_at);
/** @param {Alert} a */
const end = a => (a.resolved_at ? Date.parse(a.resolved_at) : Infinity);
// rank orders alerts: those that fire first, then by severity.
/** @param {Alert} a */
export const rank = a => (a.state === "firing" ? 0 : 10) + ["page", "warning", "info"].indexOf(a.severity);
/** @param {Alert} a */
const subject = a => (a.scope_kind === "customer" ? `customers ${a.state}` : `${a.scope_kind} ${a.scope_id}`);

/**
 * incidents groups alerts by what they are about, the gravest first.
 * @param {Alert[]} list
 * @returns {Alert[][]} each with its gravest alert first
 */
export function incidents(list) {
  /** @type {Record<string, Alert[][]>} */
  const of = {};
  for (const a of [...list].sort((a, b) => start(a) - start(b))) {
    const groups = (of[subject(a)] ??= []);
    const last = groups[groups.length - 1];
    const joins = last && (a.scope_kind === "customer" || start(a) <= Math.max(...last.map(end)) + near);
    if (joins) last.push(a);
    else groups.push([a]);
  }
  const all = Object.values(of).flat();
  for (const group of all) group.sort((a, b) => rank(a) - rank(b) || start(a) - start(b));
  return all.sort((a, b) => rank(a[0]) - rank(b[0]) || start(b[0]) - start(a[0]));
}

/**
 * drawIncidents draws them.
 * @param {Page} page
 * @param {Alert[]} list
 * @param {Call[]} toCall customers to call, of all places
 * @param {string} checked until when alerts have been looked for
 */
export function drawIncidents(page, list, toCall, checked) {
  const all = incidents(list);
  const firing = all.filter(g => g[0].state === "firing"),
    over = all.filter(g => g[0].state !== "firing");
  return [
    firing.length ? "" : h("p", {}, checked ? `${t("none_fires")} · ${checked}` : t("none_fires")),
    h(
      "ul",
      { class: "alerts" },
      firing.slice(0, cards).map(g => card(page, g, toCall)),
    ),
    over.length
      ? h(
          "div",
          { class: "earlier" },
          h("h3", {}, t("earlier")),
          h(
            "ul",
            {},
            over
              .slice(0, cards)
              .map(g =>
                h(
                  "li",
                  {},
                  page.link({ view: "alerts", alert: g[0].key }, headline(g)),
                  " ",
                  h("span", { class: "note" }, `${instant(g[0].started_at)} – ${instant(g[0].resolved_at)}`),
                ),
              ),
          ),
        )
      : "",
    firing.length > cards || over.length > cards ? h("p", {}, page.link({ view: "alerts" }, t("all_alerts"))) : "",
  ];
}

// headline says in a line what is wrong, and where.
/** @param {Alert[]} group */
function headline(group) {
  const [a] = group;
  if (a.scope_kind === "customer")
    return `${format(group.length, "count")} ${t(group.length === 1 ? "leave_soon_one" : "leave_soon")}`;
  const fall = fallOf(a);
  return fall ? pair(scopeLabel(a.scope_kind, a.scope_id), `${t("card_fall")} ${fall.index}`) : alertTitle(a);
}

/** @param {Page} page @param {Alert[]} group @param {Call[]} toCall */
function card(page, group, toCall) {
  const [a] = group;
  const badge = h("span", { class: "badge " + a.severity }, scaleLabel("severity", a.severity));
  if (a.scope_kind === "customer")
    return h(
      "li",
      { class: `alert ${a.state} ${a.severity}` },
      h(
        "p",
        { class: "row apart" },
        h("strong", {}, page.link({ view: "customers", kind: "all", band: "high" }, headline(group))),
        badge,
      ),
      h(
        "p",
        { class: "row" },
        group
          .slice(0, calls)
          .map(c => page.link({ view: "customers", kind: "all", customer: c.scope_id }, short(c.scope_id))),
      ),
    );
  const place = dimensionOf(a.scope_kind)
    ? { kind: a.scope_kind, id: a.scope_id, from: a.started_at, to: a.resolved_at || undefined, range: undefined }
    : { kind: "all" };
  const fall = fallOf(a),
    groups = groupsOf(a),
    parts = groups[0]?.named ?? [],
    moved = moves(a).slice(0, 4);
  const mine = toCall.filter(c => a.scope_kind === "store" && c.store_id === a.scope_id);
  return h(
    "li",
    { class: `alert ${a.state} ${a.severity}` },
    h(
      "p",
      { class: "row apart" },
      h("strong", {}, page.link({ view: "alerts", alert: a.key }, headline(group))),
      h(
        "span",
        {},
        group.slice(1).flatMap(other => [h("span", { class: "note" }, scaleLabel("alert_rule", other.rule)), " "]),
        badge,
      ),
    ),
    h("p", {}, fall ? `${t("since")} ${instant(a.started_at)} · ${fall.grade}` : alertFigures(a)),
    parts.length
      ? h(
          "p",
          {},
          pair(
            t("carried_by"),
            `${kindLabel(parts[0].dimension)} ${listed(parts.map(e => placeName(e.dimension, e.id)))}`,
          ),
          ` (${format(
            sum(parts, e => e.share),
            "share",
          )} ${t("share_of_fall").toLowerCase()})`,
        )
      : "",
    onShift(a, groups),
    moved.length ? h("p", {}, pair(t("moved_with_it"), listed(moved.map(e => evidenceLabel(e))))) : "",
    mine.length
      ? h(
          "div",
          { class: "first-calls" },
          h("p", {}, pair(t("call_first"), "").trimEnd()),
          h(
            "ol",
            {},
            mine
              .sort((x, y) => y.value_at_risk - x.value_at_risk)
              .slice(0, calls)
              .map(c =>
                h(
                  "li",
                  {},
                  page.link({ view: "customers", kind: "all", customer: c.customer_id }, short(c.customer_id)),
                  ` · ${callReason(c)} · ${format(c.value_at_risk, "currency")}`,
                ),
              ),
          ),
        )
      : "",
    h(
      "p",
      { class: "row" },
      dimensionOf(a.scope_kind) ? page.link({ view: "why", ...place }, t("view_why")) : "",
      dimensionOf(a.scope_kind) ? page.link({ view: "customers", ...place }, t("to_call")) : "",
      page.link({ view: "alerts", alert: a.key }, t("evidence")),
    ),
  );
}

// A part is named if its share of the fall is so many times its share of the responses.
const notable = 1.25,
  much = 0.3, // and all named together carry so much of it
  most = 0.6; // with so few of the responses: where most of them come from is no place
// ofResponses is the share of the alert's responses that a part has.
/** @param {Alert} a @param {Carrier} e */
export const ofResponses = (a, e) => e.cases / Math.max(a.cases, 1);

// onShift names the employees who served most of those whom the fall is of, unless they are named already.
/** @param {Alert} a @param {Group[]} groups */
function onShift(a, groups) {
  const group = groups.find(g => g.dimension === "employee");
  if (!group || (group === groups[0] && group.named.length) || a.scope_kind === "employee") return "";
  const list = group.parts.slice(0, 3);
  const share = sum(list, e => ofResponses(a, e));
  return h(
    "p",
    {},
    pair(t("on_shift"), listed(list.map(e => placeName("employee", e.id)))),
    ` (${format(share, "share")} ${t("of_responses")})`,
  );
}

/** @param {Carrier[]} list @param {(e: Carrier) => number} of */
const sum = (list, of) => list.reduce((n, e) => n + of(e), 0);

/** @typedef {{ dimension: string, parts: Carrier[], named: Carrier[] }} Group */

/**
 * groupsOf are the parts of a fall by dimension, first the one whose named parts carry most beyond their share of the
 * responses. Named are those that carry more than it, three at most.
 * @param {Alert} a
 * @returns {Group[]}
 */
export function groupsOf(a) {
  /** @type {Record<string, Carrier[]>} */
  const by = {};
  for (const e of carriers(a)) (by[e.dimension] ??= []).push(e);
  /** @param {Carrier[]} list */
  const lift = list =>
    sum(list, e => e.share) /
    Math.max(
      sum(list, e => ofResponses(a, e)),
      0.01,
    );
  return Object.entries(by)
    .map(([dimension, list]) => {
      const parts = list.sort((x, y) => y.share - x.share);
      const named = parts.filter(e => e.share > notable * ofResponses(a, e)).slice(0, 3);
      const tells =
        dimension !== "customer_type" && sum(named, e => e.share) >= much && sum(named, e => ofResponses(a, e)) <= most;
      return { dimension, parts, named: tells ? named : [] };
    })
    .sort((x, y) => lift(y.named) - lift(x.named));
}
