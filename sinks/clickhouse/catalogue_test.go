package clickhouse_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"csatflow/schemas"
	"csatflow/schemas/catalogue"
	"csatflow/sinks/clickhouse"
)

// innerViews are those that only other views read.
var innerViews = []string{"gap_evidence"}

// The catalogue describes every view and all of its columns, and no others.
func TestTheCatalogueDescribesTheColumnsOfTheViews(t *testing.T) {
	s := viewed(t)
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	there := texts(t, s, "SELECT name FROM system.tables WHERE database = ? AND engine = 'View'", s.Database())
	for _, view := range there {
		if _, err := c.View(view); err != nil && !slices.Contains(innerViews, view) {
			t.Errorf("the database has a view that the catalogue lacks: %v", err)
		}
	}
	for _, v := range c.Views() {
		t.Run(v.ID, func(t *testing.T) {
			call := schemas.QuoteName(s.Database()) + "." + v.ID
			if v.Parameters != "" {
				call += "(" + v.Parameters + ")"
			}
			want, got := columnsOf(t, s, call), c.ColumnsOf(v.ID)
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("columns of the view (-) and of the catalogue (+):\n%s", diff)
			}
			for _, column := range want {
				for _, l := range []catalogue.Language{catalogue.English, catalogue.Chinese} {
					if _, err := c.Heading(v.ID, column, l); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// columnsOf asks with a query, since a view with parameters has no columns in the system tables.
func columnsOf(t *testing.T, s *clickhouse.Store, call string) []string {
	t.Helper()
	rows, err := s.Conn().Query(t.Context(), "SELECT * FROM "+call+" LIMIT 0")
	if err != nil {
		t.Fatalf("%s: %v", call, err)
	}
	defer func() { _ = rows.Close() }()
	columns := rows.Columns()
	for rows.Next() {
		t.Errorf("%s: a row of none", call)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", call, err)
	}
	return slices.Clone(columns)
}

func texts(t *testing.T, s *clickhouse.Store, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := s.Conn().Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return list
}
