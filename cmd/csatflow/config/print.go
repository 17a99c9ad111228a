package config

import (
	"reflect"
	"time"

	goyaml "go.yaml.in/yaml/v3"

	"csatflow/sinks/alert/deliver"
)

// Hidden stands for a secret that is set.
const Hidden = "***"

// YAML writes the effective configuration, with secrets hidden.
func (c *Config) YAML() ([]byte, error) {
	return goyaml.Marshal(node(reflect.ValueOf(*c)))
}

// shown is what may be seen of a field's text: of a secret that it is set, and of one that is a URL scheme and host.
func shown(section reflect.Value, field int, text string) string {
	f := section.Type().Field(field)
	kind := f.Tag.Get("secret")
	if kind == "" || text == "" {
		return text
	}
	for i := range section.NumField() {
		if section.Type().Field(i).Tag.Get(tag) == f.Tag.Get(tag)+fileSuffix && section.Field(i).String() != "" {
			return "" // it stands in the file that is named
		}
	}
	if kind == secretURL {
		return deliver.Where(text)
	}
	return Hidden
}

// node turns the configuration into YAML with its own key names, in the order of the struct.
func node(v reflect.Value) *goyaml.Node {
	n := &goyaml.Node{Kind: goyaml.MappingNode}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := &goyaml.Node{}
		key.SetString(f.Tag.Get(tag))
		value := &goyaml.Node{}
		switch x := v.Field(i).Interface().(type) {
		case time.Duration:
			value.SetString(x.String())
		case string:
			value.SetString(shown(v, i, x))
		case []string:
			list := make([]string, len(x))
			for j := range x {
				list[j] = shown(v, i, x[j])
			}
			if err := value.Encode(list); err != nil {
				value.SetString(err.Error())
			}
		default:
			if f.Type.Kind() == reflect.Struct {
				value = node(v.Field(i))
			} else if err := value.Encode(x); err != nil {
				value.SetString(err.Error())
			}
		}
		n.Content = append(n.Content, key, value)
	}
	return n
}
