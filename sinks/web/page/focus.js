// The focus stays where it is when what has it is drawn anew.

const stops = "a[href], button, input, select, summary, [tabindex]";

/** @param {Element} e */
const panelOf = e => e.closest(".panel")?.id ?? "";
/** @param {Element} e */
const kindOf = e => `${panelOf(e)} ${e.tagName} ${e.className}`;
// The arrow of a sorted column is no part of its name.
/** @param {Element} e */
const nameOf = e => `${panelOf(e)} ${e.tagName} ${(e.textContent ?? "").replace(/[▾▴]/g, "").trim()}`;

// focusIn remembers what has the focus within an element. What it returns gives the focus to what stands there then:
// what has the same name, else what is in the same place among its like. It says whether there is no more to do.
/** @param {Element} root @returns {(now: Element) => boolean} */
export function focusIn(root) {
  const had = document.activeElement;
  if (!had || had === root || !root.contains(had)) return () => true;
  /** @param {Element} within @param {(e: Element) => string} of @param {string} as */
  const alike = (within, of, as) => [...within.querySelectorAll(stops)].filter(e => of(e) === as);
  const name = nameOf(had),
    kind = kindOf(had),
    among = alike(root, nameOf, name).indexOf(had),
    place = alike(root, kindOf, kind).indexOf(had);
  return now => {
    if (had.isConnected && document.activeElement === had) return true;
    // Who has moved the focus meanwhile keeps it.
    if (document.activeElement && document.activeElement !== document.body && document.activeElement !== had)
      return true;
    const named = alike(now, nameOf, name),
      found = named[among] ?? named[0] ?? alike(now, kindOf, kind)[place];
    /** @type {HTMLElement | undefined} */ (found)?.focus({ preventScroll: true });
    // What was typed meanwhile stays too.
    if (had instanceof HTMLInputElement && had.type === "search" && found instanceof HTMLInputElement) {
      found.value = had.value;
      found.setSelectionRange(had.selectionStart, had.selectionEnd);
    }
    return !!found;
  };
}
