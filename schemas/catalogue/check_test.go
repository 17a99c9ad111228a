package catalogue

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// tiny is a valid catalogue into which tests put faults.
const tiny = `
scales:
  - {id: unit, label: {en: Unit, zh: 单位}, source: S0, values: [{id: share, label: {en: Share, zh: 比例}}, {id: member, label: {en: Value, zh: 值}}]}
  - {id: mood, label: {en: Mood, zh: 心情}, source: S1, values: [{id: good, name: fine, label: {en: Good, zh: 好}}, {id: bad, label: {en: Bad, zh: 坏}}]}
columns: [{id: scope_id, label: {en: Scope, zh: 范围}}, {id: value, label: {en: Value, zh: 数值}}]
views:
  - {id: moods, section: 3, label: {en: Moods, zh: 心情}, keys: [scope_id]}
  - {id: moods_between, section: 3, like: moods, label: {en: Moods, zh: 心情}, keys: [scope_id]}
  - {id: index, section: 8, label: {en: Index, zh: 指数}}
measures:
  - {id: "mood_{mood}", section: 3, label: {en: "Mood: {mood}", zh: "心情：{mood}"}, formula: "share of {mood}", source: S1, unit: share, range: {from: 0, to: 1}, better: lower, better_of: {good: higher}, found: [{view: moods}]}
  - {id: most, section: 3, label: {en: Most, zh: 最多}, formula: the largest, source: S1, unit: member, scale: mood, better: none, found: [{view: moods, column: value}]}
  - {id: least, section: 3, label: {en: Least, zh: 最少}, formula: the smallest, source: S1, unit: member, scale: mood, better: none, found: [{view: moods, column: value}]}
  - {id: weight, section: 8, label: {en: Weight, zh: 权重}, formula: weight, source: S0, unit: share, range: {}, better: none, found: [{view: index}]}
`

func built(t *testing.T, text string) error {
	t.Helper()
	var all struct {
		Scales   []Scale
		Columns  []Column
		Views    []View
		Measures []Measure
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return err
	}
	_, err := build(all.Scales, all.Columns, all.Views, all.Measures, nil)
	return err
}

func TestAWholeCatalogueIsTaken(t *testing.T) {
	if err := built(t, tiny); err != nil {
		t.Fatal(err)
	}
}

func TestFaultsOfTheFilesAreSaidWithTheirPlace(t *testing.T) {
	for _, x := range []struct{ from, to, want string }{
		{"zh: 好}", "zh: ''}", `scale mood, value "good": en or zh of the label is missing`},
		{"en: Bad", "en: 坏", `the English label "坏" has Chinese`},
		{"{id: bad,", "{id: good,", `scale mood, value "good": the id is empty, or it or its name stands twice`},
		{"{id: bad,", "{id: fine,", `value "fine": the id is empty, or it or its name stands twice`},
		{"{id: bad,", "{id: bad, colour: red,", "field colour not found"},
		{"source: S1, values", "values", `scale "mood": source is missing`},
		{"source: S1, values", "source: S1, answers: {from: 7, to: 1}, values", `scale "mood": answers needs from and to`},
		{"{id: most,", "{id: least,", `measure "least": the id is empty or stands twice`},
		{"mood_{mood}", "mood_{moods}", `there is no scale "moods"`},
		{"Mood: {mood}", "Mood: {moods}", "the scale in braces must be that of the id"},
		{"{good: higher}", "{best: higher}", "better_of.best: scale mood has no such value"},
		{"better: lower", "better: less", `better is higher, lower or none, not "less"`},
		{"unit: share, range: {from: 0, to: 1}", "unit: shares, range: {from: 0, to: 1}", `no value of scale unit "shares": one of share`},
		{"range: {from: 0, to: 1}, ", "", "range is missing"},
		{"range: {from: 0, to: 1}", "range: {from: 1, to: 0}", "from is not below to"},
		{"unit: member, scale: mood", "unit: member", "a measure of unit member, and no other, says its scale"},
		{"[{view: moods}]", "[{view: mods}]", `found: no view "mods": one of moods`},
		{"[{view: index}]", "[{view: index}], planned: index", "field planned not found"},
		{"keys: [scope_id]}", "keys: [scope]}", `key "scope" has no label`},
		{"keys: [scope_id]}", "keys: [scope_id, mood_bad]}", `key "mood_bad" is also the measure "mood_bad"`},
		{", {id: value, label: {en: Value, zh: 数值}}", "", `column "value" has several measures and no label`},
		{"{id: value, label: {en: Value", "{id: worth, label: {en: Value", `column "worth": no view has it`},
		{"like: moods", "like: moody", `like names "moody"`},
	} {
		text := strings.Replace(tiny, x.from, x.to, 1)
		if text == tiny {
			t.Fatalf("%q is not in the text", x.from)
		}
		if err := built(t, text); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s → %s: %v, want %s", x.from, x.to, err, x.want)
		}
	}
}
