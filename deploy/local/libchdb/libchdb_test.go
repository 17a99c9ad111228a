package libchdb

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileOfTheUserIsTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.so")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Fetch(t.Context(), Options{File: file}); err != nil || got != file {
		t.Errorf("%q: %v", got, err)
	}
	if _, err := Fetch(t.Context(), Options{File: file + ".absent"}); err == nil || !strings.Contains(err.Error(), "--libchdb") {
		t.Errorf("absent file: %v", err)
	}
	if _, err := Fetch(t.Context(), Options{File: t.TempDir()}); err == nil {
		t.Error("a directory is taken")
	}
}

func TestTheCacheIsLookedAtByVersionAndSize(t *testing.T) {
	o := Options{CacheDir: t.TempDir()}
	if _, err := Find(o); !errors.Is(err, ErrAbsent) {
		t.Errorf("empty cache: %v", err)
	}
	path := filepath.Join(o.CacheDir, "libchdb-"+Version, fileName)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(o); !errors.Is(err, ErrAbsent) {
		t.Errorf("broken file: %v", err)
	}
	if err := os.Truncate(path, libraryBytes); err != nil { // sparse
		t.Fatal(err)
	}
	if got, err := Fetch(t.Context(), o); err != nil || got != path {
		t.Errorf("%q: %v", got, err)
	}
}

func TestWithoutNPMTheRemedyIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Fetch(t.Context(), Options{CacheDir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "install Node.js or pass --libchdb FILE") {
		t.Error(err)
	}
}

// fakeNPM replaces npm by a script.
func fakeNPM(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // must be executable
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestAPackageOfAnotherDigestIsNotUsed(t *testing.T) {
	fakeNPM(t, "echo other > x.tgz; sleep 1.2")
	var progress strings.Builder
	o := Options{CacheDir: t.TempDir(), Progress: &progress}
	_, err := Fetch(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "digest") {
		t.Error(err)
	}
	if !strings.Contains(progress.String(), "177 MB") || !strings.Contains(progress.String(), "1s") {
		t.Errorf("progress: %s", &progress)
	}
	left, err := os.ReadDir(filepath.Join(o.CacheDir, "libchdb-"+Version))
	if err != nil || len(left) != 0 {
		t.Errorf("left in the cache: %v %v", left, err)
	}
}

func TestWhatNPMComplainsOfIsTold(t *testing.T) {
	fakeNPM(t, "echo E404 not found >&2; exit 1")
	_, err := Fetch(t.Context(), Options{CacheDir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "E404 not found") || !strings.Contains(err.Error(), "--libchdb FILE") {
		t.Error(err)
	}
	fakeNPM(t, "exec sleep 10")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fetch(ctx, Options{CacheDir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOneEntryIsExtracted(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range map[string]string{"package/package.json": "{}", "package/libchdb.so": "library"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	archive := b.Bytes()
	path := filepath.Join(t.TempDir(), "out")
	if err := extract(bytes.NewReader(archive), "package/libchdb.so", path, 7); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "library" {
		t.Errorf("%q: %v", got, err)
	}
	for name, err := range map[string]error{
		"another size": extract(bytes.NewReader(archive), "package/libchdb.so", path+"2", 8),
		"no entry":     extract(bytes.NewReader(archive), "package/absent", path+"2", 7),
		"cut off":      extract(bytes.NewReader(archive[:40]), "package/libchdb.so", path+"2", 7),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := verify(strings.NewReader(""), "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="); err != nil {
		t.Error(err)
	}
}
