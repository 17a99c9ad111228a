package web_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/browsertest"
	"csatflow/deploy/trial/webtest"
	"csatflow/sinks/alert"
	"csatflow/sinks/web"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// views of the page, each with a panel that has data.
var views = []struct{ name, panel string }{
	{"now", "now-figures"}, {"places", "places"}, {"why", "rater"}, {"recovery", "complaints"}, {"customers", "at-risk"},
	{"alerts", "alerts"}, {"quality", "standards"}, {"index", "csi-model"}, {"improvements", "improvements"}, {"pipeline", "partitions"},
}

// drawn is true once every panel has its answer, and every chart is there, as for printing: otherwise those far from what is visible wait.
const drawn = `dispatchEvent(new Event("beforeprint")) && !document.querySelector("main[aria-busy]") && document.querySelectorAll("main .panel").length > 0 && [...document.querySelectorAll("main .panel")].every(p => p.dataset.drawn) && [...document.querySelectorAll("main .chart")].every(c => c.dataset.drawn)`

type site struct {
	company *webtest.Company
	server  *web.Server
	browser *browsertest.Browser
	base    string
}

func listen(t *testing.T, w *webtest.Company, address string) *web.Server {
	t.Helper()
	s, err := web.Listen(web.Options{Listen: address, Options: w.Options})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestThePage(t *testing.T) {
	w := webtest.New(t)
	s := &site{company: w, server: listen(t, w, "127.0.0.1:0"), browser: browsertest.Start(t)}
	t.Cleanup(func() { _ = s.server.Close() })
	s.base = "http://" + s.server.Addr()
	axe := browsertest.Axe(t)
	// The short form, as the race detector runs it, is of what goes on at once.
	look := func(name string, f func(t *testing.T)) {
		if !testing.Short() {
			t.Run(name, f)
		}
	}
	for _, v := range views {
		look(v.name, func(t *testing.T) { s.view(t, v.name, v.panel, axe) })
	}
	look("a store and a customer", func(t *testing.T) { s.parts(t, axe) })
	look("figures of every view are those of the events", s.audit)
	look("other scales beside the time before", s.rated)
	look("sparklines are on the scale that their heading names", s.scaled)
	look("other scales of places and now", s.besideGrades)
	look("a store that nobody grades has stars", s.ungraded)
	look("a Chinese page has no English words", s.chinese)
	look("figures are those that SQL gives", s.figures)
	look("who answers, where purchases know the scope", s.answering)
	look("a figure tells its SQL", s.explains)
	look("leads and mystery visits say what chance explains", s.led)
	look("from the alert to its cause and to whom to call", s.found)
	look("one card an incident", s.carded)
	look("periods, views and a wall are chosen", s.chosen)
	look("days begin by the clock of the zone", s.zoned)
	look("a time is chosen on a chart", s.dragged)
	look("the calls are as many as the tile says, by value", s.called)
	look("all is quiet only as far as alerts were looked for", s.covered)
	look("the address has the state", s.addressed)
	look("with the keyboard alone", s.typed)
	look("what is asked first is what csatflow asks before", s.first)
	look("dark and light", s.coloured)
	look("the page is light", s.light)
	look("charts are given the room that they measure", s.roomy)
	look("a wrong address is told with its remedy", s.mistaken)
	t.Run("nothing is asked while nothing changes", s.still)
	t.Run("many pages cost as much as one", s.viewed)
	t.Run("the focus stays", s.kept)
	t.Run("panels never contradict each other", s.agreed)
	t.Run("what is new is there within two seconds", s.lives)
	look("a drop of a scale is called by its score", s.dropped)
	t.Run("it says when the server is gone and when it is back", s.gone)
}

// quiet fails if the browser has logged an error.
func quiet(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	if list := tab.Troubles(); len(list) > 0 {
		t.Errorf("the browser has told %q", list)
	}
}

// accessible fails on findings of axe-core that are serious or critical.
func accessible(t *testing.T, tab *browsertest.Tab, axe string) {
	t.Helper()
	// The page's policy forbids eval; DevTools may still run code.
	browsertest.Eval[bool](tab, axe+"; true")
	found := browsertest.Eval[[]struct {
		ID, Impact, Help string
		Nodes            []struct{ Target []string }
	}](tab, `axe.run(document, { resultTypes: ["violations"] }).then(r => r.violations.map(v => ({ ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.slice(0, 3).map(n => ({ Target: n.target.map(String) })) })))`)
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			t.Errorf("%s (%s): %s: %v", v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
}

// fits fails if something is wider than the screen: only tables and navigation may scroll.
func fits(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	if over := browsertest.Eval[float64](tab, "document.documentElement.scrollWidth - innerWidth"); over > 1 {
		t.Errorf("the page is %v pixels wider than the screen: %s", over, browsertest.Eval[string](tab,
			`[...document.querySelectorAll("main *, header *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, #nav, .chart")).slice(0, 5).map(e => e.tagName + "." + e.className).join(" ")`))
	}
}

// small lists what can be pressed and is less than 24 pixels high.
const small = `[...document.querySelectorAll("a, button, summary, input, select")].filter(e => { const r = e.getBoundingClientRect(); return r.height > 0 && r.height < 23.5 && getComputedStyle(e).visibility !== "hidden" && !e.closest(".skip, .scroll figure") }).slice(0, 5).map(e => e.tagName + "." + e.className + " " + e.innerText.slice(0, 20) + " " + Math.round(e.getBoundingClientRect().height))`

func (s *site) view(t *testing.T, name, panel, axe string) {
	for _, lang := range []string{"en", "zh"} {
		for _, width := range []int64{1440, 390} {
			tab := s.browser.Open(t, fmt.Sprintf("%s/?view=%s&range=7d&lang=%s", s.base, name, lang), width, 900)
			tab.Until("all panels are drawn", drawn)
			if text := browsertest.Eval[string](tab, fmt.Sprintf("document.querySelector('#%s .body').innerText", panel)); len(strings.TrimSpace(text)) < 5 && browsertest.Eval[int](tab, fmt.Sprintf("document.querySelectorAll('#%s canvas').length", panel)) == 0 {
				t.Errorf("%s shows nothing in %s: %q", name, panel, text)
			}
			if trouble := browsertest.Eval[string](tab, `[...document.querySelectorAll(".trouble:not([hidden])")].map(e => e.innerText).join("; ")`); trouble != "" {
				t.Errorf("%s says %s", name, trouble)
			}
			if han := regexp.MustCompile(`\p{Han}{2,}`).MatchString(strings.ReplaceAll(browsertest.Eval[string](tab, "document.querySelector('main').innerText"), "中文", "")); han != (lang == "zh") {
				t.Errorf("%s in %s has Chinese words: %v", name, lang, han)
			}
			fits(t, tab)
			if width == 1440 {
				if wide := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("main .scroll")].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.closest(".panel").id)`); len(wide) > 0 {
					t.Errorf("tables of %s are wider than a screen of 1440 pixels: %q", name, wide)
				}
			}
			if width == 390 {
				if bare := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("main .scroll td")].filter(e => e.getClientRects().length && e.innerText && !e.dataset.label && !e.closest("details") && !e.classList.contains("empty")).slice(0, 5).map(e => e.innerText)`); len(bare) > 0 {
					t.Errorf("%s shows cells without their names on a phone: %q", name, bare)
				}
			}
			if list := browsertest.Eval[[]string](tab, small); len(list) > 0 {
				t.Errorf("%s has targets of less than 24 pixels: %q", name, list)
			}
			if lang == "en" && width == 1440 {
				for _, other := range []int64{768, 1920} {
					tab.Do(chromedp.EmulateViewport(other, 900))
					fits(t, tab)
				}
				tab.Do(chromedp.EmulateViewport(width, 900))
			}
			if (lang == "en") == (width == 1440) {
				accessible(t, tab, axe)
			}
			quiet(t, tab)
			tab.Screenshot(fmt.Sprintf("%s-%s-%d", name, lang, width))
			tab.Close()
		}
	}
}

