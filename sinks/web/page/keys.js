// Keys: a digit opens a view, / searches, ? tells them all, and on a wall the views that matter take turns.

import { h } from "./dom.js";
import { t } from "./names.js";

/**
 * keys listens for them.
 * @param {Page} page
 * @param {string[]} views in the order of their digits
 */
export function keys(page, views) {
  addEventListener("keydown", event => {
    const typing = /** @type {HTMLElement} */ (event.target).closest?.("input, select, textarea, dialog");
    if (event.metaKey || event.ctrlKey || event.altKey || typing) return;
    const view = views["1234567890".indexOf(event.key)];
    if (view) return page.go({ view });
    switch (event.key) {
      case "/": {
        const search = /** @type {HTMLElement | null} */ (document.querySelector("main input[type=search]"));
        if (search) search.focus();
        else page.go({ view: "places", kind: "all" });
        event.preventDefault();
        break;
      }
      case "t":
        /** @type {HTMLElement | null} */ (document.querySelector(".picker details.custom > summary"))?.click();
        break;
      case "p":
        print();
        break;
      case "w":
        page.go({ wall: page.state.wall === undefined ? "on" : undefined });
        break;
      case "?":
        tell(views);
    }
  });
}

// menus close when somebody presses elsewhere.
export function menus() {
  addEventListener("pointerdown", event => {
    const at = /** @type {HTMLElement} */ (event.target);
    if (at.closest("dialog")) return; // the focus returns to where the dialog was opened
    const inside = at.closest("details");
    for (const open of document.querySelectorAll("details.panel-tools[open], details.custom[open]"))
      if (open !== inside) open.removeAttribute("open");
  });
}

/** @param {string[]} views */
function tell(views) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
  /** @type {[string, string][]} */
  const list = [
    ...views.map(/** @returns {[string, string]} */ (v, i) => [String((i + 1) % 10), t("view_" + v)]),
    ["/", t("key_search")],
    ["t", t("period")],
    ["p", t("key_print")],
    ["w", t("key_wall")],
    ["?", t("key_help")],
  ];
  dialog.replaceChildren(
    h("h2", { id: "dialog-title" }, t("key_help")),
    h(
      "dl",
      { class: "keys" },
      list.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]),
    ),
    h("button", { type: "button", click: () => dialog.close() }, t("close")),
  );
  dialog.showModal();
}

// turn is how long a view stays on a wall, milliseconds.
const turn = 20000;
const turns = ["now", "recovery", "places", "customers"];

// onWall shows one view after the other while the address says so.
/** @param {Page} page */
export function onWall(page) {
  setInterval(() => {
    if (page.state.wall === undefined || document.hidden) return;
    page.go({ view: turns[(turns.indexOf(page.state.view) + 1) % turns.length] }, true);
  }, turn);
}
