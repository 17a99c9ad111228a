// The dialog with the SQL of a figure.

import { h } from "./dom.js";
import { instant, measureLabel, names, t } from "./names.js";
import { path } from "./api.js";
import { focusIn } from "./focus.js";

/** @param {Period} [period] */
const span = period => (period ? `${instant(period.from)} – ${instant(period.to)} · ` : "");

/** @param {HTMLElement} dialog @param {MouseEvent} event */
function outside(dialog, { clientX: x, clientY: y }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return x < left || x > right || y < top || y > bottom;
}

// explain shows the SQL of answers: a list of { answer, params }. measures are those to explain.
/**
 * @param {string} title
 * @param {{ answer?: Answers[Question], params: Params }[]} asked
 * @param {string[]} [measures]
 */
export function explain(title, asked, measures = []) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
  /** @param {HTMLElement} code @param {HTMLElement} said */
  const take = async (code, said) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = t("copied");
    } catch {
      // Browsers deny the clipboard to pages without encryption.
      getSelection()?.selectAllChildren(code);
      said.textContent = t("selected");
    }
  };
  const parts = asked
    .filter(/** @returns {a is { answer: Answer, params: Params }} */ a => Boolean(a.answer?.sql))
    .map(({ answer, params }) => {
      const copied = h("span", { role: "status" }),
        code = h("code", {}, answer.sql);
      return [
        h(
          "p",
          { class: "note" },
          `${answer.question} · ${span(answer.period)}${t("as_of")} ${instant(answer.as_of, { second: "2-digit" })}`,
        ),
        h("pre", { tabindex: "0", role: "region", "aria-label": "SQL" }, code),
        h(
          "p",
          { class: "row" },
          h("button", { type: "button", click: () => take(code, copied) }, t("copy")),
          h("a", { href: path(answer.question, params, "csv"), download: "" }, "CSV"),
          h("a", { href: path(answer.question, params), target: "_blank", rel: "noopener" }, "JSON"),
          copied,
        ),
      ];
    });
  const formulas = measures
    .filter(m => names.measures[m])
    .map(m => h("p", {}, h("strong", {}, measureLabel(m)), " = ", h("code", {}, names.measures[m].formula)));
  dialog.replaceChildren(
    h(
      "div",
      { class: "row apart" },
      h("h2", { id: "dialog-title" }, title),
      h("button", { type: "button", autofocus: true, click: () => dialog.close() }, t("close")),
    ),
    ...formulas,
    ...parts.flat(),
  );
  const pressed = document.activeElement;
  const back = focusIn(document.body);
  dialog.onclick = event => {
    // A press beside the dialog is on its backdrop, which is the dialog itself.
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  };
  dialog.onclose = () => {
    // What was pressed may have been drawn anew meanwhile.
    if (!pressed?.isConnected) back(document.body);
  };
  dialog.showModal();
}
