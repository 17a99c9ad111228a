package config

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"csatflow/schemas/keys"
)

const (
	// secretURL is the tag "secret" of a URL whose scheme and host may be shown. Of other secrets, with the tag "true", nothing is shown.
	secretURL = "url"
	// fileSuffix, added to a secret's key, makes the key of the file from which it may come.
	fileSuffix = keys.FileSuffix
)

// secret is a key whose value is not shown, and the key of the file from which it may come.
type secret struct {
	key, kind string
	value     reflect.Value
	fileKey   string
	file      reflect.Value // invalid if it cannot come from a file
}

// secrets returns all secrets of a configuration.
func secrets(c *Config) (list []secret) {
	var walk func(v reflect.Value, prefix string)
	walk = func(v reflect.Value, prefix string) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := f.Tag.Get(tag)
			if f.Type.Kind() == reflect.Struct {
				walk(v.Field(i), prefix+name+delimiter)
				continue
			}
			kind := f.Tag.Get("secret")
			if kind == "" {
				continue
			}
			s := secret{key: prefix + name, kind: kind, value: v.Field(i)}
			for j := range v.NumField() {
				if v.Type().Field(j).Tag.Get(tag) == name+fileSuffix {
					s.fileKey, s.file = s.key+fileSuffix, v.Field(j)
				}
			}
			list = append(list, s)
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
	return list
}

// fromFiles reads secrets from their files.
func (c *Config) fromFiles() error {
	for _, s := range secrets(c) {
		if !s.file.IsValid() || s.file.String() == "" {
			continue
		}
		if s.value.String() != "" {
			return fmt.Errorf("%s and %s are both set: leave one of them empty", s.key, s.fileKey)
		}
		b, err := os.ReadFile(s.file.String())
		if err != nil {
			return fmt.Errorf("%s: %w", s.fileKey, err)
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
		if text == "" {
			return fmt.Errorf("%s: %q is empty", s.fileKey, s.file.String())
		}
		s.value.SetString(text)
	}
	return nil
}

// othersRead are the permissions by which others than the owner can read a file.
const othersRead fs.FileMode = 0o044

// Warnings lists what works and should change: files with secrets that others can read, and files that are not where relative
// paths begin.
func (c *Config) Warnings(path string) (list []string) {
	list = c.notBeside(path)
	outright, files := c.Intake.Feeds.Secrets(feedsKey)
	if in := append(secretsIn(path), outright...); len(in) > 0 {
		if mode, open := open(path); open {
			list = append(list, fmt.Sprintf("others can read %q (%s), which holds secrets (%s): chmod 600 it, or keep the secrets in files of their own (%s%s)", path, mode, strings.Join(in, ", "), in[0], fileSuffix))
		}
	}
	for _, s := range secrets(c) {
		if !s.file.IsValid() || s.file.String() == "" {
			continue
		}
		if mode, open := open(s.file.String()); open {
			list = append(list, fmt.Sprintf("others can read %q (%s), which holds %s: chmod 600 it", s.file.String(), mode, s.key))
		}
	}
	for _, s := range files {
		if mode, open := open(s.Path); open {
			list = append(list, fmt.Sprintf("others can read %q (%s), which holds %s: chmod 600 it", s.Path, mode, s.Key))
		}
	}
	return list
}

func open(path string) (fs.FileMode, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false // reading it returns the error
	}
	return info.Mode(), info.Mode()&othersRead != 0
}

// secretsIn returns the keys of the secrets that are set in a configuration file itself.
func secretsIn(path string) (keys []string) {
	if path == "" {
		return nil
	}
	k := koanf.New(delimiter)
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
		return nil // which Load has told
	}
	for _, s := range secrets(&Config{}) {
		held := k.String(s.key) != ""
		if s.value.Kind() == reflect.Slice { // URLs, which are secret if they name a user
			held = slices.ContainsFunc(k.Strings(s.key), func(text string) bool {
				u, err := url.Parse(text)
				return err == nil && u.User != nil
			})
		}
		if held {
			keys = append(keys, s.key)
		}
	}
	return keys
}
