package pane_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/pane"
)

func kindsOf(t testing.TB, crossings ...[]string) *pane.Kinds {
	t.Helper()
	k, err := pane.NewKinds(dimension.Usual(), crossings)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCrossingsThatMeanNothingAreRefused(t *testing.T) {
	for _, c := range []struct {
		crossings [][]string
		reason    string
	}{
		{[][]string{{}}, "fewer than two"},
		{[][]string{{"store"}}, "fewer than two"},
		{[][]string{{"store", "shop"}}, `no dimension "shop": did you mean "store"?`},
		{[][]string{{"store", "all"}}, `no dimension "all"`},
		{[][]string{{"store", "source", "store"}}, "names store twice"},
		{[][]string{{"store", "source"}, {"store", "source"}}, "given twice"},
	} {
		if _, err := pane.NewKinds(dimension.Usual(), c.crossings); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%v: %v", c.crossings, err)
		}
	}
}

func TestKindsAreAllTheDimensionsAndTheCrossings(t *testing.T) {
	k := kindsOf(t, []string{"store", "source"})
	want := []string{"all", "region", "store", "source", "touchpoint", "employee", "product_category", "customer_type", "store*source"}
	if !slices.Equal(k.Names(), want) {
		t.Errorf("%v", k.Names())
	}
	if p := k.Parts(8); len(p) != 2 || p[0].Name != "store" || p[1].Name != "source" || len(k.Parts(0)) != 0 {
		t.Errorf("parts %v, %v", k.Parts(8), k.Parts(0))
	}
}

// idOf returns the id of an event's scope, "" and false if it has none.
func idOf(g *pane.Registry, kind int, d pane.Dims) (string, bool) {
	ref := g.SeriesOf(g.RefOf(&d, "", "instant", ""), kind)
	if ref == pane.NoSeries {
		return "", false
	}
	return g.Series(ref).ScopeID, true
}

