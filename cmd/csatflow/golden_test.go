package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files of the test anew")

// goldenDir names a directory for everything that is hashed, as text.
const goldenDir = "CSATFLOW_TEST_GOLDEN_DIR"

const goldenMeasures = `measures: {time_zone: Asia/Kolkata, crossings: [[store, source], [region, touchpoint]], promise_by_category: {price: 48h}, rater_weights: {responsiveness: 2, empathy: 0.5}}
alerts: {catch_up: 120h, rules: {false_alerts: 50}}
page: {pseudonym_secret: a secret of the golden files}
log: {format: text}
`

// TestAFixedFeedMakesTheSameRowsAndAnswers sends one simulated feed (all topics, repetitions, late events, bad lines) through Kafka and run
// into ClickHouse, and compares the results with testdata/golden: rows of tables and views, definitions, dead letters, alerts, every
// question of the API, the report, and the configuration. The feed comes in two pieces, so that rows are read back, and alerts are looked
// for both afterwards and live. A second run has fewer partitions, other flushes, and so few panes in memory that they are read back: its
// tables and views must be the same except where partitions show.
//
// Rows are the newest of each key; floats have nine digits, as in the audit. What the feed does not determine is left out:
//   - mark and version (except of churn, where it is content): the absorbed offset of a row depends on flushes;
//   - partition and offset, which depend on the number of partitions; offsets also on the random partitions of bad lines without a key. The
//     partition of panes is compared, but not in the second run, and of positions the number of messages that were read from a topic;
//   - appended_at: the time of the Kafka message;
//   - applied_at, noted_at, checked_at, and version of csi and improvements: when it was done;
//   - intervals of csi, also in the report: the bootstrap draws from answers in the order of their offsets, which answers of several
//     partitions share;
//   - of the views satisfaction and service_type the panes of minutes, which are many (the tables have them);
//   - of answers as_of and stale: when it was asked; of the report when it was made; of dead letters when and where they are.
//
// The name of the database is replaced.
func TestAFixedFeedMakesTheSameRowsAndAnswers(t *testing.T) {
	if os.Getenv("CSATFLOW_TEST_GOLDEN") == "" && os.Getenv(goldenDir) == "" && !*rewrite {
		t.Skip("make golden runs it")
	}
	g := newGolden(t)
	g.take("config", goldenConfig(t))
	clickhouse := storetest.ClickHouse(t)
	files := goldenFeed(t)
	var first, second []group
	t.Run("runs", func(t *testing.T) {
		t.Run("as usual", func(t *testing.T) {
			t.Parallel()
			p := goldenDeployment(t, clickhouse, 8, "flush: {interval: 1s}\n")
			first = append(goldenService(t, p, files), goldenStored(t, p)...)
		})
		t.Run("with other partitions and flushes", func(t *testing.T) {
			if testing.Short() {
				t.Skip("without -short")
			}
			t.Parallel()
			p := goldenDeployment(t, clickhouse, 3, "flush: {interval: 100ms, rows: 2000}\nmemory: {panes: 1000}\n")
			for _, piece := range files {
				p.load(t, piece)
			}
			second = goldenStored(t, p)
		})
	})
	for _, group := range first {
		g.take(group.name, group.parts)
	}
	for _, group := range second {
		g.again(group)
	}
}

// part is one table, question or the like, with a line for each row.
type part struct {
	name  string
	lines []string
	whole bool // the golden file has the lines, not a hash
	// placed says that it depends on the number of partitions.
	placed bool
}

type group struct {
	name  string
	parts []part
}

func (p *part) text() string { return strings.Join(p.lines, "\n") + "\n" }

// summary is its entry in a golden file.
func (p *part) summary() string {
	if p.whole {
		return p.text()
	}
	sum := sha256.Sum256([]byte(p.text()))
	return fmt.Sprintf("%s %d rows sha256 %s\n", p.name, len(p.lines), hex.EncodeToString(sum[:]))
}

type golden struct {
	t    *testing.T
	dump string
	kept map[string]part // of the first run, by group and name
}

func newGolden(t *testing.T) *golden {
	t.Helper()
	g := &golden{t: t, dump: os.Getenv(goldenDir), kept: map[string]part{}}
	if g.dump == "" {
		g.dump = t.ArtifactDir()
	}
	return g
}

