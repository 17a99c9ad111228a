// Tables of answers.

import { h } from "./dom.js";
import { columnLabel, format, t } from "./names.js";

// table draws rows. What a column leaves out, except its name, comes from the answer's column. order makes the
// headings sort.
/**
 * @template R
 * @param {HTMLElement} body
 * @param {Pick<Answer<R>, "columns" | "list">} answer
 * @param {How} how
 * @param {TableOptions<NoInfer<R>>} options
 */
export function table(body, answer, how, { columns, order, rows = answer.list, caption, cls }) {
  const of = Object.fromEntries(answer.columns.map(c => [c.name, c]));
  const shown = columns.map(c => {
    /** @type {Partial<AnswerColumn> & { name: string }} */
    const column = of[c.name] || { name: c.name };
    return {
      ...column,
      ...c,
      label: c.label ?? columnLabel(column),
      number:
        c.number ??
        ((/Int|Float|Decimal/.test(column.type || "") && !column.scale && !column.type?.startsWith("Array")) ||
          column.unit === "seconds"),
    };
  });
  /** @param {(typeof shown)[number]} c */
  const heading = c => {
    if (!order || !c.sort) return h("th", { scope: "col", class: c.number ? "number" : null }, c.label);
    const mine = order.by === c.name;
    const arrow = mine ? (order.descending ? " ▾" : " ▴") : "";
    return h(
      "th",
      {
        scope: "col",
        class: c.number ? "number" : null,
        "aria-sort": mine ? (order.descending ? "descending" : "ascending") : "none",
      },
      h(
        "button",
        {
          type: "button",
          class: "sort",
          click: () => order.to(c.name, mine ? !order.descending : c.number !== false && c.name !== "scope_id"),
        },
        c.label,
        h("span", { "aria-hidden": "true" }, arrow),
      ),
    );
  };
  /** @param {(typeof shown)[number]} c @param {R} row @param {number} i */
  const cell = (c, row, i) => {
    const content = c.cell ? c.cell(row) : format(/** @type {Record<string, Value>} */ (row)[c.name], c.unit, c.scale);
    if (i === 0) return h("th", { scope: "row" }, content);
    if (!c.number) return h("td", { class: c.name === "interval" ? "whole" : null, "data-label": c.label }, content);
    return h(
      "td",
      {
        class: "number figure",
        title: "SQL",
        "data-label": c.label,
        click: how.sql(c.tells ? c.tells(row) : c.measure),
      },
      content,
    );
  };
  // Keep the scroll position.
  let frame = /** @type {HTMLElement} */ (body.querySelector(":scope > .scroll"));
  if (!frame) {
    frame = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
    body.replaceChildren(frame);
  }
  while (frame.nextSibling) frame.nextSibling.remove();
  frame.replaceChildren(
    h(
      "table",
      { class: cls },
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, shown.map(heading))),
      h(
        "tbody",
        {},
        rows.length
          ? rows.map(row =>
              h(
                "tr",
                {},
                shown.map((c, i) => cell(c, row, i)),
              ),
            )
          : h("tr", {}, h("td", { colspan: shown.length, class: "empty" }, t("nothing"))),
      ),
    ),
  );
}
