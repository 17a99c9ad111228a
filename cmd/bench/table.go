package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// row is a line of a table.
type row struct {
	name string
	runs
}

// column is one figure, or its ratio to that of another row.
type column struct {
	name   string
	digits int
	value  func(*figures) float64
	// against is the row by whose medians to divide; nil for plain figures.
	against *row
}

// table returns a table in Markdown: medians, with the least and the most of several runs.
func table(first string, rows []row, columns []column) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |", first)
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", c.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(columns)) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |", r.name)
		for _, c := range columns {
			fmt.Fprintf(&b, " %s |", c.cell(r.runs))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (c *column) cell(r runs) string {
	median := r.median(c.value)
	if c.against != nil {
		return number(median/c.against.median(c.value), c.digits)
	}
	least, most := number(r.quantile(0, c.value), c.digits), number(r.quantile(1, c.value), c.digits)
	if least == most {
		return number(median, c.digits)
	}
	return fmt.Sprintf("%s (%s–%s)", number(median, c.digits), least, most)
}

// number writes a figure with commas between thousands; a dash if nothing was measured, or if the difference of two
// runs is too small to mean anything.
func number(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
		return "–"
	}
	whole, fraction, dot := strings.Cut(fmt.Sprintf("%.*f", digits, v), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		return whole + "." + fraction
	}
	return whole
}

var modelName = regexp.MustCompile(`model name\s*: (.*)`)

// machine describes the machine, the day and the commit.
func machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := modelName.FindSubmatch(b); m != nil {
			model = string(m[1])
		}
	}
	commit := "unknown"
	if b, err := exec.Command("git", "describe", "--always", "--dirty").Output(); err == nil {
		commit = strings.TrimSpace(string(b))
	}
	return fmt.Sprintf("%d × %s, %s, %s, commit %s.", runtime.NumCPU(), model, runtime.Version(), time.Now().UTC().Format(time.DateOnly), commit)
}

// write writes a file of results and prints it.
func write(path, text string) error {
	fmt.Println(text)
	return save(path, text)
}

func save(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("folder of results: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	return nil
}
