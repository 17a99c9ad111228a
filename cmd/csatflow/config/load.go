package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hbollon/go-edlib"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	goyaml "go.yaml.in/yaml/v3"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/vocabulary"
	"csatflow/schemas/keys"
	"csatflow/schemas/ruleset"
)

const (
	tag       = keys.Tag
	delimiter = keys.Delimiter
	envPrefix = "CSATFLOW_"
)

// reserved are variables with the prefix that are not keys.
var reserved = []string{"CSATFLOW_CONFIG", "CSATFLOW_CHILD", "CSATFLOW_LIBCHDB"}

// Load reads the file (none when path is empty), then the environment, a list of NAME=value, over the defaults. Relative paths in the file begin in its folder,
// those of the environment in the working directory. Errors name the key, and for an unknown key the nearest one. [Config.Check] checks the values.
func Load(path string, environ []string) (*Config, error) {
	k := koanf.New(delimiter)
	if err := k.Load(structs.Provider(Default(), tag), nil); err != nil {
		return nil, fmt.Errorf("reading the defaults: %w", err)
	}
	known := keysOf(reflect.TypeFor[Config]())
	set := map[string]bool{} // keys of the file
	var own declared
	var text []byte // of the file
	if path != "" {
		f := koanf.New(delimiter)
		var err error
		text, err = os.ReadFile(path)
		var parsed map[string]any
		if err == nil {
			parsed, err = yaml.Parser().Unmarshal(text)
		}
		if err == nil {
			err = f.Load(confmap.Provider(parsed, ""), nil)
		}
		if err != nil {
			return nil, fmt.Errorf("reading configuration %q: %w", path, err)
		}
		if err := own.take(path, f, text); err != nil {
			return nil, fmt.Errorf("configuration %q: %w", path, err)
		}
		for key, value := range f.All() {
			if len(known.below(key)) > 0 && (value == nil || reflect.ValueOf(value).Kind() == reflect.Map) {
				f.Delete(key) // an empty section keeps the defaults
				continue
			}
			if err := known.check(key); err != nil {
				return nil, fmt.Errorf("configuration %s%w", place(path, text, key), err)
			}
			set[key] = true
		}
		for key, parts := range f.KeyMap() {
			if len(parts) <= strings.Count(key, delimiter) { // a key with the delimiter in it would have no effect
				return nil, fmt.Errorf("configuration %s%q must be nested: the part before a dot is a section", place(path, text, key), key)
			}
		}
		if _, err := beside(path, f); err != nil {
			return nil, fmt.Errorf("configuration %q: %w", path, err)
		}
		if err := k.Merge(f); err != nil {
			return nil, fmt.Errorf("reading configuration %q: %w", path, err)
		}
	}
	env, err := fromEnvironment(known, environ)
	if err != nil {
		return nil, err
	}
	if err := own.fromEnvironment(env); err != nil {
		return nil, fmt.Errorf("the environment: %w", err)
	}
	named := func(key string) bool {
		_, in := env[key]
		return in || set[key]
	}
	if err := k.Load(confmap.Provider(env, delimiter), nil); err != nil {
		return nil, fmt.Errorf("reading the environment: %w", err)
	}
	if named(dimensionsKey) {
		if err := checkDimensions(k.Get(dimensionsKey)); err != nil {
			return nil, err
		}
	}
	for _, e := range vocabulary.Enumerations() {
		if named(e.Key) {
			if err := checkWords(e.Key, k.Get(e.Key)); err != nil {
				return nil, err
			}
		}
	}
	if named(topicsKey) {
		if err := checkIntakeTopics(k.Get(topicsKey)); err != nil {
			return nil, err
		}
	}
	for key, value := range k.All() {
		if err := known.fits(key, value); err != nil {
			if _, in := env[key]; set[key] && !in {
				return nil, fmt.Errorf("configuration %s%w", place(path, text, key), err)
			}
			return nil, fmt.Errorf("configuration: %w", err)
		}
	}
	c := &Config{}
	if err := daysAsTexts(k); err != nil {
		return nil, err
	}
	if err := k.UnmarshalWithConf("", c, koanf.UnmarshalConf{Tag: tag}); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c.Intake.Feeds, c.Intake.Scales = intake.Declarations{}, intake.Scales{}
	maps.Copy(c.Intake.Feeds, own.feeds)
	maps.Copy(c.Intake.Scales, own.scales)
	c.Intake.usual()
	if _, err := c.Vocabulary(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if err := c.fromFiles(); err != nil {
		return nil, err
	}
	if !named(watchedKey) {
		c.watchOwn()
	}
	return c, nil
}

// watchedKey is the key of the scope kinds in which alerts look for falls.
const watchedKey = "alerts.rules.scopes"

// keySet is the existing keys, with the kinds of their values.
type keySet map[string]reflect.Kind

func keysOf(t reflect.Type) keySet {
	set := keySet{}
	for _, k := range keys.All(keys.Of(t)) {
		set[k.Path] = k.Type.Kind()
	}
	return set
}

func (s keySet) check(key string) error {
	for prefix := key; ; {
		if kind, found := s[prefix]; found && (prefix == key || kind == reflect.Map) {
			return nil
		}
		i := strings.LastIndex(prefix, delimiter)
		if i < 0 {
			break
		}
		prefix = prefix[:i]
	}
	if below := s.below(key); len(below) > 0 {
		text := fmt.Sprintf("%q is a section and has no value of its own; its keys are %s", key, strings.Join(below, ", "))
		if rule, is := strings.CutPrefix(key, rulesSection); is && slices.Contains(ruleset.Names(), rule) {
			text += fmt.Sprintf(". To switch the rule off, name it in %soff: [%s]", rulesSection, rule)
		}
		return errors.New(text)
	}
	return fmt.Errorf("unknown key %q: %s", key, s.meant(key))
}

const rulesSection = "alerts.rules" + delimiter

// below are the names that a section has directly below it, sorted; none where key is no section.
func (s keySet) below(section string) []string {
	if section != "" {
		section += delimiter
	}
	names := map[string]bool{}
	for k := range s {
		if rest, is := strings.CutPrefix(k, section); is {
			name, _, _ := strings.Cut(rest, delimiter)
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// meant says which key or section an unknown one may have been meant for: a near one, else those of its section.
func (s keySet) meant(key string) string {
	section, wrong := "", ""
	for part := range strings.SplitSeq(key, delimiter) {
		wrong = strings.TrimPrefix(section+delimiter+part, delimiter)
		if len(s.below(wrong)) == 0 {
			break
		}
		section = wrong
	}
	known := maps.Clone(s)
	for k := range s {
		for i := strings.LastIndex(k, delimiter); i > 0; i = strings.LastIndex(k, delimiter) {
			k = k[:i]
			known[k] = reflect.Struct
		}
	}
	if nearest := known.nearest(wrong); strings.HasPrefix(nearest, wrong) || edlib.DamerauLevenshteinDistance(wrong, nearest) <= max(2, len(wrong)/5) {
		return fmt.Sprintf("did you mean %q?", nearest)
	}
	has := "there are"
	if section != "" {
		has = section + " has"
	}
	return has + " " + strings.Join(s.below(section), ", ")
}

// fits refuses a value of another shape than its key's, a number that would be cut to a whole one, or taken for true or false.
func (s keySet) fits(key string, value any) error {
	kind, v := s[key], reflect.ValueOf(value)
	switch {
	case kind == reflect.Map && v.IsValid() && v.Kind() != reflect.Map:
		return fmt.Errorf("%s: must be a map, {name: value}, is %v; csatflow config says of what", key, value)
	case kind != reflect.Slice && kind != reflect.Map && kind != reflect.Invalid && v.IsValid() && v.Kind() == reflect.Slice:
		return fmt.Errorf("%s: must be one value, is a list", key)
	case kind == reflect.Int64 && v.IsValid() && v.Kind() == reflect.String: // the keys of this kind are durations
		if _, err := time.ParseDuration(v.String()); err != nil {
			return fmt.Errorf("%s: must be a duration like 36h, 90m or 500ms, is %q", key, v.String())
		}
	case kind == reflect.Bool && v.IsValid() && (v.CanInt() || v.CanUint() || v.CanFloat()):
		return fmt.Errorf("%s: must be true or false, is %v", key, value)
	case kind >= reflect.Int && kind <= reflect.Uint64 && v.IsValid() && v.CanFloat() && v.Float() != math.Trunc(v.Float()):
		return fmt.Errorf("%s: must be a whole number, is %v", key, value)
	}
	return nil
}

func (s keySet) nearest(key string) string {
	return dimension.Nearest(key, slices.Sorted(maps.Keys(s)))
}

// variableOf is the environment variable of a key.
func variableOf(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, delimiter, "_"))
}

// fromEnvironment returns the keys that variables set. Lists may be separated by commas; lists and maps may be YAML.
func fromEnvironment(known keySet, environ []string) (map[string]any, error) {
	byName := map[string]string{}
	for k := range known {
		byName[variableOf(k)] = k
	}
	values := map[string]any{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(reserved, name) || strings.HasPrefix(name, "CSATFLOW_TEST_") || strings.HasPrefix(name, "CSATFLOW_CHILD_") {
			continue
		}
		key, found := byName[name]
		if !found {
			names := keySet{}
			for n := range byName {
				names[n] = reflect.String
			}
			return nil, fmt.Errorf("unknown environment variable %s: did you mean %s?", name, names.nearest(name))
		}
		s := strings.TrimSpace(value)
		switch kind := known[key]; {
		case key == feedsKey || key == scalesKey:
			values[key] = value // as it is written: declared reads it
		case kind == reflect.Map, kind == reflect.Slice && strings.HasPrefix(s, "["):
			var v any
			if err := goyaml.Unmarshal([]byte(s), &v); err != nil {
				return nil, fmt.Errorf("environment variable %s: %w", name, err)
			}
			values[key] = v
		case kind == reflect.Slice:
			list := []string{}
			for part := range strings.SplitSeq(s, ",") {
				if part = strings.TrimSpace(part); part != "" {
					list = append(list, part)
				}
			}
			values[key] = list
		default:
			values[key] = value
		}
	}
	return values, nil
}

// File returns the configuration file: the named one, else that of CSATFLOW_CONFIG, else "".
func File(named string) (string, error) {
	if named == "" {
		named = os.Getenv("CSATFLOW_CONFIG")
	}
	if named == "" {
		return "", nil
	}
	if _, err := os.Stat(named); err != nil {
		return "", errors.Join(fmt.Errorf("configuration file %q", named), err)
	}
	return named, nil
}

// daysAsTexts makes texts of the days in lists, which YAML takes for times when they are not quoted.
func daysAsTexts(k *koanf.Koanf) error {
	for key, value := range k.All() {
		list, _ := value.([]any)
		changed := false
		for i, v := range list {
			if day, is := v.(time.Time); is {
				list[i], changed = day.Format(time.DateOnly), true
			}
		}
		if changed {
			if err := k.Set(key, list); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	return nil
}