func TestIDsOfCrossingsAreEscaped(t *testing.T) {
	g := pane.NewRegistry(kindsOf(t, []string{"store", "region"}))
	for _, c := range []struct{ store, region, want string }{
		{"s1", "north", `s1*north`},
		{"s*1", "north", `s\*1*north`},
		{`s\`, "*n", `s\\*\*n`},
		{`s\*`, "n", `s\\\**n`},
	} {
		if got, ok := idOf(g, 8, pane.Dims{pane.Store: c.store, pane.Region: c.region}); !ok || got != c.want {
			t.Errorf("%q, %q: %q", c.store, c.region, got)
		}
	}
	if got, ok := idOf(g, 8, pane.Dims{pane.Store: "s1"}); ok {
		t.Errorf("without a region: %q", got)
	}
	if got, _ := idOf(g, 2, pane.Dims{pane.Store: `s*\1`}); got != `s*\1` {
		t.Errorf("a single dimension's id is changed: %q", got)
	}
}

func TestDifferentValuesNeverShareAScope(t *testing.T) {
	g := pane.NewRegistry(kindsOf(t, []string{"store", "region"}))
	seen := map[string][2]string{}
	value := rapid.StringMatching(`[a*\\]{1,4}`)
	rapid.Check(t, func(t *rapid.T) {
		pair := [2]string{value.Draw(t, "store"), value.Draw(t, "region")}
		id, ok := idOf(g, 8, pane.Dims{pane.Store: pair[0], pane.Region: pair[1]})
		if known, has := seen[id]; !ok || has && known != pair {
			t.Fatalf("%q and %q have the id %q", known, pair, id)
		}
		seen[id] = pair
	})
}

func dims() *rapid.Generator[pane.Dims] {
	value := rapid.SampledFrom([]string{"", "a", "b", "*", `\`, "ä", "店", "a\x00b", strings.Repeat("長", 256)})
	return rapid.Custom(func(t *rapid.T) (d pane.Dims) {
		for i := range d {
			d[i] = value.Draw(t, dimension.Usual().Names()[i])
		}
		return d
	})
}

func TestTheRegistryGivesBackWhatItNumberedAndScopesAreThoseOfSeriesOf(t *testing.T) {
	set, err := dimension.NewSet([]dimension.Own{{Name: "till"}, {Name: "campaign", Topics: []string{"responses"}}})
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := pane.NewKinds(set, [][]string{{"store", "source"}, {"customer_type", "employee", "touchpoint"}, {"store", "till"}, {"campaign", "till"}})
	if err != nil {
		t.Fatal(err)
	}
	own := rapid.SampledFrom([]string{"", "a", "*", `\`, "台"})
	g := pane.NewRegistry(kinds) // one for all draws: its former content must not matter
	refs := map[pane.Series]pane.SeriesRef{}
	rapid.Check(t, func(t *rapid.T) {
		d := dims().Draw(t, "dims")
		survey := rapid.SampledFrom([]string{"", "instant", "comprehensive"}).Draw(t, "survey")
		brand := rapid.SampledFrom([]string{"", "rival", "*"}).Draw(t, "brand")
		values := map[string]string{"till": own.Draw(t, "till"), "campaign": own.Draw(t, "campaign")}
		var record []byte
		for _, d := range set.Own() {
			record = pane.AppendAttribute(record, values[d.Name])
		}
		a := pane.MakeAttributes(record)
		for i, name := range dimension.Usual().Names() {
			values[name] = d[i]
		}
		ref := g.RefOf(&d, a, survey, brand)
		if ref != g.RefOf(&d, a, survey, brand) {
			t.Fatal("the same dims have two numbers")
		}
		if gd, gs, gb := g.Cut(ref); gd != d || gs != survey || gb != brand {
			t.Fatalf("Cut gives %q %q %q", gd, gs, gb)
		}
		if got := g.Own(ref); !slices.Equal(got, a.Values()) || a != "" && (got[1] != values["till"] || got[0] != values["campaign"]) {
			t.Fatalf("the attributes %q come back as %q", a.Values(), got)
		}
		scopes := slices.Clone(g.Scopes(ref))
		if len(scopes) != len(kinds.Names()) {
			t.Fatalf("%d scopes", len(scopes))
		}
		for kind, name := range kinds.Names() {
			if got := g.SeriesOf(ref, kind); got != scopes[kind] {
				t.Fatalf("%s: SeriesOf gives %d, Scopes %d", name, got, scopes[kind])
			}
			lacks := slices.ContainsFunc(kinds.Parts(kind), func(p dimension.Dimension) bool { return values[p.Name] == "" })
			if lacks != (scopes[kind] == pane.NoSeries) {
				t.Fatalf("%s of %q: %d", name, d, scopes[kind])
			}
			if lacks {
				continue
			}
			s := *g.Series(scopes[kind])
			if s.ScopeKind != name || s.Survey != survey || s.Brand != brand || g.Ref(s) != scopes[kind] {
				t.Fatalf("%s: %+v", name, s)
			}
			if parts := kinds.Parts(kind); len(parts) == 1 && s.ScopeID != values[parts[0].Name] || kind == 0 && s.ScopeID != "" {
				t.Fatalf("%s: id %q", name, s.ScopeID)
			}
			if known, ok := refs[s]; ok && known != scopes[kind] {
				t.Fatalf("%+v has two numbers", s)
			}
			refs[s] = scopes[kind]
		}
	})
}

func TestAKeyGivesBackItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := pane.SeriesRef(rapid.Uint32().Draw(t, "series"))
		r := pane.Resolution(rapid.Uint8Range(0, pane.Resolutions-1).Draw(t, "resolution"))
		start := pane.Start(rapid.Uint32Range(0, 1<<30-1).Draw(t, "start"))
		if k := pane.NewKey(s, r, start); k.Series() != s || k.Resolution() != r || k.Start() != start {
			t.Fatalf("%d %d %d", k.Series(), k.Resolution(), k.Start())
		}
	})
}
