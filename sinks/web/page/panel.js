// A panel shows the answers to one or several questions, or why it cannot, and on request their SQL.

import { ask, asked, path } from "./api.js";
import { h } from "./dom.js";
import { focusIn } from "./focus.js";
import { pair, t } from "./names.js";
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
  const told = () => Object.entries(questions).map(([name, [, params]]) => ({ answer: answers?.[name], params }));
  const tools = source
    ? h("div", { class: "panel-tools" }, h("a", { class: "quiet", href: source }, source))
    : h(
        "details",
        { class: "panel-tools" },
        h("summary", { "aria-label": pair(t("tools_of"), title) }, "⋯"),
        h(
          "div",
          {},
          h(
            "button",
            {
              type: "button",
              "aria-label": pair(t("sql_of"), title),
              click: () => explain(title, told()),
            },
            "SQL",
          ),
          ...Object.entries(questions)
            .slice(0, 1)
            .map(([, [question, params]]) =>
              h(
                "a",
                { href: path(question, params, "csv"), download: "", "aria-label": pair(t("csv_of"), title) },
                "CSV",
              ),
            ),
        ),
      );
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const element = h(
    "section",
    { class: wide ? "panel wide" : "panel", id, hidden: true },
    h("div", { class: "panel-head" }, heading, tools),
    note && h("p", { class: "note" }, note),
    trouble,
    body,
  );
  /** @type {Record<string, Answers[Question]> | undefined} */
  let answers;
  /** @param {string} [measure] */
  const tell = measure => explain(title, told(), measure ? [measure] : []);
  /** @type {How} */
  const how = {
    tell,
    sql: measure => event => {
      event.stopPropagation();
      tell(measure);
    },
  };

  /** @param {Record<string, Answers[Question]>} given */
  function show(given) {
    answers = given;
    trouble.hidden = true;
    element.hidden = false;
    const back = focusIn(body);
    draw(body, /** @type {AnswersTo<Q>} */ (answers), how);
    back(body);
    element.dataset.drawn = "yes";
  }
  /** @param {Trouble} e */
  function fail(e) {
    trouble.textContent = e.message === "Failed to fetch" ? t("gone") : e.busy ? t("busy") : e.message;
    trouble.className = e.busy ? "note" : "trouble";
    trouble.hidden = false;
    element.hidden = false;
  }

  const list = Object.entries(questions).map(([name, [question, params]]) => ({
    name,
    asked: asked(question, params),
  }));
  let drawn = "";
  if (source) alone();
  else
    page.asking.add({
      asked: list.map(q => q.asked),
      waits: () => !drawn,
      fail,
      take(lines, version) {
        const mine = list.map(q => lines.get(q.asked));
        if (!mine.every(/** @returns {line is Reply} */ line => line !== undefined)) return;
        const wrong = mine.find(line => line.failure);
        if (wrong?.failure) {
          const busy = wrong.status === 429 && 2000;
          // What the server could not do now it may do later.
          if (busy) page.asking.again(busy);
          else if (Number(wrong.status) >= 500) page.asking.again(10000);
          return fail(Object.assign(new Error(wrong.failure.error), { busy }));
        }
        const given = Object.fromEntries(
          mine.map((line, i) => [list[i].name, /** @type {Answers[Question]} */ (line.answer)]),
        );
        const same = mine.map(line => line.tag).join();
        if (same === drawn) {
          // It says the same as of another time.
          answers = given;
          trouble.hidden = true;
        } else show(given);
        drawn = same;
        if (version) element.dataset.version = version;
      },
    });

  // alone asks what is of no version, like metrics, when the stream says something.
  function alone() {
    let last = "",
      begun = 0;
    const refresh = async () => {
      if (Date.now() - begun < 2000) return;
      begun = Date.now();
      try {
        const given = await Promise.all(
          Object.entries(questions).map(
            /** @returns {Promise<[string, Answers[Question]]>} */
            async ([name, [question, params]]) => [name, await ask(question, params)],
          ),
        );
        const text = JSON.stringify(given);
        if (text !== last) show(Object.fromEntries(given));
        last = text;
      } catch (caught) {
        fail(/** @type {Trouble} */ (caught));
      }
    };
    page.polls.push(refresh);
    refresh();
  }
  return element;
}

// nothing says that there is no data, and perhaps which command makes some.
/** @param {HTMLElement} body @param {string} text @param {string} [code] */
export function nothing(body, text, code) {
  body.replaceChildren(h("p", { class: "empty" }, text), code ? h("pre", { tabindex: "0" }, h("code", {}, code)) : "");
}

// ahead puts something before the content of a panel, in the place of what the last drawing put there.
/** @param {HTMLElement} body @param {HTMLElement[]} list */
export function ahead(body, list) {
  for (const old of body.querySelectorAll(":scope > .ahead")) old.remove();
  for (const one of list) one.classList.add("ahead");
  body.prepend(...list);
}
