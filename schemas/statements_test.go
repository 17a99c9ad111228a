package schemas

import (
	"slices"
	"testing"
)

func TestATextIsSplitAtTheSemicolonsThatEndAStatement(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                      nil,
		" \n-- nothing\n;/* ; */;\n":            nil,
		"A;\nB;\n":                              {"A", "B"},
		"A;B":                                   {"A", "B"},
		"A;-- of B\nB;\n-- of nothing":          {"A", "-- of B\nB"},
		"A -- with; one\n, a;\nB":               {"A -- with; one\n, a", "B"},
		"A /* with;\n two */ b;\nB":             {"A /* with;\n two */ b", "B"},
		"A ';\n' b;\nB":                         {"A ';\n' b", "B"},
		`A 'it''s;' '\';' b; B "x;y" ` + "`z;`": {`A 'it''s;' '\';' b`, `B "x;y" ` + "`z;`"},
		"A '--' ; B '/*' ; C '*/'":              {"A '--'", "B '/*'", "C '*/'"},
		"A 'never ends;\nB":                     {"A 'never ends;\nB"},
		"A /* never ends;\nB":                   {"A /* never ends;\nB"},
		"A - b / c;\nB":                         {"A - b / c", "B"},
	} {
		if got := Statements(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
