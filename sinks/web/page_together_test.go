package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/browsertest"
)

// respond writes a response of the alert's store.
func (s *site) respond(t *testing.T, id string) {
	t.Helper()
	s.company.Respond(t, fmt.Sprintf(`{"event_id":"page-%s","occurred_at":%q,"customer_id":"late-customer","grade":1,"store_id":%q}`, id, s.company.Alert.Start.Format(time.RFC3339), s.company.Alert.ID))
}

// agreed watches pages while events come: whatever is seen, all panels of a view are as of one version, and the total of responses is the sum of
// the steps of the curve.
func (s *site) agreed(t *testing.T) {
	pages := map[string]*browsertest.Tab{"now": s.open(t, "range=7d"), "store": s.open(t, "view=places&range=7d&kind=store&id="+s.company.Alert.ID)}
	const watch = `(() => {
		window.versions = []; window.apart = [];
		const look = () => {
			const panels = [...document.querySelectorAll("main .panel[data-version]")];
			const seen = [...new Set(panels.map(p => p.dataset.version))];
			if (seen.length > 1) window.apart.push(seen.join(" "));
			if (seen[0] !== window.versions.at(-1)) window.versions.push(seen[0]);
		};
		new MutationObserver(look).observe(document.querySelector("main"), { childList: true, subtree: true, attributes: true, characterData: true });
		return true;
	})()`
	for _, tab := range pages {
		tab.Until("it is live", `document.querySelector("#status.live")`)
		browsertest.Eval[bool](tab, `document.querySelectorAll(".figures").forEach(d => d.open = true), true`)
		browsertest.Eval[bool](tab, watch)
	}
	seen := func() bool {
		for _, tab := range pages {
			if browsertest.Eval[int](tab, "window.versions.length") < 3 {
				return false
			}
		}
		return true
	}
	for i := 0; i < 200 && !seen(); i++ { // as many events as a slow machine needs
		s.respond(t, fmt.Sprintf("agreed-%d", i))
		time.Sleep(200 * time.Millisecond)
	}
	if !seen() {
		t.Fatal("a page has not shown three versions while events came")
	}
	for name, tab := range pages {
		// The last of them is that of everything.
		s.upToDate(t, tab)
		if apart := browsertest.Eval[[]string](tab, "window.apart"); len(apart) > 0 {
			t.Errorf("%s: panels were as of different versions: %q", name, apart)
		}
	}
	figures := tiles(t, pages["store"], "#place")
	sum := browsertest.Eval[float64](pages["store"], `[...document.querySelectorAll("#place-trend .figures tbody tr")].reduce((n, r) => n + Number(r.lastElementChild.innerText.replace(",", "")), 0)`)
	if got := number(t, figures["Responses"]); got != sum || sum == 0 {
		t.Errorf("%v responses above, %v in the curve below", got, sum)
	}
}

// upToDate waits until all panels are as of the last event.
func (s *site) upToDate(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	tab.Until("it is as of the last event", fmt.Sprintf(`[...document.querySelectorAll("main .panel")].every(p => parseInt(p.dataset.version) >= %d)`, s.events(t)))
}

