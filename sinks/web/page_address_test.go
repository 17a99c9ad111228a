package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"csatflow/deploy/trial/browsertest"
)

// mistaken opens addresses that cannot be shown as they are: one notice names the part and the remedy, and the nearest state is seen.
func (s *site) mistaken(t *testing.T) {
	for _, x := range []struct{ query, part, remedy, shown string }{
		{"from=yesterday", "from=yesterday", "2026-03-01T09:00:00Z", "#now-figures .tile"},
		{"range=3d", "range=3d", "1h, 6h, 24h", "#now-figures .tile"},
		{"from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "to=2026-03-01T00:00:00Z", "after the start", "#now-figures"},
		{"view=nowhere", "view=nowhere", "places, why", "#now-figures .tile"},
		{"kind=planet&id=mars", "kind=planet", "store", "#now-stores"},
		{"kind=store", "id=", "id=store-001", "#now-stores"},
		{"kind=store&id=store-999", "id=store-999", "whole company", "#now-stores"},
		{"view=customers&customer=nobody", "customer=nobody", "pseudonyms change", "#at-risk"},
		{"view=places&sort=colour", "sort=colour", "csat_index", "#places"},
		{"view=places&page=x", "page=x", "number of a page", "#places"},
	} {
		tab := s.browser.Open(t, s.base+"/?lang=en&"+x.query, 1440, 900)
		tab.Until(x.query+" shows the nearest", drawn+fmt.Sprintf(` && document.querySelector(%q) && document.querySelector("main > .trouble")`, x.shown))
		said := browsertest.Eval[[]string](tab, `[...document.querySelectorAll(".trouble:not([hidden])")].map(e => e.innerText)`)
		if len(said) != 1 || !strings.Contains(said[0], x.part) || !strings.Contains(said[0], x.remedy) {
			t.Errorf("%s says %q", x.query, said)
		}
		if first := browsertest.Eval[string](tab, `document.querySelector("main").firstElementChild.className`); first != "trouble" {
			t.Errorf("%s: the page begins with %s", x.query, first)
		}
		for _, trouble := range tab.Troubles() {
			if !strings.Contains(trouble, "404") {
				t.Errorf("%s: the browser has told %s", x.query, trouble)
			}
		}
		tab.Close()
	}
	tab := s.browser.Open(t, s.base+"/?lang=zh&range=3d", 390, 800)
	t.Cleanup(tab.Close)
	tab.Until("it says so", drawn+` && document.querySelector("main > .trouble")`)
	if said := browsertest.Eval[string](tab, `document.querySelector("main > .trouble").innerText`); !regexp.MustCompile(`\p{Han}{4}.*range=3d.*\p{Han}`).MatchString(said) {
		t.Errorf("in Chinese it says %s", said)
	}
	browsertest.Eval[bool](tab, `[...document.querySelectorAll("#nav a")][1].click(), true`)
	tab.Until("a right state has no notice", drawn+` && !document.querySelector(".trouble:not([hidden])")`)
}

// kept checks where the focus is after the dialog, after sorting, and after something new was drawn.
func (s *site) kept(t *testing.T) {
	tab := s.open(t, "view=places&range=7d")
	at := func() string {
		return browsertest.Eval[string](tab, `document.activeElement.closest(".panel")?.id + " " + document.activeElement.innerText.replace(/[▾▴]/g, "").trim()`)
	}
	open := func() {
		t.Helper()
		browsertest.Eval[bool](tab, `{ const b = document.querySelector("#places .panel-tools button"); b.closest("details").open = true; b.focus(); b.click(); true }`)
		tab.Until("the dialog is open", `document.querySelector("dialog[open]")`)
	}
	closed := func(how string) {
		t.Helper()
		tab.Until("the dialog is closed by "+how, `!document.querySelector("dialog[open]")`)
		if got := at(); got != "places SQL" {
			t.Errorf("after the dialog is closed by %s the focus is at %q", how, got)
		}
	}
	open()
	tab.Key("\x1b")
	closed("Esc")
	open()
	tab.Do(chromedp.MouseClickXY(5, 450))
	closed("a press beside it")
	open()
	tab.Do(chromedp.MouseClickXY(720, 450)) // in it
	if !browsertest.Eval[bool](tab, `document.querySelector("dialog").open`) {
		t.Error("a press in the dialog closes it")
	}
	// What was pressed is drawn anew while the dialog is open.
	browsertest.Eval[bool](tab, `{ document.querySelector("dialog").close(); const b = document.querySelector("#places tbody .figure"); b.tabIndex = 0; b.focus(); b.click(); true }`)
	tab.Key("\x1b")
	tab.Until("the dialog is closed", `!document.querySelector("dialog[open]")`)

	browsertest.Eval[bool](tab, `{ const b = [...document.querySelectorAll("#places thead button")].find(b => b.innerText.startsWith("Responses")); b.focus(); b.click(); true }`)
	tab.Until("it is sorted", drawn+` && document.querySelector("#places th[aria-sort=descending]")?.innerText.startsWith("Responses")`)
	if got := at(); got != "places Responses" {
		t.Errorf("after sorting the focus is at %q", got)
	}
	tab.Key("\r")
	tab.Until("it is sorted the other way", drawn+` && document.querySelector("#places th[aria-sort=ascending]")?.innerText.startsWith("Responses")`)
	if got := at(); got != "places Responses" {
		t.Errorf("after sorting again the focus is at %q", got)
	}
	// On a slow server panels are drawn one by one, and another first.
	browsertest.Eval[bool](tab, `{ const real = window.fetch, wait = ms => new Promise(r => setTimeout(r, ms)); window.fetch = async (url, o) => {
		const res = await real(url, o);
		if (!String(url).includes("/api/v1/answers") || !res.ok || res.status === 304) return res;
		const lines = (await res.text()).split("\n").filter(Boolean), early = l => JSON.parse(l).asked?.startsWith("places_scales"), encode = new TextEncoder();
		return new Response(new ReadableStream({ async start(c) {
			for (const those of [lines.filter(early), lines.filter(l => !early(l))]) { await wait(1200); for (const l of those) c.enqueue(encode.encode(l + "\n")); }
			c.close();
		} }), { headers: res.headers });
	}; true }`)
	tab.Key("\r")
	tab.Until("another panel is drawn first", `document.querySelector("#places-scales tbody tr") && !document.querySelector("#places tbody tr")`)
	tab.Until("it is sorted again", drawn+` && document.querySelector("#places th[aria-sort=descending]")?.innerText.startsWith("Responses")`)
	if got := at(); got != "places Responses" {
		t.Errorf("after sorting on a slow server the focus is at %q", got)
	}
	now := s.open(t, "range=7d")
	now.Until("it is live", `document.querySelector("#status.live")`)
	browsertest.Eval[bool](now, `{ const b = document.querySelector("#now-figures .tile .value"); b.dataset.old = "yes"; b.focus(); true }`)
	s.respond(t, "focus")
	now.Until("the panel is drawn anew", `!document.querySelector("#now-figures [data-old]")`)
	if got := browsertest.Eval[bool](now, `document.activeElement === document.querySelector("#now-figures .tile .value")`); !got {
		t.Errorf("after news the focus is at %q", browsertest.Eval[string](now, "document.activeElement.outerHTML"))
	}
	quiet(t, tab)
}
