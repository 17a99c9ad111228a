package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/browsertest"
	"csatflow/sinks/alert"
	"csatflow/sinks/web/api"
)

// typed uses the page without a mouse.
func (s *site) typed(t *testing.T) {
	tab := s.open(t, "range=7d")
	at := func() string {
		return browsertest.Eval[string](tab, "document.activeElement.innerText || document.activeElement.id")
	}
	tab.Key("\t")
	if got := at(); got != "Skip to the content" {
		t.Errorf("the first stop is %q", got)
	}
	reach := func(text string) {
		t.Helper()
		for range 120 {
			if at() == text {
				if outline := browsertest.Eval[string](tab, "getComputedStyle(document.activeElement).outlineStyle"); outline == "none" {
					t.Errorf("%s does not show that it has the focus", text)
				}
				return
			}
			tab.Key("\t")
		}
		t.Fatalf("%s cannot be reached", text)
	}
	reach("Places")
	tab.Key("\r")
	tab.Until("places are drawn", drawn+` && document.querySelector("#places")`)
	reach("⋯")
	tab.Key("\r")
	reach("SQL")
	tab.Key("\r")
	tab.Until("the dialog is open", `document.querySelector("dialog[open]")`)
	tab.Key("\x1b")
	tab.Until("the dialog is closed", `!document.querySelector("dialog[open]")`)
	if got := at(); got != "SQL" {
		t.Errorf("after the dialog the focus is at %q", got)
	}
}

// first compares the questions of the opened page with those that csatflow asks beforehand.
func (s *site) first(t *testing.T) {
	tab := s.browser.Open(t, s.base+"/", 1440, 900)
	t.Cleanup(tab.Close)
	tab.Until("all panels are drawn", drawn)
	tab.Until("the browser has noted the answers", noted)
	asked := browsertest.Eval[[]string](tab, `performance.getEntriesByType("resource").map(e => new URL(e.name)).filter(u => u.pathname.startsWith("/api/v1/") && !u.pathname.endsWith("/live")).map(u => u.pathname + " " + u.searchParams.getAll("ask").join(" "))`)
	if want := "/api/v1/answers " + strings.Join(api.FirstView, " "); len(asked) != 1 || asked[0] != want {
		t.Errorf("the page asks\n%q\nand csatflow\n%q", asked, want)
	}
}

// coloured looks at both sets of colours.
func (s *site) coloured(t *testing.T) {
	tab := s.open(t, "range=7d")
	background := func() string { return browsertest.Eval[string](tab, "getComputedStyle(document.body).backgroundColor") }
	light := background()
	browsertest.Eval[bool](tab, `[...document.querySelectorAll("#tools button")].find(b => b.innerText === "Dark").click(), true`)
	tab.Until("it is drawn again", drawn)
	if background() == light {
		t.Errorf("it stays %s", light)
	}
	accessible(t, tab, browsertest.Axe(t))
	tab.Screenshot("dark")
	browsertest.Eval[bool](tab, `[...document.querySelectorAll("#tools button")].find(b => b.innerText === "Light").click(), true`)
	if background() != light {
		t.Errorf("light is %s, was %s", background(), light)
	}
	quiet(t, tab)
}

// lives writes a response and watches the page.
func (s *site) lives(t *testing.T) {
	tab := s.open(t, "range=7d")
	tab.Until("it is live", `document.querySelector("#status.live")`)
	s.company.Behind(12_000)
	tab.Until("it says that it is behind", `document.querySelector("#status.behind")?.innerText.includes("12,000")`)
	s.company.Behind(0)
	tab.Until("it is live again", `document.querySelector("#status.live")`)
	shown := func() string {
		return tiles(t, tab, "#now-figures")["Responses a minute"] + browsertest.Eval[string](tab, `document.querySelector("#now-figures").innerText`)
	}
	before := shown()
	for i := range 3 {
		s.company.Respond(t, fmt.Sprintf(`{"event_id":"page-%d","occurred_at":%q,"customer_id":"late-customer","grade":1,"store_id":%q}`, i, s.company.Alert.Start.Format(time.RFC3339), s.company.Alert.ID))
		written := time.Now()
		for shown() == before {
			if time.Since(written) > 20*time.Second {
				t.Fatalf("after %v it still shows %s", time.Since(written), before)
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Logf("seen after %v", time.Since(written).Round(10*time.Millisecond))
		before = shown()
	}
	// News does not move what somebody has scrolled to.
	list := s.open(t, "view=places&of=employee&range=7d")
	list.Until("it is live", `document.querySelector("#status.live")`)
	const scrolled = `document.querySelector("#places .scroll").scrollTop`
	if at := browsertest.Eval[float64](list, scrolled+" = 200, "+scrolled); at != 200 {
		t.Fatalf("the list is scrolled to %v", at)
	}
	rows := browsertest.Eval[string](list, `document.querySelector("#places tbody").innerText`)
	s.company.Respond(t, fmt.Sprintf(`{"event_id":"page-9","occurred_at":%q,"customer_id":"late-customer","grade":1,"store_id":%q,"employee_id":%q}`, s.company.Alert.Start.Format(time.RFC3339), s.company.Alert.ID, s.company.Responses[0].EmployeeID))
	list.Until("the list has changed", fmt.Sprintf(`document.querySelector("#places tbody").innerText !== %q`, rows))
	if at := browsertest.Eval[float64](list, scrolled); at != 200 {
		t.Errorf("when something is new the list is scrolled to %v", at)
	}
	s.toldOnce(t)
	quiet(t, tab)
}

// toldOnce draws the list of alerts twice: the note on coverage stands above it once.
func (s *site) toldOnce(t *testing.T) {
	tab := s.open(t, "view=alerts&range=7d")
	const notes = `[...document.querySelectorAll("#alerts .ahead")].map(e => e.innerText)`
	before := browsertest.Eval[[]string](tab, notes)
	browsertest.Eval[bool](tab, `document.querySelector("#alerts tbody tr").id = "old", true`)
	l := alert.Log{Conn: s.company.Store.Conn(), Database: s.company.Database}
	if err := l.NoteEvaluated(t.Context(), alert.Coverage{From: s.company.Looked.From, Until: s.company.Looked.From.Add(49 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	tab.Until("the list was drawn anew", `!document.getElementById("old")`)
	after := browsertest.Eval[[]string](tab, notes)
	if once := slices.Compact(slices.Sorted(slices.Values(after))); len(before) == 0 || len(after) == 0 || len(once) != len(after) {
		t.Errorf("drawn once the notes are %q, drawn anew %q", before, after)
	}
}

// gone stops the server and starts it again.
func (s *site) gone(t *testing.T) {
	tab := s.open(t, "range=7d")
	tab.Until("it is live", `document.querySelector("#status.live")`)
	address := s.server.Addr()
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	tab.Until("it says that the server is gone", `document.querySelector("#status.gone")?.innerText.includes("does not answer")`)
	if text := browsertest.Eval[string](tab, `document.querySelector("#now-figures .tile .value").innerText`); text == "" {
		t.Error("what was seen is no longer there")
	}
	tab.Screenshot("gone")
	s.server = listen(t, s.company, address)
	tab.Until("it is live again", `document.querySelector("#status.live")`)
	for _, trouble := range tab.Troubles() {
		if !slices.ContainsFunc([]string{"ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE"}, func(s string) bool { return strings.Contains(trouble, s) }) {
			t.Errorf("the browser has told %s", trouble)
		}
	}
}
