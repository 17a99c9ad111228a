package libchdb

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
)

// unpack checks the tarball against the pinned digest, and extracts the library to path.
func unpack(tarball, path string, progress io.Writer) error {
	f, err := os.Open(tarball) //nolint:gosec // the tarball that npm has just made
	if err != nil {
		return fmt.Errorf("tarball of ClickHouse's library: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	if err := verify(f, Integrity); err != nil {
		return fmt.Errorf("tarball of %s@%s: %w", Package, Version, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("tarball of ClickHouse's library: %w", err)
	}
	report(progress, "  digest is right, unpacking %d MB", libraryBytes/1_000_000)
	return extract(f, "package/"+fileName, path, libraryBytes)
}

// verify reads r to its end and compares its digest with an integrity as npm writes it ("sha512-" and base64).
func verify(r io.Reader, integrity string) error {
	sum := sha512.New()
	if _, err := io.Copy(sum, r); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != integrity {
		return fmt.Errorf("digest is %s instead of the pinned %s: it is not used", got, integrity)
	}
	return nil
}

// extract writes the entry of a gzipped tar to path and checks its size.
func extract(r io.Reader, entry, path string, size int64) (err error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("unpacking: %w", err)
	}
	archive := tar.NewReader(zip)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("unpacking: no %s inside", entry)
		}
		if err != nil {
			return fmt.Errorf("unpacking: %w", err)
		}
		if h.Name != entry {
			continue
		}
		if h.Size != size {
			return fmt.Errorf("unpacking: %s has %d bytes instead of %d", entry, h.Size, size)
		}
		break
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640) //nolint:gosec // inside the cache
	if err != nil {
		return fmt.Errorf("unpacking: %w", err)
	}
	defer func() {
		if e := out.Close(); err == nil && e != nil {
			err = fmt.Errorf("unpacking: %w", e)
		}
	}()
	if _, err := io.CopyN(out, archive, size); err != nil {
		return fmt.Errorf("unpacking %s: %w", entry, err)
	}
	if err := out.Sync(); err != nil {
		return fmt.Errorf("unpacking %s: %w", entry, err)
	}
	return nil
}