func (s *site) open(t *testing.T, query string) *browsertest.Tab {
	t.Helper()
	tab := s.browser.Open(t, s.base+"/?lang=en&"+query, 1440, 900)
	t.Cleanup(tab.Close)
	tab.Until("all panels are drawn", drawn)
	return tab
}

func (s *site) parts(t *testing.T, axe string) {
	customer := s.company.Options.Pseudonyms.Of(string(s.company.Responses[0].CustomerID))
	for name, query := range map[string]string{"store": "view=places&range=7d&kind=store&id=" + s.company.Alert.ID, "store-why": "view=why&range=7d&kind=store&id=" + s.company.Alert.ID, "store-customers": "view=customers&range=7d&kind=store&id=" + s.company.Alert.ID,
		"customer": "view=customers&customer=" + customer, "alert": "alert=" + s.company.Alert.Key(), "employees": "view=places&range=7d&of=employee"} {
		tab := s.open(t, query)
		fits(t, tab)
		accessible(t, tab, axe)
		quiet(t, tab)
		tab.Screenshot(name)
		tab.Close()
	}
}

// number parses a number as the English page writes it.
func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "€", "", "%", "").Replace(strings.TrimSpace(text)), 64)
	if err != nil {
		t.Fatalf("%q is no number", text)
	}
	return n
}

