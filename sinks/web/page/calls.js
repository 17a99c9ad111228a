// Customers to call, and why.

import { clauses, filled, format, instant, scaleLabel, t } from "./names.js";

// callReason says why a customer is to be called.
/** @param {Call} c */
export function callReason(c) {
  if (c.category)
    return clauses(
      [
        filled("complained_of", scaleLabel("category", c.category).toLowerCase()),
        c.promised_at ? filled(c.breached ? "promise_over" : "promised_until", instant(c.promised_at)) : "",
      ].filter(Boolean),
    );
  return c.graded ? filled("graded_silent", format(c.graded, "count")) : "";
}

// actionReason says why something is to be done for a customer. Actions tell it in English, in one of these forms.
/** @param {string} text */
export function actionReason(text) {
  const silent = /^grade (\d), and no complaint$/.exec(text);
  if (silent) return filled("graded_silent", silent[1]);
  const complained = /^complaint about (\w+)(, promised time is over)?$/.exec(text);
  if (!complained) return text;
  const about = filled("complained_of", scaleLabel("category", complained[1]).toLowerCase());
  return complained[2] ? clauses([about, t("overdue").toLowerCase()]) : about;
}
