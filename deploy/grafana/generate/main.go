// Command generate writes the dashboards: go generate ./deploy/grafana.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"csatflow/deploy/grafana/board"
)

func main() {
	if err := run("dashboards"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	files, err := board.All()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.JSON, 0o644); err != nil {
			return fmt.Errorf("writing a dashboard: %w", err)
		}
	}
	return nil
}
