package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"csatflow/deploy/trial/browsertest"
)

// led checks that leads over other brands, and what follows mystery visits, are told with their interval, or in words why there is none.
func (s *site) led(t *testing.T) {
	for lang, words := range map[string][]string{"en": {"within chance", "no own answers", "too few", "Too few visits"}, "zh": {"在偶然范围内", "没有相同", "太少", "访问次数太少"}} {
		tab := s.browser.Open(t, fmt.Sprintf("%s/?view=quality&range=7d&lang=%s", s.base, lang), 1440, 900)
		tab.Until("all panels are drawn", drawn)
		browsertest.Eval[bool](tab, `document.querySelector("#benchmark details.figures").open = true`)
		tab.Until("the figures are a table", `document.querySelector("#benchmark tbody tr") !== null`)
		cells := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("#benchmark tbody tr")].flatMap(r => [...r.children].slice(-2).map(c => c.textContent))`)
		interval := regexp.MustCompile(`\(.*\d … .*\d\)`)
		told := 0
		for _, c := range cells {
			switch {
			case interval.MatchString(c):
				told++
			case c != "–" && !strings.Contains(c, words[1]) && c != words[2]:
				t.Errorf("%s: a lead of %q", lang, c)
			}
		}
		if told == 0 || !strings.Contains(strings.Join(cells, "\n"), words[0]) {
			t.Errorf("%s: no lead with an interval, or none within chance, among %q", lang, cells)
		}
		if text := browsertest.Eval[string](tab, `document.querySelector("#mystery .body").textContent`); !strings.Contains(text, words[3]) {
			t.Errorf("%s: mystery visits say %q", lang, text)
		}
		quiet(t, tab)
		tab.Close()
	}
}