// events is how many events the tables have absorbed.
func (s *site) events(t *testing.T) (n uint64) {
	t.Helper()
	if err := s.company.Store.Conn().QueryRow(t.Context(), "SELECT assumeNotNull(progress) FROM "+s.company.Store.Table("freshness")).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// noted is true once the browser has noted that a view was asked for, which it does some time after the last byte.
const noted = `performance.getEntriesByType("resource").some(e => e.name.includes("/api/v1/answers"))`

// still watches what a page asks while nothing changes, and while something does.
func (s *site) still(t *testing.T) {
	const asked = `performance.getEntriesByType("resource").filter(e => e.name.includes("/api/v1/") && !e.name.endsWith("/live")).length`
	time.Sleep(6 * time.Second) // until all that was written before is known
	for _, v := range views {
		tab := s.open(t, "range=7d&view="+v.name)
		tab.Until("it is live", `document.querySelector("#status.live")`)
		most := 1
		if v.name == "pipeline" {
			most = 2 // metrics and dead letters
		}
		before := browsertest.Eval[int](tab, asked)
		if before > most { // an answer of an earlier version was shown first: now it is known
			tab.Close()
			tab = s.open(t, "range=7d&view="+v.name)
			tab.Until("it is live", `document.querySelector("#status.live")`)
			before = browsertest.Eval[int](tab, asked)
		}
		if before > most {
			t.Errorf("%s asks %d times: %s", v.name, before, browsertest.Eval[string](tab, `performance.getEntriesByType("resource").map(e => e.name).join("\n")`))
		}
		tab.Close()
	}
	tab := s.open(t, "range=7d")
	s.upToDate(t, tab)
	tab.Until("the browser has noted the answers", noted)
	before := browsertest.Eval[int](tab, asked)
	time.Sleep(6 * time.Second) // a beat of the stream and more
	if after := browsertest.Eval[int](tab, asked); after != before {
		t.Errorf("it asks %d times while nothing changes", after-before)
	}
	s.respond(t, "still")
	tab.Until("it asks when something has changed", fmt.Sprintf(asked+" > %d", before))
}

// roomy checks that a chart that measures its room has been given it: the path model is 420 pixels high where it is wide, and 560 where it is narrow.
func (s *site) roomy(t *testing.T) {
	for width, height := range map[int64]int{1440: 420, 390: 560} {
		tab := s.browser.Open(t, s.base+"/?lang=en&view=index", width, 900)
		tab.Until("all panels are drawn", drawn)
		if got := browsertest.Eval[int](tab, `document.querySelector("#csi-model .chart").clientHeight`); got != height {
			t.Errorf("at %d the path model is %d high, want %d", width, got, height)
		}
		tab.Close()
	}
}

// standingHeights are the heights of the header before the page knows how it stands, and after.
const standingHeights = `(() => {
	const header = document.querySelector("header"), status = document.querySelector("#status"), said = status.textContent;
	const height = (text, kind) => { status.textContent = text; status.className = "status " + kind; return header.offsetHeight; };
	const heights = [height("", ""), height(said, "%s")];
	height(said, "live");
	return heights;
})()`

// light checks what makes a page quick, whatever the machine: few and small files, nothing that blocks, nothing that jumps, and
// no code that nobody runs.
func (s *site) light(t *testing.T) {
	for width, height := range map[int64]int64{390: 844, 1440: 900} {
		tab := s.browser.Open(t, s.base+"/?lang=en", width, height)
		tab.Until("all panels are drawn", drawn)
		tab.Until("it is live", `document.querySelector("#status.live")`)
		type file struct {
			Name           string
			Sent, Whole    float64
			Status, Begins float64
		}
		files := browsertest.Eval[[]file](tab, `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(e => ({ Name: e.name.replace(location.origin, ""), Sent: e.encodedBodySize, Whole: e.decodedBodySize, Status: e.responseStatus, Begins: e.startTime }))`)
		sum := 0.0
		for _, f := range files {
			if !strings.HasSuffix(f.Name, "/live") && !strings.HasPrefix(f.Name, "/assets/echarts") {
				sum += f.Sent
			}
			if f.Whole > 2000 && f.Sent > 0.6*f.Whole {
				t.Errorf("%s comes as %v bytes of %v", f.Name, f.Sent, f.Whole)
			}
		}
		t.Logf("%d wide: %d files, %.0f bytes without the charts: %+v", width, len(files), sum, files)
		if len(files) > 7 {
			t.Errorf("%d files: %+v", len(files), files)
		}
		if sum > 90_000 {
			t.Errorf("%v bytes before the charts: %+v", sum, files)
		}
		if blocking := browsertest.Eval[[]string](tab, `performance.getEntriesByType("resource").filter(e => e.renderBlockingStatus === "blocking").map(e => e.name)`); len(blocking) > 0 {
			t.Errorf("these block the first paint: %q", blocking)
		}
		type shift struct {
			Value float64
			What  string
		}
		total := 0.0
		shifts := browsertest.Eval[[]shift](tab, `new Promise(done => new PerformanceObserver(list => done(list.getEntries().filter(e => !e.hadRecentInput).map(e => ({ Value: e.value, What: e.sources.map(s => s.node?.outerHTML?.slice(0, 80)).join(" | ") })))).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(() => done([]), 500))`)
		for _, s := range shifts {
			total += s.Value
		}
		if total > 0.02 {
			t.Errorf("at %d the page jumps by %.3f: %+v", width, total, shifts)
		}
		for _, standing := range []string{"live", "behind"} {
			if heights := browsertest.Eval[[]int](tab, fmt.Sprintf(standingHeights, standing)); heights[0] != heights[1] {
				t.Errorf("at %d the header grows from %d to %d pixels when the page learns that it is %s", width, heights[0], heights[1], standing)
			}
		}
		quiet(t, tab)
		tab.Close()
	}
	// On a phone no chart of the first view is near what is visible.
	phone := s.browser.Open(t, s.base+"/?lang=en", 390, 844)
	phone.Until("all panels are drawn", strings.TrimPrefix(drawn[:strings.LastIndex(drawn, "&&")], `dispatchEvent(new Event("beforeprint")) && `))
	phone.Until("it is live", `document.querySelector("#status.live")`)
	const library = `performance.getEntriesByType("resource").filter(e => e.name.includes("echarts")).length`
	if n := browsertest.Eval[int](phone, library); n != 0 {
		t.Error("the charts' library is fetched before a chart is near")
	}
	browsertest.Eval[bool](phone, `document.querySelector("#now-trend").scrollIntoView(), true`)
	phone.Until("the chart is drawn when it is seen", `document.querySelector("#now-trend .chart").dataset.drawn && `+library+` === 1`)
	phone.Close()
	plain := s.open(t, "view=pipeline")
	if n := browsertest.Eval[int](plain, library); n != 0 {
		t.Error("a view without charts fetches their library")
	}
}