func (g *golden) write(file, text string) {
	g.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

// take compares a group with its golden file, and writes everything to goldenDir.
func (g *golden) take(name string, parts []part) {
	g.t.Helper()
	var now strings.Builder
	for _, p := range parts {
		g.kept[name+"/"+p.name] = p
		g.write(filepath.Join(g.dump, name, p.name+".txt"), p.text())
		now.WriteString(p.summary())
	}
	file := filepath.Join("testdata", "golden", name+".txt")
	if *rewrite {
		g.write(file, now.String())
		return
	}
	before, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		g.t.Errorf("%s is not there: -rewrite writes it", file)
		return
	}
	if err != nil {
		g.t.Fatal(err)
	}
	if string(before) == now.String() {
		return
	}
	was, is := strings.Split(strings.TrimSpace(string(before)), "\n"), strings.Split(strings.TrimSpace(now.String()), "\n")
	gone, come := without(was, is), without(is, was)
	for _, line := range gone {
		if i := slices.IndexFunc(come, func(other string) bool { return sameName(line, other) }); i >= 0 {
			g.t.Errorf("%s: %s\n\tbefore: %s\n\tnow:    %s", file, nameOf(line), line, come[i])
			come = slices.Delete(come, i, i+1)
			continue
		}
		g.t.Errorf("%s has, and now there is not: %s", file, line)
	}
	for _, line := range come {
		g.t.Errorf("%s has not, and now there is: %s", file, line)
	}
	if len(without(was, is))+len(without(is, was)) == 0 {
		g.t.Errorf("%s has the same lines in another order", file)
	}
	g.t.Errorf("to see which rows of %s differ run, here and on the commit before,\n\t%s=/tmp/after go test ./cmd/csatflow -count=1 -run '^%s$' (there /tmp/before)\nand then diff -r /tmp/before/%s /tmp/after/%s. If the difference is meant, -rewrite writes the golden files anew",
		name, goldenDir, g.t.Name(), name, name)
}

// nameOf is the subject of a line of a golden file: a table, a column, a key.
func nameOf(line string) string {
	name, _, _ := strings.Cut(line, " ")
	return name
}

func sameName(a, b string) bool { return nameOf(a) != "" && nameOf(a) == nameOf(b) }

// without returns the lines of a that b lacks.
func without(a, b []string) (list []string) {
	for _, line := range a {
		if !slices.Contains(b, line) {
			list = append(list, line)
		}
	}
	return list
}

// again compares the results of a second run with those of the first.
func (g *golden) again(second group) {
	g.t.Helper()
	for _, p := range second.parts {
		first := g.kept[second.name+"/"+p.name]
		if p.placed || slices.Contains(ofTheService, p.name) || p.text() == first.text() {
			continue
		}
		g.write(filepath.Join(g.dump, "again", second.name, p.name+".txt"), p.text())
		g.t.Errorf("%s/%s depends on partitions or flushes: %d rows, and %d with others; %s", second.name, p.name, len(first.lines), len(p.lines), firstDifference(first.lines, p.lines))
	}
}

// ofTheService are tables and views that only the first run fills: alerts, and what commands write.
var ofTheService = []string{"action_log", "alert_evaluations", "alert_log", "csi_estimates", "improvement_log", "risk_levels",
	"actions", "alert_coverage", "alerts", "csi", "improvements", "risk_over_time"}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("the first that differs is\n\t%.2000s\n\t%.2000s", a[i], b[i])
		}
	}
	return "one has more"
}

// goldenConfig is the configuration of an owner who sets only the servers.
func goldenConfig(t *testing.T) []part {
	t.Helper()
	smallest := file(t, "csatflow.yaml", "kafka: {brokers: [127.0.0.1:9092]}\nclickhouse: {address: [127.0.0.1:9000]}\n")
	return []part{{name: "default", lines: strings.Split(strings.TrimSpace(must(t, "config", "--config", smallest)), "\n"), whole: true}}
}

// The feed begins and ends in busy hours. All promises have been kept or broken long ago.
var (
	goldenStart = time.Date(2026, 2, 27, 12, 0, 0, 0, time.UTC)
	goldenEnd   = goldenStart.Add(144 * time.Hour)
)
