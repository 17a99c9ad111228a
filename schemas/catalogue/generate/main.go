// Command generate writes the reference of scales and measures: go generate ./schemas/catalogue.
package main

import (
	"fmt"
	"os"

	"csatflow/schemas/catalogue"
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
	c, err := catalogue.Load()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], []byte(c.Reference()), 0o644)
}
