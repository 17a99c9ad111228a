// Until when alerts have been looked for: only for that time does the absence of alerts mean something.

import { h } from "./dom.js";
import { instant, t } from "./names.js";

// behind is how far evaluation may lag behind known events before the page says so, milliseconds: a few of its steps.
const behind = 15 * 60000;

/** @param {string} note */
const told = note => h("p", { class: "note" }, note);

// lookedUntil says until when alerts and what follows from them are known, if that is long before the events that are.
/** @param {Answer<Coverage>} coverage */
export function lookedUntil(coverage) {
  const [c] = coverage.list;
  if (!c?.evaluated_until) return t("looked_never");
  const late = Date.parse(c.known_until ?? "") - Date.parse(c.evaluated_until) > behind;
  return late ? `${t("looked_until")} ${instant(c.evaluated_until)}` : "";
}

// covered returns the text for a time without alerts, notes on the part of the period not yet evaluated, and until when
// was evaluated, unless a note says it.
/** @param {Answer<Coverage>} coverage @param {Period} period */
export function covered(coverage, period) {
  const [c] = coverage.list;
  if (!c?.evaluated_until) return { quiet: "", notes: [told(t("looked_never"))], checked: "" };
  const since = Date.parse(c.evaluated_from),
    until = Date.parse(c.evaluated_until),
    from = Date.parse(period.from),
    to = Date.parse(period.to);
  const notes = [];
  if (since > from) notes.push(`${t("looked_from")} ${instant(c.evaluated_from)}`);
  const late = Math.min(Date.parse(c.known_until ?? ""), to) - until > behind,
    checked = `${t("looked_until")} ${instant(c.evaluated_until)}`;
  if (late) notes.push(checked);
  const last = new Date(Math.min(until, to)).toISOString();
  return {
    quiet: until > from && since < to ? `${t("all_quiet")} ${instant(last)}` : "",
    notes: notes.map(told),
    checked: late ? "" : checked,
  };
}
