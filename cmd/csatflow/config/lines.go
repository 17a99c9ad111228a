package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	goyaml "go.yaml.in/yaml/v3"
)

// place is where a key stands in a file with a text, or else the section that it would be in, like "csatflow.yaml:7: "; "" if the text has neither.
func place(path string, text []byte, key string) string {
	var root goyaml.Node
	if goyaml.Unmarshal(text, &root) != nil || len(root.Content) == 0 {
		return ""
	}
	key, _, _ = strings.Cut(key, "[") // of a member of a list
	line, in := 0, root.Content[0]
	for key != "" && in != nil {
		name, rest, _ := strings.Cut(key, delimiter)
		at, below := member(in, key) // a key may have the delimiter in it
		if at == nil {
			at, below = member(in, name)
		}
		if at != nil {
			line = at.Line
		}
		key, in = rest, below
	}
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", filepath.Base(path), line)
}

// member returns a key of a map, and its value; nil if the map, or what is none, has no such key.
func member(n *goyaml.Node, name string) (key, value *goyaml.Node) {
	if n.Kind == goyaml.AliasNode {
		n = n.Alias
	}
	for i := 0; n.Kind == goyaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// Placed puts before each error of [Config.Check] where its key stands in the file; nothing before those of keys that the environment sets, NAME=value.
func Placed(path string, environ []string, err error) error {
	if several, is := err.(interface{ Unwrap() []error }); is { //nolint:errorlint // what was joined, and not what an error of one key holds
		var list []error
		for _, e := range several.Unwrap() {
			list = append(list, Placed(path, environ, e))
		}
		return errors.Join(list...)
	}
	key, _, _ := strings.Cut(err.Error(), ":")
	text, unread := os.ReadFile(path)
	if unread != nil || slices.ContainsFunc(environ, func(e string) bool { return strings.HasPrefix(e, variableOf(key)+"=") }) {
		return err
	}
	return fmt.Errorf("%s%w", place(path, text, key), err)
}
