// Package maven fetches the jars of a Java server for tests, once into the user's cache.
package maven

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// Jars fetches the dependencies of a pom.xml if they are not in the cache, and returns their folder. The pom has the
// server's version in <name.version>.
func Jars(ctx context.Context, name string, pom []byte) (string, error) {
	version := regexp.MustCompile(`<` + regexp.QuoteMeta(name) + `\.version>([^<]+)</`).FindSubmatch(pom)
	if version == nil {
		return "", fmt.Errorf("pom.xml names no %s.version", name)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	dir := filepath.Join(cache, "csatflow", name+"-"+string(version[1]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("making the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), name+"-fetch-")
	if err != nil {
		return "", fmt.Errorf("making a directory for the jars: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o644); err != nil {
		return "", fmt.Errorf("writing pom.xml: %w", err)
	}
	var out bytes.Buffer
	mvn := exec.CommandContext(ctx, "mvn", "-q", "-B", "-f", filepath.Join(work, "pom.xml"), "dependency:copy-dependencies", "-DoutputDirectory="+filepath.Join(work, "jars"))
	mvn.Stdout, mvn.Stderr = &out, &out
	if err := mvn.Run(); err != nil {
		return "", fmt.Errorf("fetching %s with Maven (install Maven and Java 17): %w\n%s", name, err, out.Bytes())
	}
	// If another process was quicker, use its folder.
	if err := os.Rename(filepath.Join(work, "jars"), dir); err != nil && !errors.Is(err, os.ErrExist) {
		if _, there := os.Stat(dir); there != nil {
			return "", fmt.Errorf("putting the jars into the cache: %w", err)
		}
	}
	return dir, nil
}
