package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

const exportFeed = `intake:
  feeds:
    export:
      to: responses
      fields:
        event_id: msg.id
        occurred_at: zoned(msg.time, "Europe/Berlin", "02.01.2006 15:04")
        terminal_id: msg.device
        grade: stars(msg.stars)
        comment: msg.?text
`

// row is a line of an export.
type row struct {
	ID     int64     `parquet:"id"`
	Time   time.Time `parquet:"time,timestamp(millisecond)"`
	Device string    `parquet:"device"`
	Stars  int32     `parquet:"stars"`
	Text   *string   `parquet:"text,optional"`
}

func TestAnExportIsSentFromEachFormatWithItsRefusedLines(t *testing.T) {
	t.Parallel()
	csv := "id;time;device;stars;text\n1;02.03.2026 11:00;till-1;5;\"nice;\nreally\"\n2;02.03.2026 11:01;till-1;6;\n3;02.03.2026 11:02;till-1;1;\n4;02.03.2026\n"
	json := `[{"id":1,"time":"02.03.2026 11:00","device":"till-1","stars":5,"text":"nice;\nreally"},
	{"id":2,"time":"02.03.2026 11:01","device":"till-1","stars":6},
	{"id":3,"time":"02.03.2026 11:02","device":"till-1","stars":1}]`
	lines := `{"id":1,"time":"02.03.2026 11:00","device":"till-1","stars":5,"text":"nice;\nreally"}
{"id":2,"time":"02.03.2026 11:01","device":"till-1","stars":6}
{"id":3,"time":"02.03.2026 11:02","device":"till-1","stars":1}
{"id":4,
`
	nice := "nice;\nreally"
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	table := filepath.Join(t.TempDir(), "export.parquet")
	if err := parquet.WriteFile(table, []row{{1, at, "till-1", 5, &nice}, {2, at, "till-1", 6, nil}, {3, at.Add(2 * time.Minute), "till-1", 1, nil}}); err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string][]string{
		file(t, "export.csv", csv):     {":4: feed export: grade: 6 is not on the scale", ":6: has 2 columns", "2 lines are refused"},
		file(t, "export.json", json):   {":2: feed export: grade", "1 lines are refused"},
		file(t, "export.jsonl", lines): {":2: feed export: grade", ":4: not JSON", "2 lines are refused"},
		table:                          {":2: feed export: grade", "1 lines are refused"},
	} {
		p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", exportFeed)
		ends(t, exitNo, []string{"send", "--strict", "--config", p.file, "--feed", "export", name}, append(refused[:1:1], "nothing is sent")...)
		if n := p.stored(t); n != 0 {
			t.Errorf("%s: %d events of a file that is refused", name, n)
		}
		ends(t, exitNo, []string{"send", "--config", p.file, "--feed", "export", name}, append(refused, "sent 2 events; mapping export@")...)
		list := messages(t, p.kafka, "csat.responses", 8)
		if len(list) != 2 || string(list[0].Value) != `{"event_id":"1","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-1","grade":7,"comment":"nice;\nreally","grade_from":"stars"}` ||
			!strings.Contains(string(list[1].Value), `"occurred_at":"2026-03-02T10:02:00Z"`) || list[0].Headers[0].Key != "x-csatflow-mapping" {
			t.Errorf("%s: %d events\n%s", name, len(list), list[0].Value)
		}
	}
}

func TestAnExportGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", exportFeed)
	line := func(i int) string { return strconv.Itoa(i) + ",02.03.2026 11:00,till-1,5\n" }
	export := file(t, "export.csv", "id,time,device,stars\n"+line(1)+line(2)+line(3))
	must(t, "send", "--config", p.file, "--feed", "export", "--from-line", "3", export)
	if n := p.stored(t); n != 2 {
		t.Errorf("%d events from line 3 on, which are 2", n)
	}
	state := filepath.Join(t.TempDir(), "state")
	must(t, "send", "--config", p.file, "--feed", "export", "--state", state, export)
	must(t, "send", "--config", p.file, "--feed", "export", "--state", state, export)
	if n := p.stored(t); n != 5 {
		t.Errorf("%d events, want 2 and 3, and none again", n)
	}
	f, err := os.OpenFile(export, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(line(4)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	must(t, "send", "--config", p.file, "--feed", "export", "--state", state, export)
	if n := p.stored(t); n != 6 {
		t.Errorf("%d events after the file has grown by 1", n)
	}
	ends(t, exitUsage, []string{"send", "--config", p.file, "--feed", "export", "--state", state, file(t, "other.csv", "id,time\n")}, "is of another file", "remove it")
	ends(t, exitUsage, []string{"send", "--config", p.file, "--from-line", "3", export}, "--feed")
}
