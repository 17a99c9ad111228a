package catalogue_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
	"csatflow/schemas"
	"csatflow/schemas/catalogue"
	"csatflow/schemas/feeds"
	"csatflow/schemas/ruleset"
	"csatflow/schemas/service"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/actions"
)

func loaded(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func scale(t *testing.T, id string) *catalogue.Scale {
	t.Helper()
	s, err := loaded(t).Scale(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ids(s *catalogue.Scale) (list []string) {
	for i := range s.Values {
		list = append(list, s.Values[i].ID)
	}
	return list
}

func sorted(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// inWords returns the quoted words in the part of a view's file that an expression matches.
func inWords(t *testing.T, file, expression, word string) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../clickhouse/views/" + file)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(expression).FindSubmatch(text)
	if part == nil {
		t.Fatalf("%s has nothing like %s", file, expression)
	}
	for _, m := range regexp.MustCompile(word).FindAllSubmatch(part[1], -1) {
		list = append(list, string(m[1]))
	}
	return list
}

func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(others, s) })
}

// elements returns the elements that the linter of standards knows: an empty standard lacks all of them.
func elements() (list []string) {
	s := service.Standards{Standards: []service.Standard{{}}}
	for _, f := range s.Lint() {
		list = append(list, f.Element)
	}
	return list
}

// owners are whom the release's standards name, as ids.
func owners(t *testing.T) (list []string) {
	t.Helper()
	set, err := service.LoadStandards("../service/standards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Standards {
		list = append(list, strings.ReplaceAll(set.Standards[i].Owner, " ", "_"))
	}
	return list
}

const quoted = `'([a-z_]+)'`

