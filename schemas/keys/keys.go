// Package keys reads what the fields of a struct declare about configuration keys, in tags:
//
//	koanf     the name of the key, or of the section that a struct is
//	default   the value of a key that is not set, in YAML; without the tag, the empty value
//	help      its meaning
//	unit      what a number counts
//	example   another value, in YAML
//	min, max  inclusive bounds of a number or duration; multiple: a number that must divide it
//	enum      the possible values, separated by commas (of a list, for each of its members)
//	required  a text or list must not be empty
//	format    host:port or url, of a text or of each member of a list
//	path      it names a file, as keys do whose name ends in _file
//	secret    its value is not shown; url where scheme and host may be
//
// Defaults, checks, the printed configuration, the example file, the reference and the manual page all come from these.
// Start at [Of]. The owner of the struct checks what holds between keys.
package keys

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// Tag is the tag with the name of a key, and Delimiter joins the names of a section and its keys.
const (
	Tag       = "koanf"
	Delimiter = "."
)

// FileSuffix, added to a secret's key, makes the key of the file from which it may come.
const FileSuffix = "_file"

// Formats of texts.
const (
	HostPort = "host:port"
	URL      = "url"
)

// Key is a key, or a section of keys.
type Key struct {
	Path string // with its sections: flush.interval
	Name string // without: interval
	Help string
	Keys []Key // of a section; a key has none

	Type               reflect.Type
	Index              []int // of its field, as reflect's FieldByIndex wants it
	Default            string
	Unit               string
	Example            string
	Min, Max, Multiple string
	Enum               []string
	Required           bool
	Format             string
	Secret             string
	File               bool // it names a file
}

// Section reports whether it is a section, with keys below it.
func (k *Key) Section() bool { return len(k.Keys) > 0 }

// Of returns the keys and sections of a struct, in the order of its fields. They are shared: do not change them.
func Of(t reflect.Type) []Key {
	if list, found := known.Load(t); found {
		return list.([]Key)
	}
	list := read(t, "", nil)
	known.Store(t, list)
	return list
}

// known caches the keys of structs: tags are slow to read, and never change.
var known sync.Map

func read(t reflect.Type, prefix string, index []int) (list []Key) {
	for i := range t.NumField() {
		f := t.Field(i)
		k := Key{Name: f.Tag.Get(Tag), Type: f.Type, Index: append(index[:len(index):len(index)], i), Help: f.Tag.Get("help")}
		k.Path = prefix + k.Name
		if f.Type.Kind() == reflect.Struct {
			k.Keys = read(f.Type, k.Path+Delimiter, k.Index)
			list = append(list, k)
			continue
		}
		k.Default, k.Unit, k.Example = f.Tag.Get("default"), f.Tag.Get("unit"), f.Tag.Get("example")
		k.Min, k.Max, k.Multiple = f.Tag.Get("min"), f.Tag.Get("max"), f.Tag.Get("multiple")
		k.Format, k.Secret = f.Tag.Get("format"), f.Tag.Get("secret")
		k.File = f.Tag.Get("path") == "true" || strings.HasSuffix(k.Name, FileSuffix)
		_, k.Required = f.Tag.Lookup("required")
		if text, found := f.Tag.Lookup("enum"); found {
			k.Enum = strings.Split(text, ",")
		}
		k.derive(t)
		list = append(list, k)
	}
	return list
}

// derive fills in what follows from the other tags: an empty default, the help of a secret's file, examples of choices.
func (k *Key) derive(section reflect.Type) {
	if k.Default == "" {
		k.Default = map[reflect.Kind]string{reflect.Bool: "false", reflect.Int: "0", reflect.Float64: "0", reflect.Int64: "0s", reflect.Slice: "[]", reflect.Map: "{}"}[k.Type.Kind()]
	}
	if secret, found := strings.CutSuffix(k.Name, FileSuffix); found && k.Help == "" {
		for i := range section.NumField() {
			if f := section.Field(i); f.Tag.Get(Tag) == secret && f.Tag.Get("secret") != "" {
				secret = strings.TrimSuffix(k.Path, FileSuffix)
				k.Help = "File that holds " + secret + ", which is then left empty."
				k.Example = "/etc/csatflow/" + secret
			}
		}
	}
	if k.Example != "" {
		return
	}
	if k.Type.Kind() == reflect.Bool {
		k.Example = map[string]string{"true": "false", "false": "true"}[k.Default]
	}
	for _, choice := range k.Enum {
		if choice != k.Default && choice != "" && k.Type.Kind() == reflect.String {
			k.Example = choice
			return
		}
	}
}

// All returns all keys that have a value, those within sections too.
func All(list []Key) (all []Key) {
	for _, k := range list {
		if k.Section() {
			all = append(all, All(k.Keys)...)
		} else {
			all = append(all, k)
		}
	}
	return all
}

// Kind is the type of a key's values in words.
func (k *Key) Kind() string {
	if k.File {
		return "file"
	}
	switch k.Type {
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[string]():
		return "text"
	case reflect.TypeFor[bool]():
		return "true or false"
	case reflect.TypeFor[int]():
		return "whole number"
	case reflect.TypeFor[float64]():
		return "number"
	case reflect.TypeFor[[]string]():
		return "list"
	case reflect.TypeFor[[][]string]():
		return "list of lists"
	case reflect.TypeFor[map[string]string](), reflect.TypeFor[map[string]float64]():
		return "map"
	}
	if k.Type.Kind() == reflect.Slice && k.Type.Elem().Kind() == reflect.Struct {
		return "list of maps"
	}
	if k.Type.Kind() == reflect.Map && (k.Type.Elem().Kind() == reflect.Map || k.Type.Elem().Kind() == reflect.Pointer) {
		return "map of maps"
	}
	panic(fmt.Sprintf("%s: keys of type %v have no name: give them one here", k.Path, k.Type))
}

// notNegative is the wording of a lower bound of 0.
const notNegative = "not negative"

// Bounds says in words which values are allowed; "" if all of the type are.
func (k *Key) Bounds() string {
	var words []string
	switch {
	case k.Multiple != "" && k.Max != "":
		words = append(words, fmt.Sprintf("a multiple of %s, %s to %s", k.Multiple, k.Min, k.Max))
	case k.Max != "":
		words = append(words, k.Min+" to "+k.Max)
	case k.Min == "0" || k.Min == "0s":
		words = append(words, notNegative)
	case k.Min != "":
		words = append(words, "at least "+k.Min)
	}
	if k.Enum != nil {
		words = append(words, "one of "+choices(k.Enum))
	}
	switch k.Format {
	case HostPort:
		words = append(words, HostPort)
	case URL:
		words = append(words, "a URL, like https://host:port/path")
	}
	if k.Required {
		words = append(words, "not empty")
	}
	return strings.Join(words, ", ")
}

func choices(list []string) string {
	var named []string
	empty := ""
	for _, c := range list {
		if c == "" {
			empty = ", or empty"
		} else {
			named = append(named, c)
		}
	}
	return strings.Join(named, ", ") + empty
}

// Facts are the type of a key's values, their unit and bounds, like "whole number (rows), at least 1".
func (k *Key) Facts() string {
	text := k.Kind()
	if k.Unit != "" {
		text += " (" + k.Unit + ")"
	}
	if b := k.Bounds(); b != "" {
		text += ", " + b
	}
	return text
}
