package config

import (
	"reflect"
	"time"

	goyaml "go.yaml.in/yaml/v3"

	"csatflow/schemas/keys"
	"csatflow/sinks/alert/endpoint"
)

// Hidden is shown instead of a secret that is set.
const Hidden = "***"

// Keys returns all keys and sections, in the order of declaration.
func Keys() []keys.Key { return keys.Of(reflect.TypeFor[Config]()) }

// YAML writes the effective configuration, each key with its meaning as a comment, with secrets hidden.
func (c *Config) YAML() ([]byte, error) {
	n, err := node(reflect.ValueOf(*c), Keys())
	if err != nil {
		return nil, err
	}
	return goyaml.Marshal(n)
}

// shown is the visible part of a key's text: of a secret, only whether it is set; of a secret URL, scheme and host.
func shown(c reflect.Value, k *keys.Key, section []keys.Key, text string) string {
	if k.Secret == "" || text == "" {
		return text
	}
	for i := range section {
		if section[i].Name == k.Name+keys.FileSuffix && c.FieldByIndex(section[i].Index).String() != "" {
			return "" // it is in the named file
		}
	}
	if k.Secret == secretURL {
		return endpoint.Where(text)
	}
	return Hidden
}

// node turns the configuration c into YAML with its own key names.
func node(c reflect.Value, section []keys.Key) (*goyaml.Node, error) {
	n := &goyaml.Node{Kind: goyaml.MappingNode}
	for i := range section {
		k := &section[i]
		key, value := &goyaml.Node{}, &goyaml.Node{}
		key.SetString(k.Name)
		commented := value
		var err error
		switch {
		case k.Section():
			value, err = node(c, k.Keys)
			commented = key
		case k.Type.Kind() == reflect.String:
			value.SetString(shown(c, k, section, c.FieldByIndex(k.Index).String()))
		default:
			x := c.FieldByIndex(k.Index).Interface()
			switch v := x.(type) {
			case time.Duration:
				x = v.String()
			case []string:
				list := make([]string, len(v))
				for j := range v {
					list[j] = shown(c, k, section, v[j])
				}
				x = list
			}
			err = value.Encode(x)
			if len(value.Content) > 0 {
				commented = key // its members are on lines of their own
			}
		}
		if err != nil {
			return nil, err
		}
		commented.LineComment = "# " + k.Help
		n.Content = append(n.Content, key, value)
	}
	return n, nil
}
