// Command generate writes the reference of the configuration: go generate ./cmd/csatflow/config.
package main

import (
	"fmt"
	"os"

	"csatflow/cmd/csatflow/config"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: generate FILE")
	}
	return os.WriteFile(args[0], []byte(config.Reference()), 0o644)
}