const tileText = `[...document.querySelectorAll("%s .tile")].map(e => [e.querySelector(".label").innerText, e.querySelector(".value").innerText])`

func tiles(t *testing.T, tab *browsertest.Tab, panel string) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, pair := range browsertest.Eval[[][2]string](tab, fmt.Sprintf(tileText, panel)) {
		m[pair[0]] = pair[1]
	}
	return m
}

// figures compares figures on the page with sums over the events, and with SQL over the raw tables.
func (s *site) figures(t *testing.T) {
	tab := s.open(t, "range=7d")
	n, sum, bad := 0, 0, 0
	stores := map[string][2]int{}
	for i := range s.company.Responses {
		r := &s.company.Responses[i]
		n, sum = n+1, sum+int(r.Grade)
		if r.Grade <= 3 {
			bad++
		}
		if id := string(r.StoreID); id != "" {
			stores[id] = [2]int{stores[id][0] + 1, stores[id][1] + int(r.Grade)}
		}
	}
	seen := tiles(t, tab, "#now-figures")
	if got, want := number(t, seen["Satisfaction index"]), (float64(sum)/float64(n)-1)/6*100; math.Abs(got-want) > 0.05+1e-9 {
		t.Errorf("the index is %v on the page, %v by hand", got, want)
	}
	if got, want := number(t, seen["Dissatisfied share"]), 100*float64(bad)/float64(n); math.Abs(got-want) > 0.05+1e-9 {
		t.Errorf("dissatisfied are %v on the page, %v by hand", got, want)
	}
	// Of a time that is over, the rate is that of all of it.
	end, during := s.company.Alert.Start.Truncate(time.Hour), 0
	for i := range s.company.Responses {
		if at := time.UnixMilli(s.company.Responses[i].OccurredAt); !at.Before(end.Add(-24*time.Hour)) && at.Before(end) {
			during++
		}
	}
	then := tiles(t, s.open(t, "from="+end.Add(-24*time.Hour).Format("2006-01-02T15:04:05Z")+"&to="+end.Format("2006-01-02T15:04:05Z")), "#now-figures")
	if got := number(t, then["Responses a minute"]); during == 0 || math.Abs(got-float64(during)/1440) > 0.005+1e-9 {
		t.Errorf("%v responses a minute on the page, by hand %d in a day", got, during)
	}
	// Until now it is that of the last five minutes of events.
	newest := int64(0)
	for i := range s.company.Responses {
		newest = max(newest, s.company.Responses[i].OccurredAt)
	}
	recent := 0
	for i := range s.company.Responses {
		if s.company.Responses[i].OccurredAt >= newest-newest%60_000-4*60_000 {
			recent++
		}
	}
	if got := number(t, seen["Responses a minute"]); got < float64(recent)/5-1 || got > float64(recent)/5+1 {
		t.Errorf("%v responses a minute on the page, by hand %d in five minutes", got, recent)
	}
	var open uint64
	if err := s.company.Store.Conn().QueryRow(t.Context(), "SELECT count() FROM "+s.company.Store.Table("complaints")+" FINAL WHERE state = 'open'").Scan(&open); err != nil {
		t.Fatal(err)
	}
	if got := number(t, tiles(t, tab, "#now-recovery")["Backlog"]); got != float64(open) {
		t.Errorf("the backlog is %v on the page, %d in the table", got, open)
	}
	places := s.open(t, "view=places&range=7d&sort=responses&order=desc")
	rows := browsertest.Eval[[][]string](places, `[...document.querySelectorAll("#places tbody tr")].map(r => [...r.cells].map(c => c.innerText))`)
	if len(rows) != len(stores) {
		t.Errorf("%d stores are seen, %d have responses", len(rows), len(stores))
	}
	for _, row := range rows {
		of := stores[row[0]]
		if math.Abs(number(t, row[1])-(float64(of[1])/float64(of[0])-1)/6*100) > 0.05+1e-9 || number(t, row[4]) != float64(of[0]) {
			t.Errorf("%s has index %s and %s responses on the page; by hand %v of %d", row[0], row[1], row[4], float64(of[1])/float64(of[0]), of[0])
		}
	}
}

