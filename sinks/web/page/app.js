// The page: navigation, period, scope, and the view that the address names.

import { address, changed, follows, mended, period, read, scope } from "./state.js";
import { ask } from "./api.js";
import { asking } from "./asking.js";
import { h } from "./dom.js";
import { focusIn } from "./focus.js";
import { instant, load, names, pair, scopeLabel, t } from "./names.js";
import { keys, menus, onWall } from "./keys.js";
import { listen } from "./live.js";
import { picker } from "./periods.js";
import { savedViews } from "./saved.js";
import { sweep } from "./chart.js";
import * as alerts from "./views/alerts.js";
import * as customers from "./views/customers.js";
import * as improvements from "./views/improvements.js";
import * as index from "./views/index.js";
import * as now from "./views/now.js";
import * as pipeline from "./views/pipeline.js";
import * as places from "./views/places.js";
import * as quality from "./views/quality.js";
import * as recovery from "./views/recovery.js";
import * as why from "./views/why.js";

/** @type {Record<string, View>} */
const views = { now, places, why, recovery, customers, alerts, quality, index, improvements, pipeline };
/** @param {string} id */
const at = id => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} name */
const remembered = name => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
/** @param {string} name @param {string} value */
const remember = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* asked again next time */
  }
};

/** @type {Page} */
const page = {
  state: read(),
  wrong: [],
  asking: asking(
    () => () => true,
    () => {},
  ),
  polls: [],
  // go changes the state, the address and the view.
  go(changes, replace) {
    page.state = changed(page.state, changes);
    page.wrong = [];
    history[replace ? "replaceState" : "pushState"](null, "", address(page.state));
    show("view" in changes || "kind" in changes || "id" in changes);
  },
  // link leads to another state, in a new tab too.
  link(changes, content, attributes) {
    return h(
      "a",
      {
        href: address(changed(page.state, changes)),
        ...attributes,
        click: event => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
          event.preventDefault();
          page.go(changes);
        },
      },
      content,
    );
  },
  period: () => period(page.state),
  scope: () => scope(page.state),
};

/** @returns {Lang} */
function language() {
  const asked = page.state.lang || remembered("lang");
  if (asked === "en" || asked === "zh") return asked;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

function theme() {
  const chosen = remembered("theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
}

function isDark() {
  return (
    (document.documentElement.dataset.theme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark"
  );
}

function tools() {
  const other = language() === "zh" ? "en" : "zh";
  at("skip").textContent = t("skip");
  at("tools").replaceChildren(
    savedViews(address => {
      history.pushState(null, "", address);
      page.state = read();
      settle();
      show(true);
    }, tools),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        lang: other === "zh" ? "zh-Hans" : "en",
        click: async () => {
          remember("lang", other);
          delete page.state.lang;
          await load(other);
          page.go({}, true);
          frame();
        },
      },
      other === "zh" ? "中文" : "English",
    ),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        click: () => {
          const next = isDark() ? "light" : "dark";
          remember("theme", next);
          theme();
          frame();
          show();
        },
      },
      t(isDark() ? "light" : "dark"),
    ),
  );
  at("foot").replaceChildren(
    h("a", { href: "/api/openapi.json" }, "API"),
    h("a", { href: "/metrics" }, "/metrics"),
    h("a", { href: "/readyz" }, "/readyz"),
    h("a", { href: "/vendor/echarts.LICENSE.txt" }, t("licences")),
    names.pseudonymous ? h("span", {}, t("pseudonymous")) : "",
  );
}

function navigation() {
  at("nav").setAttribute("aria-label", t("views"));
  at("nav").replaceChildren(
    h(
      "ul",
      {},
      Object.keys(views).map(view =>
        h(
          "li",
          {},
          page.link({ view }, t("view_" + view), { "aria-current": page.state.view === view ? "page" : null }),
        ),
      ),
    ),
  );
}

function where() {
  const { state } = page;
  const view = views[state.view];
  const bits = [];
  if (view.scoped) {
    const trail = h(
      "nav",
      { "aria-label": t("scope"), class: "trail" },
      page.link({ kind: "all", view: state.view }, t("everything")),
    );
    if (state.kind !== "all") {
      const parents = h("span", {});
      trail.append(
        parents,
        h("span", { "aria-current": "location" }, ` › ${scopeLabel(state.kind, state.id)}`),
        page.link({ kind: "all" }, "✕", { "aria-label": t("leave_scope"), class: "quiet" }),
      );
      around(state.kind, state.id, parents);
    }
    bits.push(trail);
  }
  if (view.timed) bits.push(picker(page, () => clock));
  at("where").replaceChildren(...bits);
}

