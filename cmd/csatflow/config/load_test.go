package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/intake"

	"github.com/google/go-cmp/cmp"
)

// write writes a configuration to a new file.
func write(t testing.TB, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "csatflow.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, path string, environ ...string) *Config {
	t.Helper()
	c, err := Load(path, environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheSmallestConfigurationOfTheReadmeLoadsAndIsGood(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile("testdata/smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```yaml\n"+string(small)+"```") {
		t.Error("testdata/smallest.yaml is not what the README shows")
	}
	c := load(t, "testdata/smallest.yaml")
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	want := Default()
	want.Kafka.Brokers, want.ClickHouse.Address = []string{"127.0.0.1:9092"}, []string{"127.0.0.1:9000"}
	if d := cmp.Diff(&want, c); d != "" {
		t.Errorf("what it does not say is not the default (-default, +loaded):\n%s", d)
	}
}

func TestAFileThatCannotBeReadIsToldWithItsKeyAndTheNearestOne(t *testing.T) {
	for name, words := range map[string][]string{
		"unknown_key_nested":         {`"kafka.broker"`, `did you mean "kafka.brokers"`},
		"unknown_key_deep":           {`"kafka.sasl.mechanisms"`, `did you mean "kafka.sasl.mechanism"`},
		"unknown_key_at_the_top":     {`"listens"`, `did you mean "listen"`},
		"key_with_dots":              {`"kafka.brokers"`, "nested"},
		"section_with_a_value":       {`"kafka" is a section and has no value of its own; its keys are brokers, `, "topics"},
		"key_with_dots_in_a_section": {`"kafka.sasl.mechanism"`, "nested"},
		"not_yaml":                   {"yaml"},
		"number_that_is_text":        {"kafka.partitions", "int"},
		"duration_without_unit":      {"flush.interval", "duration"},
		"key_twice":                  {"listen", "already"},
		"there_is_no_file_of_this":   {"no such file"},
	} {
		path := "testdata/wrong/" + name + ".yaml"
		_, err := Load(path, nil)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", name, err, w)
			}
		}
	}
}

