// Package pythontest runs public Python packages in tests: a package's testdata/reference.py, which computes what the package
// under test computes too, or a tool.
package pythontest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Run gives the script cases as JSON, and reads results from what it prints. The packages of testdata/requirements.txt are
// installed into a virtual environment, which stays in the user's cache under the name.
func Run(t *testing.T, name string, cases, results any) {
	t.Helper()
	python := Interpreter(t, name)
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(t.Context(), python, "testdata/reference.py")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("running testdata/reference.py: %v\n%s", err, complaint.Bytes())
	}
	if err := json.Unmarshal(out.Bytes(), results); err != nil {
		t.Fatalf("reading what testdata/reference.py computed: %v", err)
	}
}

// Interpreter returns the Python of a virtual environment with the packages of testdata/requirements.txt, as [Run] uses it.
func Interpreter(t testing.TB, name string) string {
	t.Helper()
	python, err := interpreter(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return python
}

// interpreter returns that of an environment with the packages of testdata/requirements.txt. It makes one if the cache has
// none under the name for these requirements and this Python.
func interpreter(ctx context.Context, name string) (string, error) {
	requirements, err := filepath.Abs("testdata/requirements.txt")
	if err != nil {
		return "", fmt.Errorf("finding the requirements: %w", err)
	}
	wanted, err := os.ReadFile(requirements)
	if err != nil {
		return "", fmt.Errorf("reading the requirements: %w", err)
	}
	version, err := exec.CommandContext(ctx, "python3", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("the comparison with a Python package needs Python 3.11 or later (Debian's python3 and python3-venv): %w", err)
	}
	wanted = append(wanted, version...)
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	dir := filepath.Join(cache, "csatflow", name)
	python := filepath.Join(dir, "bin", "python")
	if made, err := os.ReadFile(filepath.Join(dir, "made-from")); err == nil && bytes.Equal(made, wanted) {
		return python, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("making the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), name+"-fetch-")
	if err != nil {
		return "", fmt.Errorf("making a directory for the environment: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if out, err := exec.CommandContext(ctx, "python3", "-m", "venv", work).CombinedOutput(); err != nil {
		return "", fmt.Errorf("making a virtual environment (install Debian's python3-venv; `make tools` does, as root): %w\n%s", err, out)
	}
	if err := install(ctx, filepath.Join(work, "bin", "python"), requirements); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(work, "made-from"), wanted, 0o644); err != nil {
		return "", fmt.Errorf("marking the environment as made: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("removing the environment of other requirements: %w", err)
	}
	if err := os.Rename(work, dir); err != nil {
		return "", fmt.Errorf("putting the environment into the cache: %w", err)
	}
	return python, nil
}

// install tries twice: the network may time out.
func install(ctx context.Context, python, requirements string) error {
	var out []byte
	var err error
	for range 2 {
		limited, cancel := context.WithTimeout(ctx, 5*time.Minute)
		out, err = exec.CommandContext(limited, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
			"--only-binary", ":all:", "--requirement", requirements).CombinedOutput()
		cancel()
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("installing testdata/requirements.txt with pip, twice: %w\n%s", err, out)
}
