package config

import (
	"reflect"
	"time"

	goyaml "go.yaml.in/yaml/v3"
)

// Hidden stands for a secret that is set.
const Hidden = "***"

// YAML writes the effective configuration, with secrets hidden.
func (c *Config) YAML() ([]byte, error) {
	return goyaml.Marshal(node(reflect.ValueOf(*c)))
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
			if f.Tag.Get("secret") != "" && x != "" {
				x = Hidden
			}
			value.SetString(x)
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
