package keys

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Name    string        `koanf:"name" default:"someone" required:"" help:"Who."`
	Servers []string      `koanf:"servers" required:"" format:"host:port" example:"[a:1]" help:"Where."`
	Link    string        `koanf:"link" format:"url" help:"What is linked."`
	Hook    string        `koanf:"hook" format:"url" secret:"url" help:"What is called."`
	Below   sampleSection `koanf:"below" help:"More."`
	On      bool          `koanf:"on" default:"true" help:"Whether."`
}

type sampleSection struct {
	Every        time.Duration      `koanf:"every" default:"1h" min:"1h" max:"48h" multiple:"1h" help:"How often."`
	Count        int                `koanf:"count" default:"3" min:"0" unit:"things" help:"How many."`
	Share        float64            `koanf:"share" default:"0.5" min:"0" max:"1" unit:"share" help:"How much."`
	Mode         string             `koanf:"mode" default:"fast" enum:"fast,slow," help:"How."`
	Colours      []string           `koanf:"colours" default:"[red]" enum:"red,green" help:"Which."`
	Weights      map[string]float64 `koanf:"weights" help:"Of what."`
	Password     string             `koanf:"password" secret:"true" help:"Secret."`
	PasswordFile string             `koanf:"password_file"`
}

func TestDefaultsAreWhatTheFieldsDeclare(t *testing.T) {
	want := sample{Name: "someone", Servers: []string{}, On: true,
		Below: sampleSection{Every: time.Hour, Count: 3, Share: .5, Mode: "fast", Colours: []string{"red"}, Weights: map[string]float64{}}}
	if d := cmp.Diff(want, Default[sample]()); d != "" {
		t.Error(d)
	}
}

func TestKeysStandInTheOrderOfTheFieldsWithTheirSections(t *testing.T) {
	var paths []string
	for _, k := range All(Of(reflect.TypeFor[sample]())) {
		paths = append(paths, k.Path)
	}
	if got, want := strings.Join(paths, " "), "name servers link hook below.every below.count below.share below.mode below.colours below.weights below.password below.password_file on"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestEachValueOutsideWhatIsDeclaredIsToldWithItsKey(t *testing.T) {
	for want, spoil := range map[string]func(*sample){
		"":                          func(*sample) {},
		"x.name: must not be empty": func(s *sample) { s.Name = "" },
		"x.servers: must name at least one address, as [a:1]":                  func(s *sample) { s.Servers = nil },
		`x.servers: "b" must be host:port: address b: missing port in address`: func(s *sample) { s.Servers = []string{"a:1", "b"} },
		`x.link: must be a URL, like https://host:port/path, is "here"`:        func(s *sample) { s.Link = "here" },
		"x.hook: must be a URL, like https://host:port/path":                   func(s *sample) { s.Hook = "hush" },
		"x.below.every: must be a multiple of 1h, 1h to 48h, is 1h30m0s":       func(s *sample) { s.Below.Every = 90 * time.Minute },
		"x.below.every: must be a multiple of 1h, 1h to 48h, is 49h0m0s":       func(s *sample) { s.Below.Every = 49 * time.Hour },
		"x.below.count: must not be negative, is -1":                           func(s *sample) { s.Below.Count = -1 },
		"x.below.share: must be 0 to 1 (share), is 1.5":                        func(s *sample) { s.Below.Share = 1.5 },
		"x.below.share: must be 0 to 1 (share), is NaN":                        func(s *sample) { s.Below.Share = math.NaN() },
		`x.below.mode: must be one of fast, slow, or empty, is "fats"`:         func(s *sample) { s.Below.Mode = "fats" },
		`x.below.colours: no such value "blue": one of red, green`:             func(s *sample) { s.Below.Colours = []string{"red", "blue"} },
	} {
		s := Default[sample]()
		s.Servers = []string{"a:1"}
		spoil(&s)
		got := ""
		if err := errors.Join(Check(&s, "x.")...); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestWhatFollowsFromTheRestIsNotDeclared(t *testing.T) {
	by := map[string]Key{}
	for _, k := range All(Of(reflect.TypeFor[sample]())) {
		by[k.Path] = k
	}
	file, on, mode := by["below.password_file"], by["on"], by["below.mode"]
	if file.Help != "File that holds below.password, which is then left empty." || file.Example != "/etc/csatflow/below.password" {
		t.Errorf("the file of a secret: %q, %q", file.Help, file.Example)
	}
	if file.Kind() != "file" || mode.Kind() != "text" {
		t.Errorf("kinds: %s, %s", file.Kind(), mode.Kind())
	}
	if on.Example != "false" || mode.Example != "slow" {
		t.Errorf("examples of choices: %q, %q", on.Example, mode.Example)
	}
}

func TestADefaultThatIsNoneStopsTheProgram(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(error).Error(), `every: "soon" is no duration`) {
			t.Errorf("%v", r)
		}
	}()
	Default[struct {
		Every time.Duration `koanf:"every" default:"soon" help:"When."`
	}]()
}
