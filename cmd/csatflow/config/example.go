package config

import (
	"fmt"
	"reflect"
	"strings"

	goyaml "go.yaml.in/yaml/v3"

	"csatflow/schemas/keys"
)

// Example is a configuration file that works: what must be said is said with its example, and every other key stands there as a
// comment with its default, what it means, which values there are, and an example.
func Example() string {
	var b strings.Builder
	b.WriteString("# Configuration of csatflow, with every key. What must be said stands with an example; of the others the default is commented out.\n" +
		"# Each key can be set by environment too: CSATFLOW_KAFKA_BROKERS, CSATFLOW_FLUSH_INTERVAL.\n")
	example(&b, Keys(), "")
	return b.String()
}

func example(b *strings.Builder, section []keys.Key, indent string) {
	for i := range section {
		k := &section[i]
		if k.Section() {
			fmt.Fprintf(b, "\n%s# %s\n%s%s:\n", indent, k.Help, indent, k.Name)
			example(b, k.Keys, indent+"  ")
			continue
		}
		said, value := "#", k.Default
		if k.Required && (k.Default == "" || k.Default == "[]") {
			said, value = "", k.Example
		}
		fmt.Fprintf(b, "\n%s# %s\n%s# %s. Example: %s\n%s%s%s: %s\n", indent, k.Help, indent, sentence(k.Facts()), scalar(k, k.Example), indent, said, k.Name, scalar(k, value))
	}
}

// scalar writes a value as it stands in YAML.
func scalar(k *keys.Key, text string) string {
	if k.Type.Kind() != reflect.String {
		return text
	}
	b, err := goyaml.Marshal(text)
	if err != nil {
		panic(err) // texts can be written
	}
	return strings.TrimSuffix(string(b), "\n")
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
