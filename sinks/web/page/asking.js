// What the panels of a view ask is asked together and drawn together, so that no panel contradicts another: all answers
// are as of the same instant.

import { together } from "./api.js";

// A view that takes longer than this to answer is drawn panel by panel, milliseconds.
const patience = 1000;
// The least time between two questions, milliseconds. The server says how long what takes long is to rest.
const least = 300;

// asking asks for the panels that are added to it. ready is called when there is something to see, and what it returns
// when something was drawn, until it says that it is done or everything was; lost when the address names a customer
// that nobody knows.
/** @param {() => () => boolean} ready @param {(why: Failure) => void} lost @returns {Asking} */
export function asking(ready, lost) {
  /** @type {Shown[]} */
  const panels = [];
  let tag = "",
    known = "",
    current = "",
    heard = "",
    rest = 0;
  let loading = false,
    due = false,
    added = false,
    ended = false,
    seen = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let settled = () => true;

  /** @param {Map<string, Reply>} lines @param {string} [version] */
  function draw(lines, version) {
    show(() => {
      for (const p of panels) p.take(lines, version);
    });
  }
  // show puts the view into the page before its panels are drawn, since some measure the room that they have.
  /** @param {() => void} [fill] */
  function show(fill = () => {}) {
    if (ended) return;
    if (!seen) settled = ready();
    seen = true;
    fill();
    if (settled() || !panels.some(p => p.waits())) settled = () => true;
  }

  /** @param {number} wait */
  function later(wait) {
    if (ended) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      refresh();
    }, wait);
  }

  /** @param {string} [version] */
  function refresh(version) {
    if (ended || !panels.length || (version && version === current)) return;
    if (loading) {
      // What is being asked may be as of that version already.
      if (version) heard = version;
      else due = true;
      return;
    }
    if (Date.now() < rest) return later(rest - Date.now());
    load();
  }

  async function load() {
    loading = true;
    due = added = false;
    heard = "";
    let wait = 0;
    const begun = Date.now(),
      questions = [...new Set(panels.flatMap(p => p.asked))],
      mine = questions.join("\n");
    try {
      const got = await together(questions, mine === known ? tag : "", lines => {
        // What is seen already stays until all answers are there.
        if (Date.now() - begun > patience && panels.some(p => p.waits())) draw(firsts(lines));
      });
      current = got.version ?? "";
      const nobody = [...(got.lines?.values() ?? [])].find(line => line.status === 404)?.failure;
      if (nobody && !ended) return lost(nobody);
      if (got.lines) {
        known = mine;
        tag = got.tag ?? "";
        draw(got.lines, got.version);
      }
      if (got.again) {
        wait = got.again;
        due = true;
      }
    } catch (caught) {
      const e = /** @type {Trouble} */ (caught);
      current = "";
      // A busy server is asked again automatically; what is shown already stays.
      if (e.busy) {
        wait = e.busy;
        due = true;
      }
      show(() => {
        for (const p of panels) p.fail(e);
      });
    } finally {
      loading = false;
      rest = Date.now() + Math.max(wait, least);
      if (added && !ended) load();
      else if (due) refresh();
      else if (heard) refresh(heard);
    }
  }

  // firsts are the answers for panels that show nothing yet.
  /** @param {Map<string, Reply>} lines */
  function firsts(lines) {
    const kept = new Set(panels.filter(p => !p.waits()).flatMap(p => p.asked));
    return kept.size ? new Map([...lines].filter(([q]) => !kept.has(q))) : lines;
  }

  return {
    add(panel) {
      panels.push(panel);
      if (added) return;
      added = true;
      queueMicrotask(() => {
        if (!loading && !ended) load();
      });
    },
    refresh,
    again: later,
    show: () => show(),
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
