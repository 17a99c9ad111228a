package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

var modelName = regexp.MustCompile(`model name\s*: (.*)`)

// machine says where and when.
func machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := modelName.FindSubmatch(b); m != nil {
			model = string(m[1])
		}
	}
	commit := "unknown"
	if b, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		commit = strings.TrimSpace(string(b))
	}
	return fmt.Sprintf("%d × %s, %s, %s, commit %s. ", runtime.NumCPU(), model, runtime.Version(), time.Now().Format(time.DateOnly), commit)
}

func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| run | events/s | CPU s per million events | of ClickHouse | memory MiB | rows | bytes on disk |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.0f | %.2f | %s | %d | %s | %s |\n", r.name, r.rate(), r.perMillion(r.cpu), orNone(r.perMillion(r.engine), "%.2f"), r.rss>>20, orNone(float64(r.stored), "%.0f"), orNone(float64(r.bytes), "%.0f"))
	}
	return b.String()
}

func orNone(v float64, format string) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// write writes a file of results and prints it.
func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	fmt.Println(text)
	return os.WriteFile(path, []byte(text), 0o644)
}
