// Command generate writes Go code from the JSON Schemas of the events: the fields of each feed, their types with the decoder,
// and their rows as received. go generate ./schemas/feeds.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"

	"csatflow/schemas/feeds"
	"csatflow/schemas/internal/gocode"
)

//go:embed fields.go.tmpl
var fieldsOf string

//go:embed decoder.go.tmpl
var decoder string

//go:embed received.go.tmpl
var received string

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: generate SCHEMAS FIELDS.go DECODER.go RECEIVED.go")
	}
	list := make([]*feed, 0, len(feeds.Names()))
	for _, name := range feeds.Names() {
		f, err := read(args[0], name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, f)
	}
	for i, text := range []string{fieldsOf, decoder, received} {
		if err := gocode.Write(args[1+i], text, nil, list); err != nil {
			return err
		}
	}
	return nil
}
