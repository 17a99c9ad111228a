package web_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"csatflow/deploy/trial/browsertest"
)

// said is what a reader sees or hears of a page: texts, tips, labels and hints, each once.
const said = `[...new Set([...document.querySelectorAll("body *")].filter(e => !e.closest("script, style, code, pre, option[lang], [lang=en]")).flatMap(e => [
	...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data), e.title, e.placeholder, e.getAttribute("aria-label") ?? "", e.getAttribute("data-label") ?? ""]).map(s => (s ?? "").trim()).filter(Boolean))]`

var (
	latin = regexp.MustCompile(`[A-Za-z]+(?:[-_'./][A-Za-z0-9]+)*`)
	// named are ids, topics, addresses, commands, and times as senders write them: the same in all languages.
	named = regexp.MustCompile(`#[\w~-]+|no"rth\\|/[a-z][a-z0-9/_]*|north|south|east|west|checkout|purchase|delivery|return|call|(?:complaint|store|till|region|brand|c|e|k|t)-[0-9a-z-]+|csat\.[a-z]+(/\d+)*|csatflow[ a-z-]*(--[a-z]+ ?[^ ]*\s*)*|\d{4}-\d\d-\d\d[T0-9:.+Z]*|[A-Z]{3}\b|[A-Za-z]+/[A-Za-z_]+`)
	// proper are names of things, units and words that Chinese writes in Latin letters.
	proper = strings.Fields("csatflow RA TER murmur kafka.partitioner page.customers ids RATER SQL CSV JSON UTC EUR PDF Kafka ClickHouse CSI PLS Sigma sigma dpmo n p R² R s m h min English Esc Ctrl SERVQUAL")
)

// half is punctuation as English has it, after or before a Chinese character.
var half = regexp.MustCompile(`\p{Han}[:,;!?](?:\s|$)|[:,;!?] ?\p{Han}`)

// foreign lists the Latin words of a Chinese page that are none of these, and the punctuation of English.
func foreign(tab *browsertest.Tab, own ...string) (list []string) {
	for _, text := range browsertest.Eval[[]string](tab, said) {
		if sign := half.FindString(text); sign != "" {
			list = append(list, fmt.Sprintf("half-width %q (%.120s)", sign, text))
		}
		for _, word := range latin.FindAllString(named.ReplaceAllString(text, " "), -1) {
			if len(word) > 1 && !slices.Contains(proper, word) && !slices.Contains(own, word) {
				list = append(list, fmt.Sprintf("%s (%.120s)", word, text))
			}
		}
	}
	return list
}

// chinese reads every view in Chinese, with what opens in it.
func (s *site) chinese(t *testing.T) {
	pages := []string{"view=places&kind=store&id=" + s.company.Alert.ID, "view=why&kind=store&id=" + s.company.Alert.ID, "alert=" + s.company.Alert.Key(), "view=places&of=employee", "view=places&of=source"}
	for _, action := range []string{"call_back", "apologise"} {
		var id string
		if err := s.company.Store.Conn().QueryRow(t.Context(), "SELECT max(customer_id) FROM "+s.company.Store.Table("actions")+" WHERE action = ?", action).Scan(&id); err != nil || id == "" {
			t.Fatalf("%s for %q: %v", action, id, err)
		}
		pages = append(pages, "view=customers&customer="+s.company.Options.Pseudonyms.Of(id))
	}
	for _, v := range views {
		pages = append(pages, "view="+v.name)
	}
	for _, query := range pages {
		tab := s.browser.Open(t, s.base+"/?lang=zh&range=7d&"+query, 1440, 900)
		tab.Until("all panels are drawn", drawn)
		for _, word := range foreign(tab, strings.Fields("Two more at the tills test")...) {
			t.Errorf("%s: %s", query, word)
		}
		tab.Close()
	}
}
