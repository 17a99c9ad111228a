package settlement

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"csatflow/pipeline"
	"csatflow/pipeline/vocabulary"
)

// words are what the owner adds to the enumerations of events. Each is a setting of its own, so that words can be added to tables that have
// rows: the setting says what the word counts as, and up to which offsets it did not count.
type words struct {
	effects map[pipeline.OwnWord]string
	reached Reached
	from    map[pipeline.OwnWord]pipeline.Offsets // of those that the database has
}

// Reached returns how far the topics are read, in rows and dead letters: the next offset by topic and partition. Its error is a [DifferError]
// while another process reads them by the words of before.
type Reached func(ctx context.Context) (map[pipeline.Topic][]int64, error)

// AddWords names the words that the owner adds, with what each counts as, in words for people. Call it before anything else.
func (s *Settlement) AddWords(effects map[pipeline.OwnWord]string, reached Reached) {
	s.words = &words{effects, reached, map[pipeline.OwnWord]pipeline.Offsets{}}
}

// Admitted says from where on the owner's words count: those that the database does not have, never.
func (s *Settlement) Admitted() pipeline.Admitted {
	if s.words == nil {
		return nil
	}
	admitted := pipeline.Admitted{}
	for word := range s.words.effects {
		from, kept := s.words.from[word]
		from.Never = !kept
		admitted[word] = from
	}
	return admitted
}

// keptWord is the value of a word's setting.
type keptWord struct {
	Effect string             `json:"effect"`
	From   map[string][]int64 `json:"from,omitempty"` // by topic and partition; without it from the start
}

func settingOf(w pipeline.OwnWord) string { return w.Key + "." + w.Name }

// wordOf returns the word that a setting is of; is is false if it is of none.
func wordOf(setting string) (w pipeline.OwnWord, is bool) {
	for _, e := range vocabulary.Enumerations() {
		if name, found := strings.CutPrefix(setting, e.Key+"."); found {
			return pipeline.OwnWord{Key: e.Key, Name: name}, true
		}
	}
	return w, false
}

func (w *words) fingerprint(h io.Writer) {
	if w == nil {
		return
	}
	for _, name := range slices.SortedFunc(maps.Keys(w.effects), byName) {
		_, _ = fmt.Fprintf(h, "%q %q\n", settingOf(name), w.effects[name]) // a hash never fails
	}
}

func byName(a, b pipeline.OwnWord) int { return strings.Compare(settingOf(a), settingOf(b)) }

// against compares with the words of the database, takes over from where on they count, and tells what differs.
func (w *words) against(settings map[string]string) (differ []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		word, is := wordOf(name)
		if !is {
			continue
		}
		var k keptWord
		if err := json.Unmarshal([]byte(settings[name]), &k); err != nil {
			return nil, fmt.Errorf("the setting %s of the tables: %w", name, err)
		}
		effect, own := "", false
		if w != nil {
			effect, own = w.effects[word]
		}
		switch {
		case !own:
			differ = append(differ, fmt.Sprintf("  %s has no %q, and the rows were made with it (%s): a word that is no longer sent does no harm, so leave it in", word.Key, word.Name, k.Effect))
			continue
		case effect != k.Effect:
			differ = append(differ, fmt.Sprintf("  %s: %s is %q, and the rows were made with %q: add another word for the other meaning", word.Key, word.Name, effect, k.Effect))
			continue
		}
		from := pipeline.Offsets{From: map[pipeline.Topic][]int64{}}
		for topic, offsets := range k.From {
			t, known := pipeline.TopicOf(topic)
			if !known {
				return nil, fmt.Errorf("the setting %s of the tables names a topic %q, which this release does not know", name, topic)
			}
			from.From[t] = offsets
		}
		w.from[word] = from
	}
	return differ, nil
}

// missing adds the settings of words that the database lacks. With rows of before, they count from what is unread on.
func (w *words) missing(ctx context.Context, settings, into map[string]string, fresh bool) error {
	if w == nil {
		return nil
	}
	var reached map[string][]int64
	for word, effect := range w.effects {
		if _, has := settings[settingOf(word)]; has {
			continue
		}
		if reached == nil && !fresh {
			offsets, err := w.reached(ctx)
			if err != nil {
				return err
			}
			reached = map[string][]int64{}
			for topic, list := range offsets {
				reached[topic.String()] = list
			}
		}
		value, err := json.Marshal(keptWord{effect, reached})
		if err != nil {
			return err
		}
		into[settingOf(word)] = string(value)
	}
	return nil
}
