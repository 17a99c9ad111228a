package settlement

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
)

var (
	whatsapp = pipeline.OwnWord{Key: event.SourceWords, Name: "whatsapp"}
	billing  = pipeline.OwnWord{Key: event.CategoryWords, Name: "billing"}
)

func withWords(d *tables, effects map[pipeline.OwnWord]string, reached Reached) *Settlement {
	s := New("csat", d, map[string]string{zone: "UTC", PartitionerKey: "murmur2"})
	s.AddWords(effects, reached)
	return s
}

// read is topics of which so much is read.
func read(context.Context) (map[pipeline.Topic][]int64, error) {
	return map[pipeline.Topic][]int64{pipeline.Responses: {17, 4}, pipeline.Complaints: {0, 9}}, nil
}

func TestAWordCountsFromTheStartInNewTablesAndLaterFromWhatIsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &tables{kept: map[string]string{}}
		fresh := withWords(d, map[pipeline.OwnWord]string{whatsapp: "a source of its own"}, func(context.Context) (map[pipeline.Topic][]int64, error) {
			t.Error("new tables are asked how far they are")
			return nil, nil
		})
		if _, err := fresh.Settle(t.Context(), nil, silent); err != nil {
			t.Fatal(err)
		}
		if from := fresh.Admitted()[whatsapp]; from.Of(pipeline.Responses, 0) != 0 {
			t.Errorf("it counts from %v", from)
		}
		later := withWords(d, map[pipeline.OwnWord]string{whatsapp: "a source of its own", billing: "like price"}, read)
		if err := later.Compare(t.Context()); err != nil {
			t.Fatal(err)
		}
		if from := later.Admitted(); from[billing].Of(pipeline.Complaints, 0) != math.MaxInt64 || from[whatsapp].Of(pipeline.Responses, 0) != 0 {
			t.Errorf("before the tables know it, a word counts: %v", from)
		}
		for range 2 { // a second time, as after a restart, with other offsets
			if _, err := later.Settle(t.Context(), nil, silent); err != nil {
				t.Fatal(err)
			}
			from := later.Admitted()
			if b := from[billing]; b.Of(pipeline.Responses, 0) != 17 || b.Of(pipeline.Complaints, 1) != 9 || b.Of(pipeline.Complaints, 0) != 0 || b.Of(pipeline.Complaints, 5) != 0 || from[whatsapp].Of(pipeline.Responses, 0) != 0 {
				t.Errorf("they count from %v", from)
			}
			later = withWords(d, map[pipeline.OwnWord]string{whatsapp: "a source of its own", billing: "like price"}, func(context.Context) (map[pipeline.Topic][]int64, error) {
				t.Error("words that are kept are asked for again")
				return nil, nil
			})
		}
	})
}

func TestTablesWithRowsAndNoSettingsTakeWordsFromWhatIsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := withWords(&tables{kept: map[string]string{}, rows: 8}, map[pipeline.OwnWord]string{whatsapp: "a source of its own"}, read)
		if _, err := s.Settle(t.Context(), nil, silent); err != nil {
			t.Fatal(err)
		}
		if from := s.Admitted()[whatsapp]; from.Of(pipeline.Responses, 1) != 4 {
			t.Errorf("it counts from %v", from)
		}
	})
}

func TestWordsThatRowsHaveCanNeitherGoNorChange(t *testing.T) {
	settled := map[string]string{zone: "UTC", PartitionerKey: "murmur2", settingOf(billing): `{"effect":"like price"}`}
	for what, c := range map[string]struct {
		effects map[pipeline.OwnWord]string
		says    []string
	}{
		"without it":      {map[pipeline.OwnWord]string{}, []string{`measures.categories has no "billing"`, "like price", "leave it in", "clickhouse.database"}},
		"another effect":  {map[pipeline.OwnWord]string{billing: "like coldness"}, []string{`billing is "like coldness", and the rows were made with "like price"`, "add another word"}},
		"an older config": {nil, []string{`measures.categories has no "billing"`}},
	} {
		s := New("csat", &tables{kept: maps.Clone(settled)}, map[string]string{zone: "UTC", PartitionerKey: "murmur2"})
		if c.effects != nil {
			s.AddWords(c.effects, read)
		}
		_, err := s.Settle(t.Context(), nil, silent)
		var differ *DifferError
		if !errors.As(err, &differ) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, w := range c.says {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not said: %v", what, w, err)
			}
		}
	}
}

func TestWhileOthersReadByTheWordsOfBeforeNoneIsAdded(t *testing.T) {
	d := &tables{kept: map[string]string{zone: "UTC", PartitionerKey: "murmur2"}, rows: 8}
	s := withWords(d, map[pipeline.OwnWord]string{billing: "like price"}, func(context.Context) (map[pipeline.Topic][]int64, error) {
		return nil, &DifferError{"two processes are still there"}
	})
	var differ *DifferError
	if _, err := s.Settle(t.Context(), nil, slog.New(slog.DiscardHandler)); !errors.As(err, &differ) || d.notes != 0 {
		t.Errorf("%v after %d notes", err, d.notes)
	}
}

func TestWordsAreInTheFingerprintOfTheSettings(t *testing.T) {
	of := func(effects map[pipeline.OwnWord]string) uint64 { return withWords(nil, effects, nil).Fingerprint() }
	plain := New("csat", nil, map[string]string{zone: "UTC", PartitionerKey: "murmur2"}).Fingerprint()
	if of(nil) != plain || of(map[pipeline.OwnWord]string{billing: "like price"}) == plain || of(map[pipeline.OwnWord]string{billing: "like price"}) == of(map[pipeline.OwnWord]string{billing: "like other"}) {
		t.Error("other words have the same fingerprint, or none has another")
	}
}
