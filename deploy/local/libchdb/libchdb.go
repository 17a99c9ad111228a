package libchdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	// Package and Version pin the npm package that holds the library.
	Package = "@chdb/lib-linux-x64-gnu"
	Version = "26.7.3-stable.1"
	// Integrity is the SHA-512 of the package's tarball in npm's notation.
	Integrity = "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=="

	tarballBytes = 177_817_999
	libraryBytes = 566_330_096
	fileName     = "libchdb.so"
)

// ErrAbsent is returned when the library is neither given nor in the cache.
var ErrAbsent = errors.New("libchdb.so is not there")

// Options of [Find] and [Fetch].
type Options struct {
	File     string    // the user's own library; nothing is fetched
	CacheDir string    // "" is csatflow in the user's cache directory
	Progress io.Writer // gets lines about a download; nil for none
}

// Find returns the path of the user's own library or of the one in the cache, or [ErrAbsent].
func Find(o Options) (string, error) {
	if o.File != "" {
		path, err := filepath.Abs(o.File)
		if err != nil {
			return "", fmt.Errorf("library %q: %w", o.File, err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return "", fmt.Errorf("library given by --libchdb: %w", err)
		}
		if !info.Mode().IsRegular() {
			return "", fmt.Errorf("library given by --libchdb: %q is not a file", path)
		}
		return path, nil
	}
	dir, err := o.versionDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, fileName)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("%w: %s", ErrAbsent, path)
	case err != nil:
		return "", fmt.Errorf("cached library: %w", err)
	case info.Size() != libraryBytes:
		return "", fmt.Errorf("%w: %s has %d bytes instead of %d", ErrAbsent, path, info.Size(), libraryBytes)
	}
	return path, nil
}

// Fetch returns the path of the library, and fetches it if it is absent: 178 MB over npm, once per user. Processes that fetch
// at the same time do not disturb each other; the last one wins.
func Fetch(ctx context.Context, o Options) (string, error) {
	path, err := Find(o)
	if !errors.Is(err, ErrAbsent) {
		return path, err
	}
	if err := supported(); err != nil {
		return "", err
	}
	dir, err := o.versionDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("cache of the ClickHouse library: %w", err)
	}
	removeLeftovers(dir)
	// Within the cache, so that the final rename stays on one file system.
	temp, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return "", fmt.Errorf("cache of the ClickHouse library: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }() // leftovers do no harm
	tarball, err := pack(ctx, temp, o.Progress)
	if err != nil {
		return "", err
	}
	library := filepath.Join(temp, fileName)
	if err := unpack(tarball, library, o.Progress); err != nil {
		return "", err
	}
	path = filepath.Join(dir, fileName)
	if err := os.Rename(library, path); err != nil {
		return "", fmt.Errorf("moving the library into the cache: %w", err)
	}
	return path, nil
}

// removeLeftovers removes folders of killed fetches, but not those of fetches that may be running.
func removeLeftovers(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "fetch-*")) // the pattern is valid
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(path) // the next fetch tries again
		}
	}
}

func (o Options) versionDir() (string, error) {
	if o.CacheDir != "" {
		dir, err := filepath.Abs(o.CacheDir)
		if err != nil {
			return "", fmt.Errorf("cache directory %q: %w", o.CacheDir, err)
		}
		return filepath.Join(dir, "libchdb-"+Version), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cache directory (set HOME, or pass --libchdb FILE): %w", err)
	}
	return filepath.Join(dir, "csatflow", "libchdb-"+Version), nil
}

// supported returns an error if the pinned package cannot work on this machine.
func supported() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("the embedded ClickHouse runs on linux/amd64 only, this is %s/%s: give csatflow the address of a ClickHouse server", runtime.GOOS, runtime.GOARCH)
	}
	for _, loader := range []string{"/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"} {
		if _, err := os.Stat(loader); err == nil {
			return nil
		}
	}
	return errors.New("the embedded ClickHouse needs glibc, and this system has none (musl?): give csatflow the address of a ClickHouse server")
}