// explains presses figures, and runs the SQL that the dialog shows.
func (s *site) answering(t *testing.T) {
	tab := s.open(t, "view=why&range=7d")
	seen := tiles(t, tab, "#who-answers")
	if got, want := number(t, seen["Satisfaction index as answered"]), number(t, tiles(t, s.open(t, "range=7d"), "#now-figures")["Satisfaction index"]); math.Abs(got-want) > 0.05+1e-9 {
		t.Errorf("as answered the index is %v, and %v elsewhere", got, want)
	}
	if got := number(t, seen["Satisfaction index, weighted to purchases"]); got < 1 || got > 99 {
		t.Errorf("weighted it is %v: %v", got, seen)
	}
	if got := browsertest.Eval[string](tab, "document.querySelector('#who-answers .tile .note').innerText"); !strings.Contains(strings.ReplaceAll(got, ",", ""), fmt.Sprintf("/ %d", len(s.company.Sold))) {
		t.Errorf("of %d purchases are answered: %s", len(s.company.Sold), got)
	}
	tab = s.open(t, "view=why&range=7d&kind=touchpoint&id=checkout")
	if !browsertest.Eval[bool](tab, "document.querySelector('#who-answers').hidden") {
		t.Error("purchases know no touchpoint, and it has a response rate")
	}
	tab = s.open(t, "view=why&range=7d&kind=product_category&id=kitchen")
	if browsertest.Eval[bool](tab, "document.querySelector('#who-answers').hidden") || !browsertest.Eval[bool](tab, "document.querySelector('#asked').hidden") {
		t.Error("nobody was asked about a product, and its panel is shown; or there is no such product")
	}
}

func (s *site) explains(t *testing.T) {
	tab := s.open(t, "range=7d")
	shown := number(t, tiles(t, tab, "#now-figures")["Satisfaction index"])
	browsertest.Eval[bool](tab, `document.querySelector("#now-figures .tile .value").click(), true`)
	tab.Until("the dialog is open", `document.querySelector("dialog[open] pre code")`)
	sql := browsertest.Eval[string](tab, `document.querySelector("dialog[open] pre code").textContent`)
	if formula := browsertest.Eval[string](tab, `document.querySelector("dialog[open]").innerText`); !strings.Contains(formula, "(mean_grade - 1) / 6 * 100") {
		t.Errorf("the dialog says %s", formula)
	}
	var index float64
	if err := s.company.Store.Conn().QueryRow(t.Context(), "SELECT csat_index FROM ("+sql+")").Scan(&index); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	if math.Abs(index-shown) > 0.05+1e-9 {
		t.Errorf("the page shows %v, its SQL gives %v", shown, index)
	}
	tab.Screenshot("sql")
	quiet(t, tab)
	for _, v := range views {
		tab := s.open(t, "range=7d&view="+v.name)
		// Each figure of a tile or table leads to its source.
		if lost := browsertest.Eval[[]string](tab, `[...document.querySelectorAll(".tile .value")].filter(e => e.tagName !== "BUTTON" && !e.href).map(e => e.innerText).concat([...document.querySelectorAll("td.number")].filter(e => /\d/.test(e.innerText) && !e.classList.contains("figure") && !e.closest("details") && !e.closest("#partitions")).map(e => e.innerText))`); len(lost) > 0 {
			t.Errorf("%s: these figures do not say where they come from: %q", v.name, lost)
		}
		tab.Close()
	}
}

