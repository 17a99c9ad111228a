package output

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsPrintableStaysAndNothingElseDoes(t *testing.T) {
	for text, want := range map[string]string{"plain 门店 é “x”": "plain 门店 é “x”", "a\nb\tc": `a\nb\tc`, "\x1b[1m": `\x1b[1m`, "\xff\xfe": `\xff\xfe`, "\u202e\u200b": `\u202e\u200b`, "\uFFFD": "\uFFFD", `\x1b`: `\x1b`, "": ""} {
		if got := Printable(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := PrintableText("a\n\tb\x1b"); got != "a\n\tb\\x1b" {
		t.Errorf("%q", got)
	}
}

func TestAFileIsInItsPlaceOnlyOnceItIsWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report.md")
	if err := os.WriteFile(name, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []bool{false, true} {
		f, err := Open(nil, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("the new one")); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(name); err != nil || string(b) != "the old one" {
			t.Errorf("while it is written the file is %q, %v", b, err)
		}
		if kept {
			if err := f.Keep(); err != nil {
				t.Fatal(err)
			}
		}
		f.Discard()
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 {
			t.Errorf("there are %v, %v", files, err)
		}
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "the new one" {
		t.Errorf("in the end it is %q, %v", b, err)
	}
	if _, err := Open(nil, filepath.Join(dir, "nowhere", "report.md")); err == nil || !strings.Contains(err.Error(), "--output") {
		t.Errorf("of a folder that is not there: %v", err)
	}
	var out strings.Builder
	f, err := Open(&out, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("text")); err != nil || f.Keep() != nil || out.String() != "text" {
		t.Errorf("without a name it goes to %q, %v", out.String(), err)
	}
}

func TestNothingOfProgressIsWrittenElsewhereThanOnATerminal(t *testing.T) {
	var w strings.Builder
	done, finish := Bar(&w, "events", 10)
	done(5)
	finish()
	steps := Partitions(&w, 3)
	steps.Step()
	steps.Finish()
	if said, end := Records(&w); said != nil {
		t.Error("records are told")
	} else {
		end()
	}
	if w.Len() > 0 || Terminal(&w) {
		t.Errorf("it wrote %q", w.String())
	}
}

func TestADashIsStandardOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	var out strings.Builder
	f, err := Open(&out, "-")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "a report"); err != nil {
		t.Fatal(err)
	}
	if err := f.Keep(); err != nil || out.String() != "a report" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file of that name")
	}
}
