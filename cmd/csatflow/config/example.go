package config

import (
	"fmt"
	"reflect"
	"strings"

	goyaml "go.yaml.in/yaml/v3"

	"csatflow/schemas/keys"
)

// Example returns a working configuration file: required keys are set to their examples. Every other key is a comment with its
// default, meaning, possible values and an example.
func Example() string {
	var b strings.Builder
	b.WriteString("# Configuration of csatflow, with every key. Required keys have an example; the others have their default, as a comment.\n" +
		"# Each key can also be set by environment: CSATFLOW_KAFKA_BROKERS, CSATFLOW_FLUSH_INTERVAL.\n")
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

// scalar writes a value as YAML.
func scalar(k *keys.Key, text string) string {
	if k.Type.Kind() != reflect.String {
		return text
	}
	b, err := goyaml.Marshal(text)
	if err != nil {
		panic(err) // a text can always be encoded
	}
	return strings.TrimSuffix(string(b), "\n")
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