// found follows somebody who sees the page for the first time, by presses alone.
func (s *site) found(t *testing.T) {
	tab := s.open(t, "range=7d")
	press := func(what, text string) {
		t.Helper()
		tab.Until(what+" can be pressed", fmt.Sprintf(`[...document.querySelectorAll("main a")].some(a => a.innerText.trim() === %q)`, text))
		browsertest.Eval[bool](tab, fmt.Sprintf(`[...document.querySelectorAll("main a")].find(a => a.innerText.trim() === %q).click(), true`, text))
		tab.Until(what+" is drawn", drawn)
	}
	first := browsertest.Eval[string](tab, `document.querySelector("#now-alerts .alert.firing.page").innerText`)
	if !strings.Contains(first, s.company.Alert.ID) || !strings.Contains(first, "e-0012") || !strings.Contains(first, "Responsiveness") {
		t.Errorf("the first alert says %s", first)
	}
	if !strings.Contains(first, "satisfaction ") || !strings.Contains(first, " → ") || strings.Count(browsertest.Eval[string](tab, `document.querySelector("#now-alerts").innerText`), "Store "+s.company.Alert.ID+": satisfaction") != 1 {
		t.Errorf("one card for the incident, with the index before and after, is wanted: %s", first)
	}
	press("the alert", browsertest.Eval[string](tab, `document.querySelector("#now-alerts .alert.firing.page strong a").innerText.trim()`))
	if text := browsertest.Eval[string](tab, `document.querySelector("main").innerText`); !strings.Contains(text, "Responsiveness") || !strings.Contains(text, "per 100 responses") {
		t.Errorf("the alert says %s", text)
	}
	press("why", "Why")
	if path := browsertest.Eval[string](tab, `document.querySelector("#where").innerText`); !strings.Contains(path, s.company.Alert.ID) {
		t.Errorf("why is asked of %s", path)
	}
	tab.Do(chromedp.NavigateBack())
	tab.Until("the alert again", drawn+` && document.querySelector("#alert")`)
	press("whom to call", "Customers to call")
	if rows := browsertest.Eval[int](tab, `document.querySelectorAll("#unhappy tbody tr a").length`); rows == 0 {
		t.Error("nobody is to be called")
	}
	quiet(t, tab)
}

// covered looks at a store without alerts: before everything has been evaluated, after it, and at a time that was never evaluated.
func (s *site) covered(t *testing.T) {
	w := s.company
	store := ""
	for i := range w.Responses {
		if id := string(w.Responses[i].StoreID); id != "" && id != w.Alert.ID {
			store = id
			break
		}
	}
	said := func(query, panel string) string {
		t.Helper()
		tab := s.open(t, query+"&kind=store&id="+store)
		defer tab.Close()
		return browsertest.Eval[string](tab, fmt.Sprintf("document.querySelector('#%s .body').innerText", panel))
	}
	at := func(at time.Time) string { return at.UTC().Format("Jan 2, 15:04") }
	since, until := w.Looked.From.UTC(), w.Looked.Until
	for view, panel := range map[string]string{"now": "now-alerts", "alerts": "alerts"} {
		text := said("view="+view+"&range=7d", panel)
		for _, want := range []string{"All quiet: no alert up to " + at(until), "Checked for alerts until " + at(until), "Checked for alerts from " + at(since)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q: %s", view, want, text)
			}
		}
		// A time that was never evaluated is not called quiet.
		text = said(fmt.Sprintf("view=%s&from=%s&to=%s", view, until.Add(2*time.Hour).UTC().Format(time.RFC3339), until.Add(6*time.Hour).UTC().Format(time.RFC3339)), panel)
		if strings.Contains(text, "quiet") || !strings.Contains(text, "Checked for alerts until "+at(until)) {
			t.Errorf("%s of a time that was not looked at says %s", view, text)
		}
	}
	l := alert.Log{Conn: w.Store.Conn(), Database: w.Database}
	end := since.Add(48 * time.Hour)
	if err := l.NoteEvaluated(t.Context(), alert.Coverage{From: since, Until: end}); err != nil {
		t.Fatal(err)
	}
	text := ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Second) { // answers are kept for a few seconds
		if text = said("view=now&range=24h", "now-alerts"); strings.Contains(text, "All quiet: no alert up to ") && !strings.Contains(text, "looked for") {
			return
		}
	}
	t.Errorf("when all was looked at it says %s", text)
}

