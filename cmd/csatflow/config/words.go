package config

import (
	"fmt"
	"slices"
	"strings"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/vocabulary"
)

// Word is a word that an owner adds to an enumeration of events.
type Word struct {
	Name  string            `koanf:"name"`  // as in events
	Label map[string]string `koanf:"label"` // for people, by language: en, zh
	Like  string            `koanf:"like"`  // the word of the release that it counts as; "" of sources
}

// wordExample is what a list of words looks like.
const wordExample = "{name: billing, label: {en: Billing, zh: 账单}, like: price}"

// checkWords refuses members of a list of words that would have no effect. value is the parsed list.
func checkWords(key string, value any) error {
	list, ok := value.([]any)
	if !ok && value != nil {
		return fmt.Errorf("%s: must be a list, like [%s]", key, wordExample)
	}
	known := []string{"name", "label", "like"}
	for i, item := range list {
		members, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("%s[%d]: must be like %s", key, i, wordExample)
		}
		for member, value := range members {
			if !slices.Contains(known, member) {
				return fmt.Errorf("%s[%d]: %w", key, i, dimension.Unknown("key", member, known))
			}
			if _, is := value.(map[string]any); member == "label" && !is {
				return fmt.Errorf("%s[%d].label: must name both languages, like {en: Billing, zh: 账单}", key, i)
			}
		}
	}
	return nil
}

// Vocabulary returns the words that the owner adds to the enumerations of events.
func (c *Config) Vocabulary() (*vocabulary.Set, error) {
	all := map[string][]vocabulary.Word{}
	for i, list := range [][]Word{c.Measures.Sources, c.Measures.Categories, c.Measures.Steps} {
		key := vocabulary.Enumerations()[i].Key
		for j, w := range list {
			for language := range w.Label {
				if language != "en" && language != "zh" {
					return nil, fmt.Errorf("%s[%d].label: no language %q: one of en, zh", key, j, language)
				}
			}
			all[key] = append(all[key], vocabulary.Word{Name: w.Name, Label: dimension.Label{En: w.Label["en"], Zh: w.Label["zh"]}, Like: w.Like})
		}
	}
	set, err := vocabulary.New(all)
	if err != nil {
		return nil, fmt.Errorf("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return set, nil
}

// Words returns the same for a decoder.
func (c *Config) Words() event.Words {
	set, err := c.Vocabulary()
	if err != nil {
		panic(err) // [Load] has checked them
	}
	return set.Words()
}
