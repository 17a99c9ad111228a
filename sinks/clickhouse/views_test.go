package clickhouse_test

import (
	"slices"
	"strings"
	"testing"

	"csatflow/pipeline"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// TestViewsAreMadeOnceAndAnewWhenAnythingUnderThemChanges: a process that starts finds the views as they should be.
func TestViewsAreMadeOnceAndAnewWhenAnythingUnderThemChanges(t *testing.T) {
	s := viewed(t)
	ofViews := func(steps []string) (views []string) {
		for _, step := range steps {
			if name, is := strings.CutPrefix(step, "views "); is {
				views = append(views, name)
			}
		}
		return views
	}
	made := func() map[string]string {
		t.Helper()
		byName := map[string]string{}
		for _, line := range texts(t, s, "SELECT concat(name, ' ', toString(uuid)) FROM system.tables WHERE database = ? AND engine = 'View'", s.Database()) {
			name, id, _ := strings.Cut(line, " ")
			byName[name] = id
		}
		return byName
	}
	first := made()
	if len(first) < 50 {
		t.Fatalf("%d views", len(first))
	}
	if again := migrated(t, s, s.Database()); len(again) != 0 {
		t.Errorf("a second start made %q", again)
	}
	if err := s.Conn().Exec(t.Context(), "DROP VIEW "+s.Table("recovery")); err != nil {
		t.Fatal(err)
	}
	if err := s.Conn().Exec(t.Context(), "CREATE OR REPLACE VIEW "+s.Table("gaps")+" AS SELECT 1 AS gap"); err != nil {
		t.Fatal(err)
	}
	if again := ofViews(migrated(t, s, s.Database())); !slices.Equal(again, []string{"20_recovery", "61_gaps"}) {
		t.Errorf("one view was dropped, another replaced, and %q are made anew", again)
	}
	now := made()
	if now["satisfaction"] != first["satisfaction"] || now["recovery"] == "" || len(now) != len(first) {
		t.Errorf("of %d views %d are there; satisfaction was made anew: %t", len(first), len(now), now["satisfaction"] != first["satisfaction"])
	}
	other := clickhouse.Model(s.Database(), pipeline.DefaultSettings(), 400, schemas.DefaultRaterWeights, clickhouse.DefaultCompany())
	other.Zone = "Asia/Shanghai"
	var all []string
	if err := s.Migrate(t.Context(), other, func(step string) { all = append(all, step) }); err != nil {
		t.Fatal(err)
	}
	if len(ofViews(all)) < 15 {
		t.Errorf("in another zone only %q are made anew", all)
	}
}
