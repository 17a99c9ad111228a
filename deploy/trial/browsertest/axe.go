package browsertest

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The accessibility checker, pinned: https://github.com/dequelabs/axe-core (MPL-2.0).
const (
	axeVersion   = "4.11.1"
	axeIntegrity = "sha512-BASOg+YwO2C+346x3LZOeoovTIoTrRqEsqMa6fmfAV0P+U9mFr9NsyOEpiYvFjbc64NMrSswhV50WdXzdb/Z5A=="
)

// Axe returns the source of axe-core, from the user's cache or, once, from npm.
func Axe(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(cache, "csatflow", "axe-core-"+axeVersion, "axe.min.js")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		text, err = fetchAxe(t.TempDir())
		if err == nil {
			err = keep(file, text)
		}
	}
	if err != nil {
		t.Fatalf("axe-core %s: %v", axeVersion, err)
	}
	return string(text)
}

func keep(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	whole := fmt.Sprintf("%s.%d", file, os.Getpid())
	if err := os.WriteFile(whole, text, 0o600); err != nil {
		return err
	}
	return os.Rename(whole, file)
}

func fetchAxe(dir string) ([]byte, error) {
	npm := exec.Command("npm", "pack", "--silent", "axe-core@"+axeVersion)
	npm.Dir = dir
	out, err := npm.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack: %w (the tests need Node.js with npm)", err)
	}
	tarball, err := os.ReadFile(filepath.Join(dir, strings.TrimSpace(string(out))))
	if err != nil {
		return nil, err
	}
	if sum := sha512.Sum512(tarball); "sha512-"+base64.StdEncoding.EncodeToString(sum[:]) != axeIntegrity {
		return nil, errors.New("npm fetched something other than expected")
	}
	return member(strings.NewReader(string(tarball)), "package/axe.min.js")
}

func member(tarball io.Reader, name string) ([]byte, error) {
	plain, err := gzip.NewReader(tarball)
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("%s in the package: %w", name, err)
		}
		if h.Name == name {
			return io.ReadAll(r)
		}
	}
}