// around adds the scopes that contain a scope.
/** @param {string} kind @param {string | undefined} id @param {HTMLElement} into */
async function around(kind, id, into) {
  if (kind !== "employee" && kind !== "store") return;
  try {
    const {
      list: [found],
    } = await ask("parent", { scope_kind: kind, scope_id: id });
    if (!found || !into.isConnected) return;
    into.prepend(
      h(
        "span",
        {},
        " › ",
        page.link({ kind: found.parent_kind, id: found.parent_id }, scopeLabel(found.parent_kind, found.parent_id)),
      ),
    );
    await around(found.parent_kind, found.parent_id, into);
  } catch {
    /* the trail is shorter; panels say what is wrong */
  }
}

// settle puts the nearest valid state in place of what the address has wrong.
function settle() {
  const { state, wrong } = mended(page.state, Object.keys(views));
  page.state = state;
  page.wrong = wrong;
  if (state.kind !== "all") look(state.kind, String(state.id));
}

// look asks whether there is anything of the scope that an address names.
/** @param {string} kind @param {string} id */
async function look(kind, id) {
  try {
    const [found] = (await ask("known", { scope_kind: kind, scope_id: id })).list;
    if (found.known || page.state.kind !== kind || page.state.id !== id) return;
    lose("id", { kind: "all" }, t("address_unknown"));
  } catch {
    /* panels say what is wrong */
  }
}

function frame() {
  document.documentElement.classList.toggle("wall", page.state.wall !== undefined);
  const header = /** @type {HTMLElement} */ (document.querySelector("header"));
  const back = focusIn(header);
  tools();
  navigation();
  where();
  back(header);
}

let focusNext = false;
// show draws the view of the state. What was there before stays until the view has something to show.
/** @param {boolean} [moved] */
function show(moved) {
  const { state } = page;
  page.asking.end();
  page.polls = [];
  frame();
  const view = views[state.view];
  const title =
    t("view_" + state.view) + (view.scoped && state.kind !== "all" ? ` · ${scopeLabel(state.kind, state.id)}` : "");
  document.title = title + " · csatflow";
  const main = at("main"),
    content = h("div", { class: "grid" }),
    heading = h("h1", {}, title);
  main.setAttribute("aria-busy", "true");
  const ready = () => {
    const back = moved ? () => true : focusIn(main);
    main.replaceChildren(...notices(), heading, content);
    main.removeAttribute("aria-busy");
    sweep();
    return () => {
      if (!moved) return back(main);
      if (focusNext) main.focus({ preventScroll: false });
      focusNext = true;
      scrollTo(0, 0);
      return true;
    };
  };
  page.asking = asking(ready, ({ parameter }) =>
    parameter === "customer" ? lose("customer", { customer: undefined }, t("address_customer")) : undefined,
  );
  view.draw(page, content);
  if (page.polls.length) page.asking.show();
}

// lose shows the nearest state in place of one whose address names what is not there.
/** @param {keyof State} name @param {Changes} instead @param {string} remedy */
function lose(name, instead, remedy) {
  page.wrong = [...page.wrong, { name, value: String(page.state[name]), remedy }];
  page.state = changed(page.state, instead);
  show(true);
}

// notices say what is wrong with the address, and what is shown instead.
const notices = () =>
  page.wrong.map(({ name, value, remedy }) =>
    h("p", { class: "trouble", role: "alert" }, `${t("address_wrong")} ${name}=${value}. ${remedy}`),
  );

// clock is the end of the known events: now, for the page.
let clock = new Date().toISOString();

/** @param {Standing} kind @param {News | undefined} news */
function status(kind, news) {
  if (news?.latest) clock = new Date(Date.parse(news.latest) + 60000).toISOString();
  const s = at("status");
  const upTo = news?.latest
    ? `${t("up_to")} ${instant(new Date(Date.parse(news.latest) + 60000).toISOString())}`
    : t("no_events");
  const behind = news?.behind?.toLocaleString?.(document.documentElement.lang);
  const said = {
    live: upTo,
    behind: `${pair(t("behind"), behind)} ${t("events_behind")} · ${upTo}`,
    failing: `${t("failing")} · ${upTo}`,
    gone: `${t("gone")}${news ? " · " + upTo : ""}`,
  }[kind];
  if (s.textContent !== said) s.textContent = said;
  s.className = "status " + kind;
}

async function start() {
  theme();
  try {
    await load(language());
  } catch (e) {
    at("main").replaceChildren(
      h("p", { class: "trouble", role: "alert" }, `csatflow: ${/** @type {Error} */ (e).message}`),
    );
    setTimeout(start, 2000);
    return;
  }
  addEventListener("popstate", () => {
    page.state = read();
    settle();
    show(true);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    frame();
    show();
  });
  at("home").addEventListener("click", event => {
    event.preventDefault();
    page.go({ view: "now", kind: "all", range: "24h", from: undefined, to: undefined, before: undefined });
  });
  settle();
  show(true);
  keys(page, Object.keys(views));
  onWall(page);
  menus();
  listen(
    news => {
      if (follows(page.state)) page.asking.refresh(news.version);
    },
    () => {
      for (const poll of page.polls) poll();
    },
    status,
  );
}

start();
