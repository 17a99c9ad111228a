package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// pathKeys returns the keys that name files: those that end in _file, and those with the tag path.
func pathKeys() (list []string) {
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for i := range t.NumField() {
			f := t.Field(i)
			key := prefix + f.Tag.Get(tag)
			switch {
			case f.Type.Kind() == reflect.Struct:
				walk(f.Type, key+delimiter)
			case strings.HasSuffix(key, fileSuffix) || f.Tag.Get("path") == "true":
				list = append(list, key)
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	return list
}

// beside resolves the relative paths of a configuration file from its folder, whatever the working directory. A file that
// exists only in the working directory, where earlier releases looked, is used: elsewhere has its key.
func beside(path string, f *koanf.Koanf) (elsewhere []string, err error) {
	for _, key := range pathKeys() {
		named, ok := f.Get(key).(string)
		if !ok || named == "" || filepath.IsAbs(named) {
			continue
		}
		there, err := filepath.Abs(filepath.Join(filepath.Dir(path), named))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if here, err := filepath.Abs(named); err == nil && here != there && !exists(there) && exists(here) {
			there, elsewhere = here, append(elsewhere, key)
		}
		if err := f.Set(key, there); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return elsewhere, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// notBeside returns warnings about files that were found only in the working directory.
func (c *Config) notBeside(path string) (list []string) {
	if path == "" {
		return nil
	}
	written, resolved := koanf.New(delimiter), koanf.New(delimiter)
	for _, k := range []*koanf.Koanf{written, resolved} {
		if k.Load(file.Provider(path), yaml.Parser()) != nil {
			return nil // Load has returned the error
		}
	}
	keys, err := beside(path, resolved)
	if err != nil {
		return nil // Load has returned the error
	}
	for key, value := range c.texts() {
		if slices.Contains(keys, key) && value == resolved.String(key) { // and no variable overrides it
			list = append(list, fmt.Sprintf("%s: %q is not beside the configuration %q, where relative paths begin; the file in the working directory is used: write %q", key, written.String(key), path, value))
		}
	}
	slices.Sort(list)
	return list
}

// texts returns the values that are texts, by key.
func (c *Config) texts() map[string]string {
	texts := map[string]string{}
	var walk func(v reflect.Value, prefix string)
	walk = func(v reflect.Value, prefix string) {
		for i := range v.NumField() {
			key := prefix + v.Type().Field(i).Tag.Get(tag)
			switch x := v.Field(i); x.Kind() {
			case reflect.Struct:
				walk(x, key+delimiter)
			case reflect.String:
				texts[key] = x.String()
			}
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
	return texts
}
