package libchdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const progressEvery = time.Second

// pack downloads the pinned package with the user's npm, by its settings of registry and proxy, and returns the tarball.
func pack(ctx context.Context, dir string, progress io.Writer) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("fetching ClickHouse's library: install Node.js or pass --libchdb FILE: %w", err)
	}
	report(progress, "fetching ClickHouse's library (%s@%s, %d MB) with npm, once", Package, Version, tarballBytes/1_000_000)
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", Package+"@"+Version) //nolint:gosec // npm of the user's own path, fixed arguments
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("fetching ClickHouse's library with %s: %w", npm, err)
	}
	done := make(chan struct{})
	reported := make(chan struct{})
	go func() {
		defer close(reported)
		follow(dir, progress, done)
	}()
	err = cmd.Wait()
	close(done)
	<-reported
	if err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("fetching ClickHouse's library: %w", ctx.Err())
		}
		return "", fmt.Errorf("fetching ClickHouse's library: npm pack %s@%s: %w\n%s\nCheck npm's registry setting, or pass --libchdb FILE",
			Package, Version, err, strings.TrimSpace(complaint.String()))
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil {
		return "", fmt.Errorf("looking for the tarball of npm: %w", err)
	}
	if len(found) != 1 {
		return "", errors.New("fetching ClickHouse's library: npm pack left no tarball; pass --libchdb FILE")
	}
	return found[0], nil
}

// follow reports how much of the tarball has arrived, or the elapsed time while npm keeps it elsewhere.
func follow(dir string, progress io.Writer, done <-chan struct{}) {
	start := time.Now()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		elapsed := time.Since(start).Round(time.Second)
		if n := tarballSize(dir); n > 0 {
			report(progress, "  %d of %d MB (%d %%), %v", n/1_000_000, tarballBytes/1_000_000, 100*n/tarballBytes, elapsed)
			continue
		}
		report(progress, "  npm is fetching, %v", elapsed)
	}
}

func tarballSize(dir string) int64 {
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) == 0 {
		return 0
	}
	info, err := os.Stat(found[0])
	if err != nil {
		return 0
	}
	return info.Size()
}

func report(w io.Writer, format string, args ...any) {
	if w != nil {
		_, _ = fmt.Fprintf(w, format+"\n", args...) // failing to show progress is no reason to give up
	}
}
