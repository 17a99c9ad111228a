// Views that somebody keeps, by name, in this browser.

import { h } from "./dom.js";
import { pair, t } from "./names.js";

const key = "views";

/** @returns {[name: string, address: string][]} */
function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list.filter(v => typeof v?.[0] === "string" && String(v[1]).startsWith("/?")) : [];
  } catch {
    return [];
  }
}

/** @param {[string, string][]} list */
function keep(list) {
  try {
    localStorage.setItem(key, JSON.stringify(list));
  } catch {
    /* a browser that keeps nothing shows none */
  }
}

// savedViews is a menu of the kept views. open shows an address; changed draws the menu anew.
/** @param {(address: string) => void} open @param {() => void} changed */
export function savedViews(open, changed) {
  const list = kept();
  const name = h("input", {
    name: "name",
    maxlength: 60,
    required: true,
    placeholder: t("view_name"),
    "aria-label": t("view_name"),
  });
  return h(
    "details",
    { class: "custom saved" },
    h("summary", {}, t("saved_views")),
    h(
      "div",
      { class: "menu" },
      list.map(([label, address], i) =>
        h(
          "div",
          { class: "row apart" },
          h(
            "a",
            {
              href: address,
              click: event => {
                event.preventDefault();
                open(address);
              },
            },
            label,
          ),
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": pair(t("forget"), label),
              click: () => {
                keep(list.filter((_, j) => j !== i));
                changed();
              },
            },
            "✕",
          ),
        ),
      ),
      h(
        "form",
        {
          class: "row",
          submit: event => {
            event.preventDefault();
            const label = name.value.trim();
            const address = "/?" + new URLSearchParams(location.search);
            if (label) keep([...list.filter(v => v[0] !== label), [label, address]]);
            changed();
          },
        },
        name,
        h("button", { type: "submit" }, t("keep_view")),
      ),
    ),
  );
}
