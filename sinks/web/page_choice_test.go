package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/browsertest"
)

// press presses a key outside of any field.
func press(tab *browsertest.Tab, key string) {
	browsertest.Eval[bool](tab, fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true }))`, key))
}

// dated chooses each calendar period by the menu, and reads its ends from the address.
func (s *site) dated(t *testing.T, tab *browsertest.Tab, zone *time.Location) {
	t.Helper()
	var now time.Time
	if err := s.company.Store.Conn().QueryRow(t.Context(), "SELECT assumeNotNull(latest_minute) + 60 FROM "+s.company.Store.Table("freshness")).Scan(&now); err != nil {
		t.Fatal(err)
	}
	now = now.In(zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	monday := midnight.AddDate(0, 0, -(int(midnight.Weekday())+6)%7)
	first := midnight.AddDate(0, 0, 1-midnight.Day())
	for _, period := range []struct {
		name string
		want [3]time.Time // from, to, before
	}{
		{"Last week", [3]time.Time{monday.AddDate(0, 0, -7), monday, monday.AddDate(0, 0, -14)}},
		{"This week", [3]time.Time{monday, {}, monday.AddDate(0, 0, -7)}},
		{"This month", [3]time.Time{first, {}, first.AddDate(0, -1, 0)}},
		{"Last month", [3]time.Time{first.AddDate(0, -1, 0), first, first.AddDate(0, -2, 0)}},
		{"Yesterday", [3]time.Time{midnight.AddDate(0, 0, -1), midnight, midnight.AddDate(0, 0, -2)}},
		{"Today", [3]time.Time{midnight, {}, midnight.AddDate(0, 0, -1)}},
	} {
		press(tab, "t")
		tab.Until("the menu of periods is open", `document.querySelector(".picker details.custom").open`)
		browsertest.Eval[bool](tab, fmt.Sprintf(`[...document.querySelectorAll(".picker .custom button")].find(b => b.textContent === %q).click(); true`, period.name))
		tab.Until("the view is drawn", drawn)
		u, err := url.Parse(browsertest.Eval[string](tab, "location.href"))
		if err != nil {
			t.Fatal(err)
		}
		for i, key := range []string{"from", "to", "before"} {
			text := ""
			if !period.want[i].IsZero() {
				text = period.want[i].UTC().Format(time.RFC3339)
			}
			if got := u.Query().Get(key); got != text {
				t.Errorf("%s in %s: %s is %q, want %q", period.name, zone, key, got, text)
			}
		}
	}
}

// zoned chooses calendar periods where days begin by another clock than UTC's, some of them an hour longer or shorter.
func (s *site) zoned(t *testing.T) {
	for _, name := range []string{"Asia/Shanghai", "America/New_York"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := *s.company
		elsewhere.Options.Zone = zone
		server := listen(t, &elsewhere, "127.0.0.1:0")
		tab := s.browser.Open(t, "http://"+server.Addr()+"/?lang=en&view=places", 1440, 900)
		tab.Until("all panels are drawn", drawn)
		s.dated(t, tab, zone)
		tab.Close()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// chosen chooses calendar periods, any period to compare with, and views by their keys.
func (s *site) chosen(t *testing.T) {
	tab := s.open(t, "view=places")
	s.dated(t, tab, time.UTC)
	if text := browsertest.Eval[string](tab, `[...document.querySelectorAll("#places tbody span[title]")].map(e => e.title).join(" ")`); !strings.Contains(text, "vs period from") {
		t.Errorf("a chosen time to compare with is not named: %.200s", text)
	}
	s.sought(t, tab)
	press(tab, "4")
	tab.Until("the fourth view is there", `location.search.includes("view=recovery")`)
	press(tab, "?")
	tab.Until("the keys are told", `document.querySelector("dialog[open] kbd") !== null`)
	browsertest.Eval[bool](tab, `document.querySelector("dialog").close(); true`)
	press(tab, "w")
	tab.Until("the wall has no navigation", `getComputedStyle(document.getElementById("nav")).display === "none"`)
	quiet(t, tab)
}

// sought types into the search of the places, without Enter and without a pause while the list is drawn anew.
func (*site) sought(t *testing.T, tab *browsertest.Tab) {
	browsertest.Eval[bool](tab, `document.querySelector("main input[type=search]").focus(), true`)
	first := browsertest.Eval[string](tab, `document.querySelector("#places tbody th").innerText`)
	for _, key := range "STORE-00" {
		tab.Key(string(key))
		time.Sleep(50 * time.Millisecond)
	}
	tab.Until("the list is asked for", `location.search.includes("search=STORE-00")`)
	tab.Key("7")
	tab.Until("one store is left", drawn+` && document.querySelectorAll("#places tbody tr").length === 1`)
	if got := browsertest.Eval[string](tab, `[document.querySelector("#places tbody th").innerText, location.search.match(/search=([^&]*)/)[1], document.activeElement.value].join(" ")`); got != "store-007 STORE-007 STORE-007" {
		t.Errorf("there is %s", got)
	}
	browsertest.Eval[bool](tab, `{ const s = document.querySelector("main input[type=search]"); s.value = ""; s.dispatchEvent(new Event("input", { bubbles: true })); true }`)
	tab.Until("all are back", drawn+` && !location.search.includes("search=") && document.querySelector("#places tbody th").innerText === "`+first+`"`)
	browsertest.Eval[bool](tab, `document.activeElement.blur(), true`)
}

// called compares the list of customers to call with the number on the tile, and looks at its order.
func (s *site) called(t *testing.T) {
	tab := s.open(t, "view=now&range=7d")
	on := tiles(t, tab, "#now-risk")["Customers to call today"]
	// The company has not been looked at to the end, and the tile says so.
	inAll, _, _ := strings.Cut(browsertest.Eval[string](tab, `[...document.querySelectorAll("#now-risk .tile")].pop().querySelector(".note").innerText`), " · Checked")
	tab = s.open(t, "view=customers&range=7d")
	const chips = `[...document.querySelectorAll("#calls .chip")].map(e => e.innerText).join("; ")`
	if got := browsertest.Eval[string](tab, chips); got != "Today: "+on+"; All: "+strings.TrimSuffix(inAll, " to call in all") {
		t.Errorf("the tile says %q and %q, the list %q", on, inAll, got)
	}
	// Everybody who is due today is in the list, by its pages.
	listed := 0
	for page := range 50 {
		page := s.open(t, fmt.Sprintf("view=customers&range=7d&calls=%d", page))
		n := browsertest.Eval[int](page, `document.querySelectorAll("#calls tbody tr:not(:has(.empty))").length`)
		page.Close()
		if listed += n; n < 20 {
			break
		}
	}
	if float64(listed) != number(t, on) || listed == 0 {
		t.Errorf("%d are listed, the tile says %s", listed, on)
	}
	values := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("#calls tbody tr")].map(r => r.cells[1].innerText)`)
	last := 1e18
	for _, text := range values {
		v := number(t, text)
		if v > last {
			t.Errorf("the calls are not in the order of their value: %q", values)
		}
		last = v
	}
	quiet(t, tab)
}