// Each scale is compared with the source of its values in the product; nil marks those that only the catalogue has.
func TestTheScalesAreThoseOfTheProduct(t *testing.T) {
	kinds, err := pane.NewKinds(dimension.Usual(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tiers := inWords(t, "50_value.sql.tmpl", `define "tier_of"}}(.*?){{end`, quoted)
	want := map[string][]string{
		"source": event.Sources, "survey": event.Surveys, "need_level": event.NeedLevels, "customer_kind": event.CustomerKinds,
		"customer_type": event.CustomerTypes, "customer_role": event.CustomerRoles, "emotion": event.Emotions,
		"repurchase": event.Repurchases, "recommend": event.Recommends, "step": event.Steps, "category": event.Categories,
		"leave_reason": event.LeaveReasons, "observation_kind": event.ObservationKinds, "rater": event.RaterNames,
		"factors": event.FactorNames, "facets": event.FacetNames, "scorecard": event.ScorecardNames, "tcs": event.TCSNames,
		"experience": event.ExperienceNames, "remedy": event.RemedyNames, "fairness": event.FairnessNames,
		"churn_band": customer.Bands, "churn_input": customer.InputNames(),
		"complaint_state":  {customer.Open.String(), customer.Resolved.String(), customer.Withdrawn.String()},
		"scope_kind":       slices.Concat(kinds.Names(), inWords(t, "37_asked.sql.tmpl", `define "asked_scopes"}}(.*?){{end -}}`, `\('(asked_[a-z]+)'`)),
		"standard_measure": service.Measures, "standard_element": elements(), "standard_owner": owners(t),
		"tier":                 tiers,
		"strategy":             without(inWords(t, "50_value.sql.tmpl", `multiIf\((.*)\) AS strategy\n`, quoted), tiers),
		"strategic_part":       inWords(t, "50_value.sql.tmpl", `\((.*)\) / 7 AS strategic_score`, `([a-z_]+)`),
		"value_price_quadrant": inWords(t, "50_value.sql.tmpl", `multiIf\((.*)\) AS value_price_quadrant`, quoted),
		"service_type":         inWords(t, "60_standards.sql.tmpl", `multiIf\((.*)\) AS service_type`, quoted),
		"mystery_action":       inWords(t, "60_standards.sql.tmpl", `multiIf\((.*)\) AS action`, quoted),
		"resolution":           inWords(t, "00_parts.sql.tmpl", `define "pane_of"}}(.*?){{end`, `toUInt32\((\d+)\)`),
		"gap":                  gaps(t), "latent": latents(t),
		"grade": numbers(t, "grade"), "equity": numbers(t, "equity"), "perceived_price": numbers(t, "perceived_price"),
		"expectation": nil, "performance": nil, "nps": nil, "ces": nil, "stars": nil, "answers": nil, // any whole number in their range
		"topic": feeds.Names(), "alert_rule": ruleset.Names(), "severity": {alert.Page, alert.Warning, alert.Info},
		"action":              {actions.CallBack, actions.Retest, actions.Apologise, actions.Correct, actions.Compensate, actions.GoFurther},
		"action_outcome":      {actions.Complained, actions.Satisfied, actions.Done, actions.Resolved, actions.Withdrawn, actions.Left, actions.Lapsed},
		"alert_state":         {alert.Firing, alert.Resolved},
		"importance_quadrant": inWords(t, "35_between.sql.tmpl", `multiIf\((.*)\) AS quadrant`, quoted),
		"moment":              inWords(t, "35_between.sql.tmpl", `customer_moments AS(?s:(.*?))LIMIT 1 BY moment`, `occurred_at, '([a-z]+)'`),
		"unit":                units(t), "csi_kind": {"path", "loading", "weight", "r2", "index", "effect"},
	}
	for _, s := range loaded(t).Scales() {
		values, known := want[s.ID]
		if !known {
			t.Errorf("scale %s is compared with nothing: say here where its values come from", s.ID)
		}
		if got := ids(&s); !slices.Equal(sorted(got), sorted(values)) {
			t.Errorf("scale %s: %q in the catalogue, %q in the product", s.ID, got, values)
		}
		delete(want, s.ID)
	}
	for id := range want {
		t.Errorf("scale %s is missing in scales.yaml", id)
	}
}

// numbers returns the numbers that the events' JSON Schema allows.
func numbers(t *testing.T, name string) (list []string) {
	t.Helper()
	d := definitions(t)[name]
	answers := scale(t, name).Answers
	if answers == nil || *answers.From != d.Minimum || *answers.To != d.Maximum {
		t.Fatalf("scale %s: answers %+v, in the schema %v to %v", name, answers, d.Minimum, d.Maximum)
	}
	for v := d.Minimum; v <= d.Maximum; v++ {
		list = append(list, strconv.Itoa(int(v)))
	}
	return list
}

func units(t *testing.T) (list []string) {
	for _, m := range loaded(t).Measures() {
		list = append(list, m.Unit)
	}
	return list
}

// gaps and latents also check the labels: the views show those of the service's files.
func gaps(t *testing.T) (list []string) {
	t.Helper()
	g, err := service.LoadGaps()
	if err != nil {
		t.Fatal(err)
	}
	s := scale(t, "gap")
	for i, gap := range g.Gaps {
		list = append(list, strconv.Itoa(gap.Number))
		if v := s.Values[i]; v.Name != gap.ID || v.Label != gap.Label {
			t.Errorf("gap %d: %s %v in the catalogue, %s %v in gaps.yaml", gap.Number, v.Name, v.Label, gap.ID, gap.Label)
		}
		m, err := loaded(t).Measure("gap_" + gap.ID)
		if err != nil || m.Label != gap.Label {
			t.Errorf("gap %d: measure %+v (%v), in gaps.yaml %v", gap.Number, m, err, gap.Label)
		}
	}
	return list
}

func latents(t *testing.T) (list []string) {
	t.Helper()
	q, err := service.Default()
	if err != nil {
		t.Fatal(err)
	}
	s := scale(t, "latent")
	for i, l := range q.Latents {
		list = append(list, l.ID)
		if s.Values[i].Label != l.Label {
			t.Errorf("latent variable %s: %v in the catalogue, %v in questionnaire.yaml", l.ID, s.Values[i].Label, l.Label)
		}
	}
	return list
}

// definition is the part of a shared definition of events that the tests need.
type definition struct {
	Description      string
	Minimum, Maximum float64
	Numbers          map[string]string `json:"x-values"`
	Chinese          map[string]string `json:"x-values-zh"`
}

func definitions(t *testing.T) map[string]definition {
	t.Helper()
	text, err := fs.ReadFile(schemas.Events, "events/scales.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Defs
}

func TestTheSchemaOfEventsUsesTheSameWords(t *testing.T) {
	compared := 0
	for name, d := range definitions(t) {
		id := strings.TrimSuffix(name, "_name")
		for value, chinese := range d.Chinese {
			if got, err := loaded(t).Label(id, value, catalogue.Chinese); err != nil || got != chinese {
				t.Errorf("%s %s: %q in the catalogue (%v), %q in the schema", id, value, got, err, chinese)
			}
			compared++
		}
		for value, english := range d.Numbers {
			v, err := loaded(t).Value(id, value)
			if err != nil || v.Name != english {
				t.Errorf("%s %s: %+v in the catalogue (%v), %q in the schema", id, value, v, err, english)
			}
		}
	}
	if compared < 30 {
		t.Errorf("only %d labels were compared", compared)
	}
}

func TestTheUsualSharesAreThoseOfTheModel(t *testing.T) {
	said := definitions(t)["leave_reason"].Description
	for _, v := range scale(t, "leave_reason").Values {
		m := regexp.MustCompile(v.ID + `: [^(]*\((\d+) %\)`).FindStringSubmatch(said)
		if m == nil || v.Share == nil {
			t.Errorf("leave_reason %s: share %v, and the schema says %q", v.ID, v.Share, said)
			continue
		}
		if percent, err := strconv.Atoi(m[1]); err != nil || *v.Share != float64(percent)/100 {
			t.Errorf("leave_reason %s: share %v in the catalogue, %s %% in the schema (%v)", v.ID, *v.Share, m[1], err)
		}
	}
}

func TestTheSevenSinsAreThoseOfTheEvents(t *testing.T) {
	var sins []string
	for _, v := range scale(t, "category").Values {
		if v.Group == "sin" {
			sins = append(sins, v.ID)
		}
	}
	if !slices.Equal(sins, event.Categories[:event.Sins]) {
		t.Errorf("the sins are %q, in events %q", sins, event.Categories[:event.Sins])
	}
}

func TestEachNameOfTheBenchmarkHasALabel(t *testing.T) {
	names := inWords(t, "70_benchmark.sql.tmpl", `define "brand_measures"}}\[(.*?){{range`, quoted)
	for prefix, members := range map[string][]string{"rater_": event.RaterNames, "factor_": event.FactorNames, "facet_": event.FacetNames, "scorecard_": event.ScorecardNames, "tcs_": event.TCSNames} {
		for _, member := range members {
			names = append(names, prefix+member)
		}
	}
	if len(names) < 32 {
		t.Fatalf("only %q were found", names)
	}
	for _, name := range names {
		if label, err := loaded(t).Name(name, catalogue.Chinese); err != nil || label == "" {
			t.Errorf("%s: %q (%v)", name, label, err)
		}
	}
	if _, err := loaded(t).Name("greatness", catalogue.English); err == nil {
		t.Error("what is neither measure nor scale has a name")
	}
}
