package vocabulary

import (
	"fmt"
	"strings"
	"testing"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/schemas/feeds"
)

var both = dimension.Label{En: "Billing", Zh: "账单"}

func TestWordsThatCannotBeAddedAreRefusedWithPlaceAndRemedy(t *testing.T) {
	many := make([]Word, MostWords+1)
	for i := range many {
		many[i] = Word{Name: fmt.Sprint("w", i), Label: both}
	}
	for says, c := range map[string]struct {
		key  string
		list []Word
	}{
		`measures.sources[0]: name "WhatsApp": small letters, digits and _`:                  {event.SourceWords, []Word{{Name: "WhatsApp", Label: both}}},
		`measures.sources[0]: name "": small letters`:                                        {event.SourceWords, []Word{{Label: both}}},
		`measures.sources[0]: name "` + strings.Repeat("a", 41) + `": small letters`:         {event.SourceWords, []Word{{Name: strings.Repeat("a", 41), Label: both}}},
		`measures.sources[0]: name "pos" is known without it`:                                {event.SourceWords, []Word{{Name: "pos", Label: both}}},
		`measures.categories[0]: name "other" is known without it`:                           {event.CategoryWords, []Word{{Name: "other", Label: both, Like: "price"}}},
		`measures.sources[0]: name "other" has a meaning of its own`:                         {event.SourceWords, []Word{{Name: "other", Label: both}}},
		`measures.steps[1]: name "noted" stands twice`:                                       {event.StepWords, []Word{{Name: "noted", Label: both, Like: Nothing}, {Name: "noted", Label: both, Like: Nothing}}},
		`measures.categories[0]: billing: label.zh is missing`:                               {event.CategoryWords, []Word{{Name: "billing", Label: dimension.Label{En: "Billing"}, Like: "price"}}},
		`measures.categories[0]: billing: label.en is missing`:                               {event.CategoryWords, []Word{{Name: "billing", Label: dimension.Label{En: " ", Zh: "账单"}, Like: "price"}}},
		`measures.sources[0]: fax: label.en has 61 characters, at most 60`:                   {event.SourceWords, []Word{{Name: "fax", Label: dimension.Label{En: strings.Repeat("é", 61), Zh: "传真"}}}},
		`measures.sources[0]: fax: label.zh has a control character`:                         {event.SourceWords, []Word{{Name: "fax", Label: dimension.Label{En: "Fax", Zh: "传\n真"}}}},
		`measures.sources[0]: fax: like "call": a source counts as no other, so leave it`:    {event.SourceWords, []Word{{Name: "fax", Label: both, Like: "call"}}},
		`measures.categories[0]: billing: like is missing: which of the known`:               {event.CategoryWords, []Word{{Name: "billing", Label: both}}},
		`measures.categories[0]: billing: like: no category "prices": did you mean "price"?`: {event.CategoryWords, []Word{{Name: "billing", Label: both, Like: "prices"}}},
		`measures.categories[0]: billing: like: no category "none"`:                          {event.CategoryWords, []Word{{Name: "billing", Label: both, Like: Nothing}}},
		`measures.steps[0]: escalated: like: no step "handoff": did you mean "handed_off"`:   {event.StepWords, []Word{{Name: "escalated", Label: both, Like: "handoff"}}},
		`measures.sources: 33 words, at most 32`:                                             {event.SourceWords, many},
	} {
		if _, err := New(map[string][]Word{c.key: c.list}); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if _, err := New(map[string][]Word{event.SourceWords: many[:MostWords]}); err != nil {
		t.Errorf("as many words as fit: %v", err)
	}
	_, err := New(map[string][]Word{event.SourceWords: {{Name: "A"}, {Name: "B"}}, event.StepWords: {{Name: "C"}}})
	if n := strings.Count(fmt.Sprint(err), "small letters"); n != 3 {
		t.Errorf("of three faults %d are said: %v", n, err)
	}
}

func TestAWordCountsAsTheKnownOneThatItIsLike(t *testing.T) {
	s, err := New(map[string][]Word{event.SourceWords: {{Name: "fax", Label: dimension.Label{En: "Fax", Zh: "传真"}}}, event.CategoryWords: {{Name: "billing", Label: both, Like: "price"}},
		event.StepWords: {{Name: "noted", Label: both, Like: Nothing}, {Name: "assigned", Label: both, Like: "handed_off"}}})
	if err != nil {
		t.Fatal(err)
	}
	words := s.Words()
	for _, c := range []struct {
		key, name string
		like      uint8
	}{{event.SourceWords, "fax", 0}, {event.CategoryWords, "billing", event.CategoryPrice}, {event.StepWords, "noted", 0}, {event.StepWords, "assigned", event.StepHandedOff}} {
		if w := words[c.key].Of(c.name); w == nil || w.Like != c.like {
			t.Errorf("%s: %v, want %d", c.name, w, c.like)
		}
	}
	if l, ok := s.Label("category", "billing"); !ok || l != both || s.Known("category", "billing") != "price" || s.Known("category", "safety") != "safety" {
		t.Errorf("%v, %v", l, ok)
	}
	if _, ok := s.Label("category", "fax"); ok {
		t.Error("a source is a category")
	}
	var none *Set
	if len(none.Words()) != 0 || none.Known("category", "price") != "price" {
		t.Error("nobody has added words, and there are some")
	}
}

// TestEveryEnumerationThatIsOpenInTheSchemasIsOpenHere: and no other.
func TestEveryEnumerationThatIsOpenInTheSchemasIsOpenHere(t *testing.T) {
	open := map[string]string{}
	for _, e := range Enumerations() {
		open[e.Scale] = e.Key
	}
	met := 0
	for _, f := range feeds.All {
		for _, field := range f.Fields {
			if field.Kind == feeds.Name && field.Words != open[field.Scale] {
				t.Errorf("%s.%s takes the words of %q, declared are those of %q", f.Name, field.Name, field.Words, open[field.Scale])
			}
			if field.Words != "" {
				met++
			}
		}
	}
	if met != 5 { // sources of three topics, category and step
		t.Errorf("%d fields take words", met)
	}
}
