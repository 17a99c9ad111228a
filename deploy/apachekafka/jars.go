// Package apachekafka runs one node of Apache Kafka on this machine, for tests and benchmarks on the real broker: Java
// runs it, Maven fetches it once into the user's cache. Start at [Start].
package apachekafka

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

//go:embed pom.xml
var pom []byte

var versionTag = regexp.MustCompile(`<kafka\.version>([^<]+)</kafka\.version>`)

// jars fetches the broker's jars if they are not in the cache, and gives their folder.
func jars(ctx context.Context) (string, error) {
	version := versionTag.FindSubmatch(pom)
	if version == nil {
		return "", errors.New("pom.xml names no kafka.version")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	dir := filepath.Join(cache, "csatflow", "kafka-"+string(version[1]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("making the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "kafka-fetch-")
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
		return "", fmt.Errorf("fetching Apache Kafka with Maven (install Maven and Java 17): %w\n%s", err, out.Bytes())
	}
	// Another process may have been quicker; its folder is as good.
	if err := os.Rename(filepath.Join(work, "jars"), dir); err != nil && !errors.Is(err, os.ErrExist) {
		if _, there := os.Stat(dir); there != nil {
			return "", fmt.Errorf("putting the jars into the cache: %w", err)
		}
	}
	return dir, nil
}
