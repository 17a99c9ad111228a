package config

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"csatflow/pipeline/partitioner"
	"csatflow/schemas/keys"
)

func TestEveryKeyDeclaresItsMeaningAnExampleAndADefaultThatIsGood(t *testing.T) {
	var sections func(list []keys.Key)
	sections = func(list []keys.Key) {
		for _, k := range list {
			if k.Name == "" || !strings.HasSuffix(k.Help, ".") {
				t.Errorf("%s: declares no name, or no meaning that is a sentence: name %q, help %q", k.Path, k.Name, k.Help)
			}
			sections(k.Keys)
		}
	}
	sections(Keys())
	for _, k := range keys.All(Keys()) {
		if k.Example == "" || k.Example == k.Default {
			t.Errorf("%s: declares no example other than its default: %q", k.Path, k.Example)
		}
		if k.Type.Kind().String() == "int" && k.Unit == "" {
			t.Errorf("%s: declares no unit", k.Path)
		}
		for _, text := range []string{k.Default, k.Example} {
			if _, err := k.Parse(text); err != nil {
				t.Error(err)
			}
		}
	}
	c := Default()
	for _, err := range keys.Check(&c, "") {
		if key, _, _ := strings.Cut(err.Error(), ":"); key != "kafka.brokers" && key != "clickhouse.address" {
			t.Errorf("a default that is refused: %v", err)
		}
	}
}

func TestEveryExampleIsTakenFromAFileAndFoundGood(t *testing.T) {
	for _, k := range keys.All(Keys()) {
		if k.File && k.Name != "web_config_file" {
			continue // the file does not exist here
		}
		text := scalar(&k, k.Example)
		for i, names := 0, strings.Split(k.Path, keys.Delimiter); i < len(names); i++ {
			text = "{" + names[len(names)-1-i] + ": " + text + "}"
		}
		c, err := Load(write(t, text), nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		d := Default()
		if cmp.Equal(&d, c) {
			t.Errorf("%s: changes nothing", text)
		}
		good(c, k.Path)
		for _, err := range keys.Check(c, "") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTheExampleFileIsAGoodConfigurationWithEveryKey(t *testing.T) {
	path := write(t, Example())
	c := load(t, path)
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	want := Default()
	want.Kafka.Brokers, want.ClickHouse.Address = []string{"127.0.0.1:9092"}, []string{"127.0.0.1:9000"}
	if d := cmp.Diff(&want, c); d != "" {
		t.Errorf("it sets more than what must be said (-want +got):\n%s", d)
	}
	// Without the comment signs before its keys, it has every default.
	said := regexp.MustCompile(`(?m)^( *)#(\w)`).ReplaceAllString(Example(), "$1$2")
	all := load(t, write(t, said))
	if d := cmp.Diff(&want, all); d != "" {
		t.Errorf("what stands there is not the default (-default +example):\n%s", d)
	}
	for _, k := range keys.All(Keys()) {
		if n := len(regexp.MustCompile(`(?m)^ *`+k.Name+`: `).FindAllString(said, -1)); n == 0 {
			t.Errorf("%s is not in it", k.Path)
		}
	}
	for _, line := range strings.Split(said, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "# ") && !strings.HasSuffix(line, ".") && !strings.Contains(line, "Example: ") {
			t.Errorf("a comment that is no sentence: %s", line)
		}
	}
}

func TestTheReferenceOfTheConfigurationIsThatOfTheKeys(t *testing.T) {
	b, err := os.ReadFile("../../../schemas/CONFIGURATION.md")
	if err != nil {
		t.Fatal(err)
	}
	was, now := strings.Split(string(b), "\n"), strings.Split(Reference(), "\n")
	for i := range now {
		if i >= len(was) || was[i] != now[i] {
			t.Fatalf("schemas/CONFIGURATION.md is not that of the keys from line %d on: run go generate ./cmd/csatflow/config", i+1)
		}
	}
	if len(was) != len(now) {
		t.Fatal("schemas/CONFIGURATION.md has more than the keys: run go generate ./cmd/csatflow/config")
	}
}

func TestEveryPartitionerThatIsDeclaredExists(t *testing.T) {
	for _, k := range keys.All(Keys()) {
		if k.Path != "kafka.partitioner" {
			continue
		}
		if len(k.Enum) < 5 {
			t.Errorf("only %q", k.Enum)
		}
		for _, name := range k.Enum {
			if _, err := partitioner.Of(name); err != nil && name != AutoPartitioner {
				t.Error(err)
			}
		}
	}
}
