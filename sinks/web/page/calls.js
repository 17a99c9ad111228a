// Customers to call, and why.

import { filled, format, instant, scaleLabel } from "./names.js";

// callReason says why a customer is to be called.
/** @param {Call} c */
export function callReason(c) {
  if (c.category)
    return [
      filled("complained_of", scaleLabel("category", c.category).toLowerCase()),
      c.promised_at && filled(c.breached ? "promise_over" : "promised_until", instant(c.promised_at)),
    ]
      .filter(Boolean)
      .join(", ");
  return c.latest_grade ? filled("graded_silent", format(c.latest_grade, "count")) : "";
}
