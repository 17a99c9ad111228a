package clickhouse_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"csatflow/pipeline"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// quoted is what may hold any text; begins is how a statement of the migrations begins, at the start of a line.
var (
	quoted = regexp.MustCompile("(?s)'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`|--[^\n]*|/\\*.*?\\*/")
	begins = regexp.MustCompile(`(?m)^(CREATE|ALTER|DROP|RENAME|INSERT|OPTIMIZE|SYSTEM|SET)\b`)
)

func steps(t *testing.T, m *schemas.Model) []schemas.Migration {
	t.Helper()
	tables, err := m.Tables()
	if err != nil {
		t.Fatal(err)
	}
	views, err := m.Views()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(tables, views)
}

func TestEachStatementOfAMigrationIsExactlyOne(t *testing.T) {
	s := opened(t)
	model := clickhouse.Model("csat", pipeline.DefaultSettings(), 400, schemas.DefaultRaterWeights, clickhouse.DefaultCompany())
	plain := steps(t, model)
	n := 0
	for _, step := range plain {
		for i, q := range step.Statements {
			n++
			bare := quoted.ReplaceAllString(q, "''")
			if strings.Contains(bare, ";") || len(begins.FindAllString(bare, -1)) != 1 {
				t.Errorf("%s, statement %d is not exactly one:\n%s", step.Name, i+1, q)
			}
			if err := s.Conn().Exec(t.Context(), "EXPLAIN AST "+q); err != nil { // a server parses it as one
				t.Errorf("%s, statement %d: %v", step.Name, i+1, err)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d statements", n)
	}
	// What the owner of the company calls things changes nothing in that.
	model.Standards = slices.Clone(model.Standards)
	for i := range model.Standards {
		model.Standards[i].English, model.Standards[i].Chinese, model.Standards[i].Owner = "it's;\nCREATE", "-- 一;\n", "/* `;\n\\"
	}
	for i, step := range steps(t, model) {
		if len(step.Statements) != len(plain[i].Statements) {
			t.Errorf("%s has %d statements with awkward names, %d without", step.Name, len(step.Statements), len(plain[i].Statements))
		}
	}
}
