// A panel shows the answers to one or several questions, or why it cannot, and on request their SQL.

import { ask, path } from "./api.js";
import { h } from "./dom.js";
import { t } from "./names.js";
import { explain } from "./sql.js";

// panel makes a panel. questions: { name: [question, params] }; draw(body, answers, how) is called for each set of
// answers: how.tell(measure) explains a figure, and how.sql(measure) is a handler that does. source is the origin of
// figures that have no SQL.
/**
 * @template {Questions} Q
 * @param {Page} page
 * @param {PanelOptions<Q>} panel
 */
export function panel(page, { title, note, questions, draw, wide, id, source }) {
  const body = h("div", { class: "body" });
  const heading = h("h2", {}, title);
  const asked = () => Object.entries(questions).map(([name, [, params]]) => ({ answer: answers?.[name], params }));
  const tools = source
    ? h("div", { class: "panel-tools" }, h("a", { class: "quiet", href: source }, source))
    : h(
        "div",
        { class: "panel-tools" },
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": `${t("sql_of")}: ${title}`,
            click: () => explain(title, asked()),
          },
          "SQL",
        ),
        ...Object.entries(questions)
          .slice(0, 1)
          .map(([, [question, params]]) =>
            h(
              "a",
              {
                class: "quiet",
                href: path(question, params, "csv"),
                download: "",
                "aria-label": `${t("csv_of")}: ${title}`,
              },
              "CSV",
            ),
          ),
      );
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const element = h(
    "section",
    { class: wide ? "panel wide" : "panel", id, "aria-busy": "true" },
    h("div", { class: "panel-head" }, heading, tools),
    note && h("p", { class: "note" }, note),
    trouble,
    body,
  );
  /** @type {Record<string, Answers[Question]> | undefined} */
  let answers;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  let loading = false,
    rest = 0;
  /** @param {string} [measure] */
  const tell = measure => explain(title, asked(), measure ? [measure] : []);
  /** @type {How} */
  const how = {
    tell,
    sql: measure => event => {
      event.stopPropagation();
      tell(measure);
    },
  };

  /** @param {number} wait */
  function again(wait) {
    later ??= setTimeout(() => {
      later = undefined;
      if (element.isConnected) refresh();
    }, wait);
  }

  async function refresh() {
    // News is asked for after the panel has rested.
    if (loading || Date.now() < rest) return again(Math.max(rest - Date.now(), 100));
    loading = true;
    const begun = Date.now();
    try {
      const list = await Promise.all(
        Object.entries(questions).map(
          /** @returns {Promise<[string, Answers[Question]]>} */
          async ([name, [question, params]]) => [name, await ask(question, params)],
        ),
      );
      answers = Object.fromEntries(list);
      trouble.hidden = true;
      if (!element.isConnected && element.dataset.drawn) return;
      draw(body, /** @type {AnswersTo<Q>} */ (answers), how);
      if (list.some(([, answer]) => answer.stale)) again(2000);
      element.dataset.drawn = "yes";
    } catch (caught) {
      const e = /** @type {Trouble} */ (caught);
      // A busy server is asked again automatically; what is shown already stays.
      if (e.busy) again(e.busy);
      trouble.textContent = e.message === "Failed to fetch" ? t("gone") : e.busy ? t("busy") : e.message;
      trouble.className = e.busy ? "note" : "trouble";
      trouble.hidden = false;
    } finally {
      element.removeAttribute("aria-busy");
      loading = false;
      // Slow questions are asked less often.
      rest = Date.now() + Math.min(Date.now() - begun, 15000);
    }
  }
  page.panels.push(refresh);
  refresh();
  return element;
}

// nothing says that there is no data, and perhaps which command makes some.
/** @param {HTMLElement} body @param {string} text @param {string} [code] */
export function nothing(body, text, code) {
  body.replaceChildren(h("p", { class: "empty" }, text), code ? h("pre", { tabindex: "0" }, h("code", {}, code)) : "");
}
