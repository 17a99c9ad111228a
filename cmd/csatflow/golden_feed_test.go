package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// goldenFeed writes the feed in two pieces; the later one is shorter than the time that alerts catch up with.
func goldenFeed(t *testing.T) (pieces [2][]string) {
	t.Helper()
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "5000", "--seed", "11", "--customers", "300", "--stores", "5", "--employees", "20", "--start", goldenStart.Format(time.RFC3339),
		"--duration", goldenEnd.Sub(goldenStart).String(), "--duplicates", "0.03", "--late", "0.05", "--bad", "0.01", "--falls", "3", "--side-topics")
	cut := goldenEnd.Add(-90 * time.Minute)
	for _, name := range feedFiles(t, dir) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.Collect(bytes.Lines(text))
		at := slices.IndexFunc(lines, func(line []byte) bool {
			var e struct {
				OccurredAt time.Time `json:"occurred_at"`
			}
			return json.Unmarshal(line, &e) == nil && !e.OccurredAt.Before(cut) // a line that is no event may be in either piece
		})
		if at < 0 {
			at = len(lines)
		}
		for i, part := range [][][]byte{lines[:at], lines[at:]} {
			piece := filepath.Join(dir, strconv.Itoa(i), filepath.Base(name))
			if err := os.MkdirAll(filepath.Dir(piece), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(piece, bytes.Join(part, nil), 0o644); err != nil {
				t.Fatal(err)
			}
			pieces[i] = append(pieces[i], piece)
		}
	}
	return pieces
}

// goldenDeployment makes a database and topics.
func goldenDeployment(t *testing.T, clickhouse string, partitions int, more string) *deployment {
	t.Helper()
	p := newDeployment(t, startFakeKafka(t, partitions), clickhouse, goldenMeasures+more).with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	must(t, "migrate", "--config", p.file, "--topics")
	return p
}

// load sends files and applies them.
func (p *deployment) load(t *testing.T, files []string) {
	t.Helper()
	must(t, append([]string{"send", "--config", p.file}, files...)...)
	must(t, "run", "--config", p.file, "--until-end")
}

// goldenService applies the feed, waits for alerts, and returns what page and report say.
func goldenService(t *testing.T, p *deployment, pieces [2][]string) []group {
	t.Helper()
	conn := p.connect(t)
	groups := []group{{"definitions", goldenDefinitions(t, conn, p.database)}}
	for _, files := range pieces {
		p.load(t, files)
		page, stop := p.serve(t)
		var latest time.Time
		query(t, conn, "SELECT assumeNotNull(latest_minute) FROM freshness", &latest)
		until := latest.Add(-time.Minute).Truncate(5 * time.Minute)
		within(t, 3*time.Minute, "alerts have been looked for until "+until.String(), func() bool {
			return metric(t, page, "csatflow_alerts_known_timestamp_seconds") == float64(until.Unix())
		})
		stop()
	}
	goldenCommands(t, p)
	// A new page, with an empty cache: the one of the process that looked for alerts may answer from before.
	page, stop := p.with(t, "alerts: {", "alerts: {enabled: false, ").serve(t)
	defer stop()
	return append(groups, group{"api", goldenAnswers(t, page, p.database)}, group{"report", goldenReports(t, p)})
}

// goldenStored returns rows and dead letters.
func goldenStored(t *testing.T, p *deployment) []group {
	t.Helper()
	conn := p.connect(t)
	return []group{{"tables", goldenTables(t, conn, p.database)}, {"views", goldenViews(t, conn, p.database)}, {"deadletters", goldenLetters(t, p)}}
}

// serve starts run, and returns the address of its page and a function that stops it.
func (p *deployment) serve(t *testing.T) (page string, stop func()) {
	t.Helper()
	running := start(t, "run", "--config", p.file)
	within(t, 30*time.Second, "the page is served", func() bool {
		m := address.FindStringSubmatch(running.said(t))
		if m != nil {
			page = m[1]
		}
		return m != nil
	})
	return page, func() {
		running.stop(t)
	}
}

// goldenCommands fill the tables that run does not write.
func goldenCommands(t *testing.T, p *deployment) {
	t.Helper()
	must(t, "csi", "--config", p.file, "--samples", "20")
	must(t, "improvement", "add", "--config", p.file, "--name", "Two more at the tills", "--scope", "store=store-003", "--planned", "2026-03-01", "--change", "2026-03-02")
	must(t, "improvement", "check", "--config", p.file, "two-more-at-the-tills", "--days", "3")
}

// goldenLetters returns the dead letters: what is wrong with which message.
func goldenLetters(t *testing.T, p *deployment) []part {
	t.Helper()
	var lines []string
	in := bufio.NewScanner(strings.NewReader(must(t, "deadletter", "list", "--config", p.file, "--format", "json")))
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var letter map[string]any
		if err := json.Unmarshal(in.Bytes(), &letter); err != nil {
			t.Fatalf("%q: %v", in.Text(), err)
		}
		for _, key := range []string{"id", "partition", "offset", "at", "letter_partition", "letter_offset"} {
			delete(letter, key)
		}
		b, err := json.Marshal(letter)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return []part{{name: "letters", lines: lines}}
}

// The time of the report, and the intervals of its satisfaction index, are not determined.
var (
	made       = regexp.MustCompile(`( · (made|生成于) )[^<]*`)
	csiSection = regexp.MustCompile(`^(## |<h2>)(6\. |六、)`)
	interval   = regexp.MustCompile(`-?[0-9.]+ – -?[0-9.]+`)
)

// goldenReports returns the report in both formats and languages, and for one store.
func goldenReports(t *testing.T, p *deployment) (parts []part) {
	t.Helper()
	for name, flags := range map[string][]string{
		"markdown-en": nil, "markdown-zh": {"--lang", "zh"}, "html-zh": {"--lang", "zh", "--format", "html"}, "markdown-en-store": {"--scope", "store=store-003"},
	} {
		args := []string{"report", "--config", p.file, "--from", "2026-03-04T06:00:00Z", "--to", "2026-03-05T12:00:00Z"}
		lines := strings.Split(strings.TrimSpace(must(t, append(args, flags...)...)), "\n")
		ofCSI := false
		for i, line := range lines {
			if ofCSI = ofCSI || csiSection.MatchString(line); ofCSI {
				line = interval.ReplaceAllString(line, "low – high")
			}
			lines[i] = made.ReplaceAllString(line, "$1")
		}
		if !ofCSI {
			t.Errorf("report %s has no section about the satisfaction index", name)
		}
		parts = append(parts, part{name: name, lines: lines})
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return parts
}
