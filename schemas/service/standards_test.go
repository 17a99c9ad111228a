package service

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func fileOf(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheStandardsOfThisReleaseAreGoodOnes(t *testing.T) {
	s, err := LoadStandards("")
	if err != nil {
		t.Fatal(err)
	}
	if faults := s.Lint(); len(faults) > 0 {
		t.Errorf("%+v", faults)
	}
	parts, dimensions := map[string]bool{}, map[string]bool{}
	for _, one := range s.Standards {
		parts[one.Part], dimensions[one.Dimension] = true, true
	}
	if len(s.Standards) < 5 || len(parts) != len(Parts) || len(dimensions) != len(Dimensions) {
		t.Errorf("%d standards of the parts %v and the dimensions %v", len(s.Standards), parts, dimensions)
	}
}

// good is a standard without fault; each case below breaks one thing in it.
const good = `standards:
  - id: greet
    stage: arrival
    dimension: responsiveness
    part: people
    does: {en: An employee greets each customer within 30 seconds., zh: 顾客进店30秒内由员工问候。}
    measure: seconds_to_greet
    target: {at_most: 30, unit: seconds}
    level: 6
    owner: store manager
    since: 2026-01-01
    review: 2027-01-01
`

func TestEachElementThatAStandardLacksIsTold(t *testing.T) {
	lint := func(text string) []Fault {
		s, err := LoadStandards(fileOf(t, text))
		if err != nil {
			t.Fatal(err)
		}
		return s.Lint()
	}
	if faults := lint(good); len(faults) > 0 {
		t.Fatalf("%+v", faults)
	}
	for _, c := range []struct{ name, from, to, element, says string }{
		{"no English", "en: An employee greets each customer within 30 seconds., ", "", "specific", "English (en) and Chinese (zh)"},
		{"no Chinese", ", zh: 顾客进店30秒内由员工问候。", "", "specific", "English (en) and Chinese (zh)"},
		{"vague", "within 30 seconds", "promptly", "specific", `"promptly" leaves open what is done`},
		{"vague before a mark", "greets each customer within", "greets each customer quickly; within", "specific", `"quickly" leaves open`},
		{"vague in Chinese", "由员工问候", "由员工热情问候", "specific", `"热情" leaves open`},
		{"no stage", "    stage: arrival\n", "", "specific", "stage is missing"},
		{"no dimension", "    dimension: responsiveness\n", "", "specific", "dimension is missing: one of reliability"},
		{"no part", "    part: people\n", "", "specific", `part must be one of product, process, people, is ""`},
		{"unknown part", "part: people", "part: weather", "specific", `is "weather"`},
		{"unknown measure", "measure: seconds_to_greet", "measure: smiles", "measurable", `measure must be one of seconds_to_greet, defect_share, selling_effort, product_knowledge, is "smiles"`},
		{"no target", "    target: {at_most: 30, unit: seconds}\n", "", "measurable", "either at_most or at_least"},
		{"two targets", "at_most: 30", "at_most: 30, at_least: 3", "measurable", "either at_most or at_least"},
		{"no unit", ", unit: seconds", "", "measurable", "no unit"},
		{"seconds at least", "at_most: 30", "at_least: 30", "measurable", "at_most a number of seconds"},
		{"defects above all", "measure: seconds_to_greet", "measure: defect_share", "measurable", "at_most a share, 0 to 1"},
		{"no level", "    level: 6\n", "", "measurable", "level is missing"},
		{"no owner", "    owner: store manager\n", "", "owned", "owner is missing"},
		{"no since", "    since: 2026-01-01\n", "", "dated", "since is missing"},
		{"no review", "    review: 2027-01-01\n", "", "dated", "review is missing"},
		{"review before since", "review: 2027", "review: 2025", "dated", "review (2025-01-01) is not after since (2026-01-01)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(good, c.from, c.to, 1)
			if broken == good {
				t.Fatal("the case changes nothing")
			}
			faults := lint(broken)
			if len(faults) != 1 || faults[0].Standard != "greet" || faults[0].Element != c.element || !strings.Contains(faults[0].Says, c.says) {
				t.Errorf("want one fault, %s: %s\ngot %+v", c.element, c.says, faults)
			}
		})
	}
}

func TestAFileOfTheServiceModelThatCannotBeUsedIsRefusedWithItsPlace(t *testing.T) {
	standards := func(file string) error { _, err := LoadStandards(file); return err }
	beliefs := func(file string) error { _, err := LoadBeliefs(file); return err }
	for _, c := range []struct {
		name, text string
		load       func(string) error
		want       []string
	}{
		{"no id", strings.Replace(good, "id: greet", "id: ''", 1), standards, []string{"standards[0]", "id is missing"}},
		{"an id twice", good + strings.TrimPrefix(good, "standards:\n"), standards, []string{"standards[1]", `"greet" is given twice`}},
		{"unknown dimension", strings.Replace(good, "responsiveness", "speed", 1), standards, []string{"standard greet", `"speed"`, "reliability"}},
		{"level", strings.Replace(good, "level: 6", "level: 8", 1), standards, []string{"standard greet", "1 to 7", "8"}},
		{"no date", strings.Replace(good, "2026-01-01", "spring", 1), standards, []string{"own.yaml", "line 11", `"spring"`, "2026-03-01"}},
		{"unknown key", strings.Replace(good, "owner:", "boss:", 1), standards, []string{"own.yaml", "line 10", "boss"}},
		{"belief of nothing", "as_of: 2026-01-15\nbeliefs: {speed: 5}\n", beliefs, []string{"beliefs.speed", "reliability"}},
		{"belief beyond", "as_of: 2026-01-15\nbeliefs: {empathy: 8}\n", beliefs, []string{"beliefs.empathy", "1 to 7", "8"}},
		{"belief that is no number", "as_of: 2026-01-15\nbeliefs: {empathy: .nan}\n", beliefs, []string{"beliefs.empathy", "1 to 7"}},
		{"belief unknown key", "as_of: 2026-01-15\nbelief: {empathy: 5}\n", beliefs, []string{"own.yaml", "line 2", "belief"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.load(fileOf(t, c.text))
			for _, w := range c.want {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("want %q in %v", w, err)
				}
			}
		})
	}
	absent := filepath.Join(t.TempDir(), "absent.yaml")
	for _, load := range []func(string) error{standards, beliefs} {
		if err := load(absent); err == nil || !strings.Contains(err.Error(), "absent.yaml") {
			t.Errorf("%v", err)
		}
	}
}

func TestGapsBeliefsAndActionsOfThisReleaseFitTogether(t *testing.T) {
	b, err := LoadBeliefs("")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range Dimensions {
		if b.Beliefs[d] == 0 {
			t.Errorf("there is no belief about %s", d)
		}
	}
	g, err := LoadGaps()
	if err != nil {
		t.Fatal(err)
	}
	causes := 0
	for _, gap := range g.Gaps {
		causes += len(gap.Causes)
	}
	if len(g.Gaps) != 5 || causes < 20 {
		t.Errorf("%d gaps with %d causes", len(g.Gaps), causes)
	}
	actions, err := LoadActions()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range Dimensions {
		if actions[d].Do.Chinese == "" {
			t.Errorf("there is nothing to do about %s", d)
		}
	}
	for _, sin := range []string{"apathy", "brush_off", "coldness", "condescension", "robotism", "rule_book", "runaround"} {
		if gap := actions[sin].Gap; !slices.Contains([]int{1, 2, 3, 4, 5}, gap) {
			t.Errorf("%s: gap %d", sin, gap)
		}
	}
}
