package clickhouse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/schemas"
	"csatflow/schemas/tables"
	"csatflow/sinks/clickhouse"
)

// quoted matches what may hold any text; begins matches the begin of a statement of the migrations, at the start of a line.
var (
	quoted = regexp.MustCompile("(?s)'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`|--[^\n]*|/\\*.*?\\*/")
	begins = regexp.MustCompile(`(?m)^(CREATE|ALTER|DROP|RENAME|INSERT|OPTIMIZE|SYSTEM|SET)\b`)
)

func steps(t *testing.T, m *schemas.Model) []schemas.Migration {
	t.Helper()
	var list []schemas.Migration
	for _, table := range tables.All() {
		list = append(list, schemas.Migration{Name: table.Name, Statements: []string{table.Create("csat", 400), table.Add("csat", 1)}})
	}
	views, err := m.Views()
	if err != nil {
		t.Fatal(err)
	}
	return append(list, views...)
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
	// Names that the owner chooses change nothing.
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

// defined lists the tables of a database as ClickHouse has them: columns, codecs, keys, indexes and retention.
func defined(t *testing.T, s *clickhouse.Store, database string) []string {
	t.Helper()
	list := texts(t, s, "SELECT concat(table, '.', toString(position), ' ', name, ' ', type, ' ', default_kind, ' ', default_expression, ' ', compression_codec, ' -- ', comment) FROM system.columns WHERE database = ? AND (database, table) IN (SELECT database, name FROM system.tables WHERE engine LIKE '%MergeTree') ORDER BY table, position", database)
	// The order of the settings depends on when each was made.
	list = append(list, texts(t, s, "SELECT concat(name, ' ', splitByString(' SETTINGS ', engine_full)[1], ' ', arrayStringConcat(arraySort(splitByString(', ', splitByString(' SETTINGS ', engine_full)[2])), ', ')) FROM system.tables WHERE database = ? AND engine LIKE '%MergeTree' ORDER BY name", database)...)
	return append(list, texts(t, s, "SELECT concat(table, ' index ', name, ' ', expr, ' ', type_full, ' ', toString(granularity)) FROM system.data_skipping_indices WHERE database = ? ORDER BY table, name", database)...)
}

// TestTablesOfOlderReleasesBecomeThoseThatAreDeclared: each file of testdata/releases has what a release added; rows stay.
func TestTablesOfOlderReleasesBecomeThoseThatAreDeclared(t *testing.T) {
	fresh, address, _ := storetest.New(t, pipeline.DefaultSettings())
	want := defined(t, fresh, fresh.Database())
	files, err := filepath.Glob("testdata/releases/*.sql")
	if err != nil || len(files) != len(tables.Legacy) {
		t.Fatalf("%d files, %d releases are known (%v)", len(files), len(tables.Legacy), err)
	}
	for n := 1; n <= len(files); n += 3 { // the views take most of the time
		database := fmt.Sprintf("older_%d_%d", n, time.Now().UnixNano())
		exec := func(q string) {
			t.Helper()
			if err := fresh.Conn().Exec(t.Context(), q); err != nil {
				t.Fatalf("%v: %s", err, q)
			}
		}
		exec("CREATE DATABASE " + database)
		exec("CREATE TABLE " + database + ".schema_migrations (name String, applied_at DateTime('UTC') DEFAULT now()) ENGINE = ReplacingMergeTree ORDER BY name")
		for i, name := range files[:n] {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Base(name) != tables.Legacy[i]+".sql" {
				t.Errorf("%s is noted as %s", name, tables.Legacy[i])
			}
			for _, q := range schemas.Statements(strings.NewReplacer("{{db}}", database, "{{.RawDays}}", "400").Replace(string(text))) {
				exec(q)
			}
			exec("INSERT INTO " + database + ".schema_migrations (name) VALUES ('" + tables.Legacy[i] + "')")
		}
		exec("INSERT INTO " + database + ".satisfaction_panes (resolution, scope_kind, partition, counters) VALUES (60, 'all', 3, [1, 2])")
		exec("ALTER TABLE " + database + ".recovery_panes MODIFY SETTING min_free_disk_bytes_to_perform_insert = 5")
		s, err := clickhouse.Open(clickhouse.Config{Address: []string{address}, Database: database})
		if err != nil {
			t.Fatal(err)
		}
		migrated(t, s, database)
		got := defined(t, s, database)
		for i, line := range got { // the owner's own setting stays
			if strings.HasPrefix(line, "recovery_panes ") && strings.Contains(line, "insert = 5") {
				got[i] = strings.ReplaceAll(line, "insert = 5", "insert = 268435456")
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("release %d (-declared, +brought up):\n%s", n, diff)
		}
		if rows := texts(t, s, "SELECT toString(counters) FROM "+database+".satisfaction_panes WHERE partition = ?", 3); !slices.Equal(rows, []string{"[1,2]"}) {
			t.Errorf("release %d: the row is %q", n, rows)
		}
		if again := migrated(t, s, database); slices.ContainsFunc(again, func(step string) bool { return strings.HasPrefix(step, "tables") }) {
			t.Errorf("release %d: a second Migrate makes %q", n, again)
		}
		_ = s.Close()
	}
}

// TestTheDeclarationsAreWhatTheEngineHas: every column with its type, default and comment, and nothing else.
func TestTheDeclarationsAreWhatTheEngineHas(t *testing.T) {
	s := opened(t)
	var want []string
	for _, table := range tables.All() {
		for _, c := range table.Columns {
			want = append(want, fmt.Sprintf("%s.%s %s %s %s -- %s", table.Name, c.Name, c.Type, c.Default, strings.Trim(c.Codec, " "), c.Comment))
		}
	}
	slices.Sort(want)
	got := texts(t, s, "SELECT concat(table, '.', name, ' ', type, ' ', default_expression, ' ', compression_codec, ' -- ', comment) FROM system.columns WHERE database = ? AND table != 'schema_migrations' AND (database, table) IN (SELECT database, name FROM system.tables WHERE engine != 'View')", s.Database())
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-declared, +engine):\n%s", diff)
	}
	for _, table := range tables.All() {
		for _, name := range slices.Concat(table.Key, table.Customer) {
			if table.Column(name) == nil {
				t.Errorf("%s has no column %s", table.Name, name)
			}
		}
		key := texts(t, s, "SELECT sorting_key FROM system.tables WHERE database = ? AND name = '"+table.Name+"'", s.Database())
		if !slices.Equal(key, []string{strings.Join(table.Key, ", ")}) {
			t.Errorf("%s is sorted by %q, declared is %q", table.Name, key, table.Key)
		}
	}
}
