// Package nodetest runs the tools of sinks/web/tooling in tests: checkers that come from npm, pinned there.
package nodetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// Tooling returns the directory of the tools, which are installed if they are not there as the lock file says.
func Tooling(t testing.TB) string {
	t.Helper()
	_, own, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(own), "..", "..", "..", "sinks", "web", "tooling")
	if err := install(t.Context(), dir); err != nil {
		t.Fatalf("installing the tools of the page: %v (the tests need Node.js with npm)", err)
	}
	return dir
}

// Tool returns the path of a tool.
func Tool(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(Tooling(t), "node_modules", ".bin", name)
}

// Run runs a tool; a tool that ends with an error has found something, or could not run.
func Run(t testing.TB, tool string, args ...string) (out []byte, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool, args...)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "NO_COLOR=1", "CI=true")
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%s: %w\n%s", filepath.Base(tool), err, &complaint)
	}
	return said.Bytes(), err
}

// install makes node_modules as the lock file says, one process at a time: several packages are tested at once.
func install(ctx context.Context, dir string) (err error) {
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), fmt.Sprintf("csatflow-tooling-%d.lock", os.Getuid())), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("waiting for others who install: %w", err)
	}
	made, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	wanted, wrong := os.Stat(filepath.Join(dir, "package-lock.json"))
	if wrong != nil {
		return wrong
	}
	if err == nil && !made.ModTime().Before(wanted.ModTime()) {
		return nil
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return nil
}
