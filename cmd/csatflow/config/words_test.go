package config

import (
	"strings"
	"testing"

	"csatflow/pipeline/event"
)

func TestWordsThatMeanNothingAreRefusedWithKeyAndPlace(t *testing.T) {
	for text, words := range map[string][]string{
		"measures: {sources: whatsapp}":                                                            {"measures.sources: must be a list"},
		"measures: {sources: [whatsapp]}":                                                          {"measures.sources[0]: must be like {name: billing"},
		"measures: {sources: [{nam: whatsapp}]}":                                                   {"measures.sources[0]", `no key "nam": did you mean "name"?`},
		"measures: {sources: [{name: fax, label: Fax}]}":                                           {"measures.sources[0].label: must name both languages"},
		"measures: {sources: [{name: fax, label: {en: Fax, de: Fax}}]}":                            {"measures.sources[0].label", `no language "de": one of en, zh`},
		"measures: {categories: [{name: billing, label: {en: Billing}, like: price}]}":             {"measures.categories[0]: billing: label.zh is missing"},
		"measures: {categories: [{name: billing, label: {en: Billing, zh: 账单}, like: costs}]}":     {"measures.categories[0]: billing: like", `no category "costs"`},
		"measures: {steps: [{name: Assigned, label: {en: A, zh: 派}, like: none}, {name: opened}]}": {`measures.steps[0]: name "Assigned"`, `measures.steps[1]: name "opened" is known`},
		"measures: {steps: [{name: assigned, label: {en: Assigned, zh: 已分派}}]}":                    {"measures.steps[0]: assigned: like is missing"},
	} {
		_, err := Load(write(t, text), []string{})
		if err == nil {
			t.Errorf("%s: found good", text)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", text, err, w)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines:\n%v", text, err)
		}
	}
}

func TestWordsOfTheOwnersReachDecoderAndPromises(t *testing.T) {
	const text = "measures: {sources: [{name: whatsapp, label: {en: WhatsApp, zh: WhatsApp}}], categories: [{name: billing, label: {en: Billing, zh: 账单}, like: price}, {name: tax, label: {en: Tax, zh: 税}, like: price}], promise: 24h, promise_by_category: {billing: 1h, price: 2h}}"
	c := load(t, write(t, text))
	set, err := c.Settings(1)
	if err != nil {
		t.Fatal(err)
	}
	if set.Words[event.SourceWords].Of("whatsapp") == nil || set.Words[event.CategoryWords].Of("billing").Like != event.CategoryPrice {
		t.Errorf("%v", set.Words)
	}
	for _, want := range []struct {
		category uint8
		own      string
		hours    int64
	}{{event.CategoryPrice, "billing", 1}, {event.CategoryPrice, "tax", 2}, {event.CategoryPrice, "", 2}, {event.CategoryDelivery, "", 24}, {0, "", 24}} {
		if got := set.PromiseOf(want.category, want.own); got != 3600*want.hours {
			t.Errorf("the promise of %d %q is %d s, want %d hours", want.category, want.own, got, want.hours)
		}
	}
	printed, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again := load(t, write(t, string(printed)))
	if len(again.Measures.Categories) != 2 || again.Measures.Categories[0].Label["zh"] != "账单" || again.Measures.Sources[0].Name != "whatsapp" {
		t.Errorf("printed and read again they are %+v", again.Measures)
	}
}