func TestAValueOfAnotherShapeIsToldWithItsKey(t *testing.T) {
	for text, words := range map[string]string{
		"kafka: {partitions: 1.7}":    "kafka.partitions: must be a whole number, is 1.7",
		"flush: {rows: 2.9}":          "flush.rows: must be a whole number, is 2.9",
		"insecure: 2":                 "insecure: must be true or false, is 2",
		"kafka: {formats: avro}":      "kafka.formats: must be a map, {name: value}, is avro; csatflow config says of what",
		"measures: {promise: 2 days}": `measures.promise: must be a duration like 36h, 90m or 500ms, is "2 days"`,
		"listen: [a, b]":              "listen: must be one value, is a list",
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Load("", []string{"CSATFLOW_KAFKA_PARTITIONS=1.5"}); err == nil || !strings.Contains(err.Error(), "kafka.partitions") {
		t.Errorf("by the environment: %v", err)
	}
}

func TestAnUnknownKeyIsToldWithWhatIsThereInstead(t *testing.T) {
	for text, words := range map[string]string{
		"kafka: {regstry: x}":                    `unknown key "kafka.regstry": did you mean "kafka.registry"?`,
		"kafka: {part: 4}":                       `unknown key "kafka.part": did you mean "kafka.partitions"?`,
		"kafka: {wurst: 4}":                      `unknown key "kafka.wurst": kafka has brokers, `,
		"intake: {lokups: {stores: stores.csv}}": `did you mean "intake.lookups"?`,
		"nothing: {like: that}":                  `unknown key "nothing.like": there are alerts, `,
		"kafka: {sasl: {oauth: {colour: red}}}":  `unknown key "kafka.sasl.oauth.colour": kafka.sasl.oauth has client_id, `,
		"alerts: {rules: {scale_drop: false}}":   "To switch the rule off, name it in alerts.rules.off: [scale_drop]",
	} {
		if _, err := Load(write(t, text), nil); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestASectionWithNothingInItIsAsIfItWereNotThere(t *testing.T) {
	want := Default()
	for _, text := range []string{"", "kafka:\n", "kafka: {}\n", "kafka: {topics: }\n", "kafka: {tls: {}}\nmeasures:\n  # time_zone: UTC\n", "---\n"} {
		c, err := Load(write(t, text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if d := cmp.Diff(&want, c); d != "" {
			t.Errorf("%q is not the default:\n%s", text, d)
		}
	}
}

func TestMapsTakeAnyKeyAndCheckSaysWhichAreWrong(t *testing.T) {
	c := load(t, write(t, "measures: {promise_by_category: {delivery: 48h}, rater_weights: {reliability: 0.5}, churn_weights: {bias: -2}}"))
	if c.Measures.PromiseByCategory["delivery"] != "48h" || c.Measures.RaterWeights["reliability"] != 0.5 || c.Measures.ChurnWeights["bias"] != -2 {
		t.Errorf("maps hold %+v", c.Measures)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	path := write(t, "listen: 127.0.0.1:1\nkafka: {brokers: [a:1, b:2], partitions: 3}\nmeasures: {time_zone: Asia/Tokyo}\n")
	c := load(t, path, "CSATFLOW_LISTEN=127.0.0.1:2", "CSATFLOW_KAFKA_BROKERS=c:3", "PATH=/bin", "CSATFLOW_CONFIG="+path)
	if c.Listen != "127.0.0.1:2" || !slices.Equal(c.Kafka.Brokers, []string{"c:3"}) {
		t.Errorf("the file won: %s, %v", c.Listen, c.Kafka.Brokers)
	}
	if c.Kafka.Partitions != 3 || c.Measures.TimeZone != "Asia/Tokyo" {
		t.Errorf("what the environment does not say is not the file's: %d, %s", c.Kafka.Partitions, c.Measures.TimeZone)
	}
}

func TestAnUnknownVariableIsAnErrorThatNamesTheNearest(t *testing.T) {
	for name, nearest := range map[string]string{
		"CSATFLOW_KAFKA_BROKER":        "CSATFLOW_KAFKA_BROKERS",
		"CSATFLOW_CLICKHOUSE_PASSWORT": "CSATFLOW_CLICKHOUSE_PASSWORD",
		"CSATFLOW_LISTENS":             "CSATFLOW_LISTEN",
	} {
		_, err := Load("", []string{name + "=s3cret"})
		if err == nil || !strings.Contains(err.Error(), name+": did you mean "+nearest+"?") {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error tells the value: %v", name, err)
		}
	}
}

func TestASecretMayBeginWithABracket(t *testing.T) {
	for _, secret := range []string{"{x", "[a, b]", "{a: b}", "a,b", " x ", "12345", "true", "a=b"} {
		c, err := Load("", []string{"CSATFLOW_CLICKHOUSE_PASSWORD=" + secret, "CSATFLOW_KAFKA_SASL_PASSWORD=" + secret})
		if err != nil {
			t.Errorf("password %q: %v", secret, err)
		} else if c.ClickHouse.Password != secret || c.Kafka.SASL.Password != secret {
			t.Errorf("password %q arrived as %q", secret, c.ClickHouse.Password)
		}
	}
}

// leaf is a key with the field that it sets.
type leaf struct {
	key   string
	index []int
	kind  reflect.Type
}

func leaves(t reflect.Type, prefix string, index []int) (list []leaf) {
	for i := range t.NumField() {
		f := t.Field(i)
		l := leaf{prefix + f.Tag.Get(tag), append(slices.Clone(index), i), f.Type}
		if f.Type.Kind() == reflect.Struct {
			list = append(list, leaves(f.Type, l.key+delimiter, l.index)...)
		} else {
			list = append(list, l)
		}
	}
	return list
}

const sampleFeed = `{kiosk: {use: kiosk, fields: {store_id: '"s-1"'}}}`

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// samples are, by type, texts of environment variables and their values.
var samples = map[reflect.Type]map[string]any{
	reflect.TypeFor[string]():              {"some text": "some text"},
	reflect.TypeFor[bool]():                {"true": true, "false": false},
	reflect.TypeFor[int]():                 {"17": 17},
	reflect.TypeFor[float64]():             {"0.25": 0.25, "1": 1.0},
	reflect.TypeFor[time.Duration]():       {"90s": 90 * time.Second},
	reflect.TypeFor[[]string]():            {"a:1,b:2": []string{"a:1", "b:2"}, "[a:1, b:2]": []string{"a:1", "b:2"}, "a:1": []string{"a:1"}},
	reflect.TypeFor[[][]string]():          {"[[store, source], [region, source]]": [][]string{{"store", "source"}, {"region", "source"}}},
	reflect.TypeFor[[]Dimension]():         {"[{name: till, topics: [responses]}]": []Dimension{{Name: "till", Topics: []string{"responses"}}}},
	reflect.TypeFor[[]Word]():              {"[]": []Word{}},
	reflect.TypeFor[[]IntakeTopic]():       {"[{topic: tills, feed: kiosk}]": []IntakeTopic{{Topic: "tills", Group: "csatflow-intake", Feed: "kiosk", Format: "json"}}},
	reflect.TypeFor[map[string]string]():   {"{delivery: 48h}": map[string]string{"delivery": "48h"}},
	reflect.TypeFor[intake.Scales]():       {"{ces: {1: 1, 2: 7}}": intake.Scales{"ces": {1: 1, 2: 7}}},
	reflect.TypeFor[intake.Declarations](): {sampleFeed: must(intake.ReadText("", feedsKey, []byte(sampleFeed)))},
	reflect.TypeFor[map[string]float64]():  {"{reliability: 0.5, empathy: 1}": map[string]float64{"reliability": .5, "empathy": 1}},
}

// secretsFile reports whether a key names the file of a secret.
func secretsFile(l leaf) bool {
	c := Default()
	return slices.ContainsFunc(secrets(&c), func(s secret) bool { return s.fileKey == l.key })
}

func TestEveryKeyCanBeSetByEnvironment(t *testing.T) {
	list := leaves(reflect.TypeFor[Config](), "", nil)
	if len(list) < 40 {
		t.Fatalf("only %d keys were found", len(list))
	}
	for _, l := range list {
		if len(samples[l.kind]) == 0 {
			t.Errorf("%s: no sample of %v", l.key, l.kind)
		}
		for text, want := range samples[l.kind] {
			if secretsFile(l) {
				text = filepath.Join(t.TempDir(), "secret")
				if err := os.WriteFile(text, []byte("hush\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				want = text
			}
			name := "CSATFLOW_" + strings.ToUpper(strings.ReplaceAll(l.key, ".", "_"))
			c, err := Load("", []string{name + "=" + text})
			if err != nil {
				t.Errorf("%s=%s: %v", name, text, err)
				continue
			}
			if d := cmp.Diff(want, reflect.ValueOf(*c).FieldByIndex(l.index).Interface()); d != "" {
				t.Errorf("%s=%s set %s otherwise:\n%s", name, text, l.key, d)
			}
			reflect.ValueOf(c).Elem().FieldByIndex(l.index).Set(reflect.ValueOf(Default()).FieldByIndex(l.index))
			if l.key == dimensionsKey { // alerts look at it too
				c.Alerts.Rules.Scopes = Default().Alerts.Rules.Scopes
			}
			for _, s := range secrets(c) {
				if secretsFile(l) && s.fileKey == l.key {
					if s.value.String() != "hush" {
						t.Errorf("%s: %s is %q", name, s.key, s.value)
					}
					s.value.SetString("")
				}
			}
			if d := cmp.Diff(Default(), *c); d != "" {
				t.Errorf("%s=%s set another key too:\n%s", name, text, d)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/wrong/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(b))
		}
	}
	for _, text := range []string{"- a", "1: 2", "{[a]: b}", "measures: {crossings: [[store, [x]]]}", "kafka: {1: 2}", "a: &a [*a]", "measures: {rater_weights: {a: {b: .nan}}}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load(write(t, text), nil)
		if err != nil {
			return
		}
		_ = c.Check() // it may return an error, but must not panic
		printed, err := c.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(write(t, string(printed)), nil)
		if err != nil {
			t.Fatalf("what was printed does not load: %v\n%s", err, printed)
		}
		_ = again
	})
}

// TestAnErrorOfAFileNamesItsLine, of [Load] and of [Config.Check]; what the environment sets has none.
func TestAnErrorOfAFileNamesItsLine(t *testing.T) {
	begin := "# how csatflow runs\nkafka:\n  brokers: [127.0.0.1:9092]\n"
	for more, want := range map[string]string{
		"  regstry: x\n":                     `:4: unknown key "kafka.regstry"`,
		"  partitions: 1.5\n":                ":4: kafka.partitions: must be a whole number",
		"  topics:\n    asked: [a, b]\n":     ":5: kafka.topics.asked: must be one value",
		"measures:\n\n  promise: 2 days\n":   ":6: measures.promise: must be a duration",
		"  sasl: {oauth: {\n  colour: red}}": `:5: unknown key "kafka.sasl.oauth.colour"`,
	} {
		path := write(t, begin+more)
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), "configuration "+filepath.Base(path)+want) {
			t.Errorf("%s: %v", more, err)
		}
	}
	path := write(t, begin+"clickhouse:\n  address: [127.0.0.1:9000]\nflush:\n  interval: -1s\n  rows: 0\nmeasures:\n  promise: -2h\n")
	environ := []string{"CSATFLOW_FLUSH_ROWS=0"}
	c, err := Load(path, environ)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Base(path)
	told := Placed(path, environ, c.Check()).Error()
	for _, want := range []string{base + ":7: flush.interval: must", "\nflush.rows: must", base + ":10: measures.promise: must"} {
		if !strings.Contains("\n"+told, want) {
			t.Errorf("no %q in\n%s", want, told)
		}
	}
}
