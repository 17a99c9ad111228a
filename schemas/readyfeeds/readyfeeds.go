// Package readyfeeds has the declarations of feeds that come with csatflow: the payloads of systems that many have. Each file declares
// one, in the form of intake.feeds, and names the source of its format; testdata has payloads as its documentation shows them.
package readyfeeds

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names returns the names of the ready feeds, sorted.
func Names() (names []string) {
	list, err := files.ReadDir(".")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, f := range list {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

// Text returns the YAML of a ready feed.
func Text(name string) ([]byte, error) {
	b, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no ready feed %q: there are %s", name, strings.Join(Names(), ", "))
	}
	return b, nil
}