// dragged chooses a time by dragging over a chart, and the customers of a step by pressing on it; kept views come back.
func (s *site) dragged(t *testing.T) {
	tab := s.open(t, "view=now&range=24h")
	browsertest.Eval[bool](tab, `document.querySelector("#now-trend").scrollIntoView({ block: "center" }); true`)
	tab.Until("the chart is there", `document.querySelector("#now-trend .chart")?.dataset.drawn`)
	drag := func(from, to float64) {
		browsertest.Eval[bool](tab, fmt.Sprintf(`{
			const c = document.querySelector("#now-trend .chart"), r = c.getBoundingClientRect();
			const at = (type, share) => (type === "pointerdown" ? c : window).dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0, clientX: r.left + share * r.width, clientY: r.top + r.height / 2 }));
			at("pointerdown", %v); at("pointermove", %v); at("pointerup", %v); true
		}`, from, to, to))
	}
	drag(.4, .7)
	tab.Until("a time is chosen", `location.search.includes("from=") && location.search.includes("to=")`)
	chosen := browsertest.Eval[string](tab, `(() => { const q = new URLSearchParams(location.search); return (Date.parse(q.get("to")) - Date.parse(q.get("from"))) / 3600e3 + "" })()`)
	if hours := number(t, chosen); hours < 6 || hours > 9 {
		t.Errorf("three tenths of a day are %v hours", hours)
	}
	tab.Until("the view is drawn", drawn[:len(drawn)-len(` && [...document.querySelectorAll("main .chart")].every(c => c.dataset.drawn)`)])
	browsertest.Eval[bool](tab, `{ const m = document.querySelector(".saved"); m.open = true; m.querySelector("input").value = "that afternoon"; m.querySelector("form").requestSubmit(); true }`)
	kept := browsertest.Eval[string](tab, "location.search")
	browsertest.Eval[bool](tab, `document.getElementById("home").click(); true`)
	tab.Until("the first view is there", `!location.search.includes("from=") && !document.querySelector("main[aria-busy]")`)
	browsertest.Eval[bool](tab, `[...document.querySelectorAll(".saved a")].find(a => a.textContent === "that afternoon").click(); true`)
	tab.Until("the kept view is back", fmt.Sprintf(`location.search === %q && !document.querySelector("main[aria-busy]")`, kept))
	browsertest.Eval[bool](tab, `document.querySelector("#now-trend").scrollIntoView({ block: "center" }); true`)
	tab.Until("the chart is there again", `document.querySelector("#now-trend .chart")?.dataset.drawn`)
	drag(.5, .5)
	tab.Until("the customers of that step are there", drawn+` && location.search.includes("view=customers") && document.querySelector("#unhappy")`)
	quiet(t, tab)
}