// addressed opens an address in another browser.
func (s *site) addressed(t *testing.T) {
	tab := s.open(t, "view=places&range=7d")
	browsertest.Eval[bool](tab, `[...document.querySelectorAll("#places thead button")].find(b => b.innerText.startsWith("Responses")).click(), true`)
	tab.Until("it is sorted", drawn+` && document.querySelector("#places th[aria-sort=descending]")?.innerText.startsWith("Responses")`)
	browsertest.Eval[bool](tab, `document.querySelector("#places tbody a").click(), true`)
	tab.Until("a store is seen", drawn+` && document.querySelector("#place")`)
	browsertest.Eval[bool](tab, `document.querySelector("main select").focus(), true`)
	tab.Until("other stores can be chosen", `document.querySelectorAll("main select option").length === 13`)
	browsertest.Eval[bool](tab, `{ const s = document.querySelector("main select"); s.value = "all"; s.dispatchEvent(new Event("change")); true }`)
	tab.Until("it is compared", drawn+` && location.search.includes("compare=all")`)
	address, text := browsertest.Eval[string](tab, "location.href"), browsertest.Eval[string](tab, `document.querySelector("#place .body").innerText`)
	other := s.browser.Open(t, address, 1440, 900)
	t.Cleanup(other.Close)
	other.Until("all panels are drawn", drawn)
	if got := browsertest.Eval[string](other, `document.querySelector("#place .body").innerText`); got != text || !strings.Contains(got, "Whole company") {
		t.Errorf("one sees %q, the other %q at %s", text, got, address)
	}
	tab.Do(chromedp.NavigateBack(), chromedp.NavigateBack())
	tab.Until("the list is back", drawn+` && document.querySelector("#places th[aria-sort=descending]")?.innerText.startsWith("Responses")`)
	picked := s.open(t, "view=now&from="+s.company.Alert.Start.Format("2006-01-02T15:04:05Z")+"&to="+s.company.Alert.Seen.Format("2006-01-02T15:04:05Z"))
	if got := number(t, tiles(t, picked, "#now-figures")["Satisfaction index"]); got >= number(t, tiles(t, s.open(t, "range=7d"), "#now-figures")["Satisfaction index"]) {
		t.Errorf("during the collapse the index is %v", got)
	}
	// Times are those of the company's time zone.
	for shown, want := range map[string]string{"2026-03-28T12:00": "2026-03-28T11:00:00Z", "2026-03-29T12:00": "2026-03-29T10:00:00Z", "2026-03-29T00:30": "2026-03-28T23:30:00Z"} {
		got := browsertest.Eval[[2]string](picked, fmt.Sprintf(`import("/names.js").then(m => { m.names.zone = "Europe/Berlin"; const utc = m.utc(%q); return [utc, m.wall(utc)]; })`, shown))
		if got != [2]string{want, shown} {
			t.Errorf("%s in Berlin is %v, want %s", shown, got, want)
		}
	}
	if href := browsertest.Eval[string](tab, `document.querySelector("#places .panel-tools a").href`); !strings.Contains(href, "format=csv") || !strings.Contains(href, "sort=responses") {
		t.Errorf("CSV comes from %s", href)
	}
}
