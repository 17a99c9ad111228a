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

// lines are where the keys of a configuration file stand.
type lines struct {
	file string // its name without the folder
	of   map[string]int
}

// linesOf finds the lines of the keys of a file's text. Text that is no YAML has none.
func linesOf(path string, text []byte) *lines {
	l := &lines{file: filepath.Base(path), of: map[string]int{}}
	var root goyaml.Node
	if goyaml.Unmarshal(text, &root) != nil {
		return l
	}
	for _, n := range root.Content {
		l.add("", n)
	}
	return l
}

func (l *lines) add(section string, n *goyaml.Node) {
	if n.Kind == goyaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != goyaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := section + n.Content[i].Value
		l.of[key] = n.Content[i].Line
		l.add(key+delimiter, n.Content[i+1])
	}
}

// at is where a key stands, or else the section that it would be in, like "csatflow.yaml:7: "; "" if the file has neither.
func (l *lines) at(key string) string {
	key, _, _ = strings.Cut(key, "[") // of a member of a list
	for key != "" {
		if line := l.of[key]; line > 0 {
			return fmt.Sprintf("%s:%d: ", l.file, line)
		}
		key = key[:max(strings.LastIndex(key, delimiter), 0)]
	}
	return ""
}

// Placed puts before each error of [Config.Check] where its key stands in the file; nothing before those of keys that the environment sets, NAME=value.
func Placed(path string, environ []string, err error) error {
	text, unread := os.ReadFile(path)
	if unread != nil {
		return err
	}
	return linesOf(path, text).place(environ, err)
}

func (l *lines) place(environ []string, err error) error {
	if several, is := err.(interface{ Unwrap() []error }); is { //nolint:errorlint // what was joined, and not what an error of one key holds
		var list []error
		for _, e := range several.Unwrap() {
			list = append(list, l.place(environ, e))
		}
		return errors.Join(list...)
	}
	key, _, _ := strings.Cut(err.Error(), ":")
	if slices.ContainsFunc(environ, func(e string) bool { return strings.HasPrefix(e, variableOf(key)+"=") }) {
		return err
	}
	return fmt.Errorf("%s%w", l.at(key), err)
}
