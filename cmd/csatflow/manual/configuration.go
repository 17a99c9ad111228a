package manual

import (
	"fmt"
	"io"

	"csatflow/cmd/csatflow/config"
	"csatflow/schemas/keys"
)

// Configuration writes csatflow.yaml(5).
func Configuration(w io.Writer, version string) error {
	p := newPage("csatflow.yaml", 5, version, "configuration of csatflow")
	p.section("DESCRIPTION")
	p.text(`YAML, by sections. csatflow config --example prints a file to begin with, csatflow config the values in force.

Each key can be set by environment too, which goes before the file: CSATFLOW_ and the key in capitals, with _ for "." between a section and its key. Lists are written with commas or as in YAML, maps as in YAML.`)
	p.section("KEYS")
	list := config.Keys()
	for i := range list {
		if !list[i].Section() {
			key(p, &list[i])
		}
	}
	for i := range list {
		if list[i].Section() {
			section(p, &list[i])
		}
	}
	p.section("SEE ALSO")
	p.text("csatflow(1)")
	_, err := io.WriteString(w, p.String())
	return err
}

func section(p *page, s *keys.Key) {
	p.subsection(s.Path)
	p.text(s.Help)
	for i := range s.Keys {
		if !s.Keys[i].Section() {
			key(p, &s.Keys[i])
		}
	}
	for i := range s.Keys {
		if s.Keys[i].Section() {
			section(p, &s.Keys[i])
		}
	}
}

func key(p *page, k *keys.Key) {
	value := k.Default
	if value == "" {
		value = `""`
	}
	p.item(k.Path, ": "+value, fmt.Sprintf("%s (%s; for example %s)", k.Help, k.Facts(), k.Example))
}
