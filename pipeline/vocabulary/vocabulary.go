// Package vocabulary declares the words that an owner adds, by configuration, to the enumerations of events that are open: sources, and the
// categories and steps of complaints. A word counts as one of the release's in all that groups them. Decoder, rows, page, report and
// settlement go by what is declared here. Start at [New]. It knows neither Kafka nor ClickHouse nor the page.
package vocabulary

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
)

// Word is a word as an owner declares it.
type Word struct {
	Name  string          // as in events
	Label dimension.Label // in both languages
	// Like is the word of the release that it counts as: of a category always, of a step too, for which [Nothing] leaves the complaint as it
	// is. A source has none, since no measure groups sources.
	Like string
}

// Nothing is what a step counts as that changes nothing of its complaint.
const Nothing = "none"

// Enumeration is one to which an owner may add.
type Enumeration struct {
	Key   string   // of the configuration
	Scale string   // in the catalogue, and the field of events
	Known []string // the words of the release
	Likes []string // what a word may count as; empty if it counts as none of them
}

// Enumerations returns those to which an owner may add.
func Enumerations() []Enumeration {
	return []Enumeration{
		{Key: event.SourceWords, Scale: "source", Known: event.Sources},
		{Key: event.CategoryWords, Scale: "category", Known: event.Categories, Likes: event.Categories},
		{Key: event.StepWords, Scale: "step", Known: event.Steps, Likes: append(slices.Clone(event.Steps), Nothing)},
	}
}

// Bounds of what an owner may add. Each word of a source is a scope with panes of its own for every minute, and all words stand in every answer of
// the page's names, in labels of metrics and in the reason of each dead letter that has none of them. As many words as these say more than
// people read in one list; what is finer is an attribute (measures.dimensions).
const (
	MostWords = 32 // of one enumeration
	MostName  = 40 // characters
	MostLabel = 60 // characters
)

var names = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// taken are names that answers, metrics or declarations give a meaning of their own.
var taken = []string{Nothing, "all", "other"}

// Set is the words of one configuration, by key. It never changes. nil has none.
type Set struct{ by map[string][]Word }

// New checks the words of each enumeration, by its key. Its error lists everything that is wrong with them, with place and remedy.
func New(words map[string][]Word) (*Set, error) {
	var errs []error
	for _, e := range Enumerations() {
		list := words[e.Key]
		if len(list) > MostWords {
			errs = append(errs, fmt.Errorf("%s: %d words, at most %d: let several count as one (intake.feeds maps them), or keep what is finer as an attribute (measures.dimensions)", e.Key, len(list), MostWords))
			continue
		}
		for i, w := range list {
			if err := w.check(&e, list[:i]); err != nil {
				errs = append(errs, fmt.Errorf("%s[%d]: %w", e.Key, i, err))
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Set{words}, nil
}

func (w *Word) check(e *Enumeration, before []Word) error {
	switch {
	case !names.MatchString(w.Name):
		return fmt.Errorf("name %q: small letters, digits and _, a letter first, at most %d; the intake can map what others send to it (intake.feeds)", w.Name, MostName)
	case slices.Contains(e.Known, w.Name):
		return fmt.Errorf("name %q is known without it: leave it out; there are %s", w.Name, strings.Join(e.Known, ", "))
	case slices.Contains(taken, w.Name):
		return fmt.Errorf("name %q has a meaning of its own: choose another", w.Name)
	case slices.ContainsFunc(before, func(other Word) bool { return other.Name == w.Name }):
		return fmt.Errorf("name %q stands twice: leave one out", w.Name)
	}
	for _, l := range []struct{ language, text string }{{"en", w.Label.En}, {"zh", w.Label.Zh}} {
		if err := label(l.text); err != nil {
			return fmt.Errorf("%s: label.%s %w, like label: {en: Billing, zh: 账单}", w.Name, l.language, err)
		}
	}
	switch {
	case len(e.Likes) == 0 && w.Like != "":
		return fmt.Errorf("%s: like %q: a %s counts as no other, so leave it out", w.Name, w.Like, e.Scale)
	case len(e.Likes) > 0 && w.Like == "":
		return fmt.Errorf("%s: like is missing: which of the known it counts as, one of %s", w.Name, strings.Join(e.Likes, ", "))
	case len(e.Likes) > 0 && !slices.Contains(e.Likes, w.Like):
		return fmt.Errorf("%s: like: %w", w.Name, dimension.Unknown(e.Scale, w.Like, e.Likes))
	}
	return nil
}

func label(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		return errors.New("is missing: what people read in that language")
	case n > MostLabel:
		return fmt.Errorf("has %d characters, at most %d", n, MostLabel)
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("has a control character: leave it out")
	}
	return nil
}

// Of returns the words that the owner has added to an enumeration, by its key; read-only.
func (s *Set) Of(key string) []Word {
	if s == nil {
		return nil
	}
	return s.by[key]
}

// OfScale returns the words that the owner has added to a scale of the catalogue, in the order of declaration; read-only.
func (s *Set) OfScale(scale string) []Word {
	for _, e := range Enumerations() {
		if e.Scale == scale {
			return s.Of(e.Key)
		}
	}
	return nil
}

// Label returns the label of a word that the owner has added to a scale; ok is false if they have not.
func (s *Set) Label(scale, name string) (l dimension.Label, ok bool) {
	for _, w := range s.OfScale(scale) {
		if w.Name == name {
			return w.Label, true
		}
	}
	return l, false
}

// Known returns the word of the release that a word counts as, itself if the owner has not added it.
func (s *Set) Known(scale, name string) string {
	for _, w := range s.OfScale(scale) {
		if w.Name == name {
			return w.Like
		}
	}
	return name
}

// Words returns the words for a decoder.
func (s *Set) Words() event.Words {
	words := event.Words{}
	for _, e := range Enumerations() {
		for _, w := range s.Of(e.Key) {
			words[e.Key] = append(words[e.Key], event.Word{Name: w.Name, Like: event.Code(e.Known, w.Like)})
		}
	}
	return words
}
