package service

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTheQuestionnaireMeasuresSixLatentVariablesWithTwentyIndicators(t *testing.T) {
	q, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	blocks := []struct {
		latent, chinese string
		first, last     int
	}{
		{"expected_quality", "预期质量", 1, 3}, {"perceived_quality", "感知质量", 4, 8}, {"perceived_price", "感知价格", 9, 10},
		{"satisfaction", "满意度", 11, 13}, {"complaint", "抱怨", 14, 16}, {"loyalty", "忠诚", 17, 20},
	}
	if len(q.Latents) != len(blocks) {
		t.Fatalf("%d latent variables", len(q.Latents))
	}
	for i, b := range blocks {
		var want []string
		for n := b.first; n <= b.last; n++ {
			want = append(want, "q"+strconv.Itoa(n))
		}
		if got := q.Indicators(b.latent); !slices.Equal(got, want) {
			t.Errorf("indicators of %s: %v", b.latent, got)
		}
		if q.Latents[i].ID != b.latent || q.Latents[i].Label.Chinese != b.chinese {
			t.Errorf("latent variable %d is %+v", i, q.Latents[i])
		}
	}
	if got := q.Diagnostics("perceived_quality"); !slices.Equal(got, []string{"d1", "d2"}) {
		t.Errorf("diagnostic questions: %v", got)
	}
}

func TestThePathsAreThoseOfTheModel(t *testing.T) {
	q, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range q.Paths {
		got = append(got, p.From+" -> "+strings.Join(p.To, " "))
	}
	want := []string{
		"expected_quality -> perceived_quality perceived_price satisfaction",
		"perceived_quality -> perceived_price satisfaction",
		"perceived_price -> satisfaction",
		"satisfaction -> complaint loyalty",
		"complaint -> loyalty",
	}
	if !slices.Equal(got, want) {
		t.Errorf("paths:\n%s", strings.Join(got, "\n"))
	}
}

// sound is a questionnaire without fault; each case below breaks one thing in it.
const sound = `latents:
  - {id: quality, label: {en: Quality, zh: 质量}}
  - {id: loyalty, label: {en: Loyalty, zh: 忠诚}}
paths:
  - {from: quality, to: [loyalty]}
questions:
  - {id: q1, latent: quality, text: {en: How good, zh: 多好}}
  - {id: q2, latent: loyalty, text: {en: Again, zh: 再来}}
`

func TestEachFaultIsToldWithItsPlaceAndRemedy(t *testing.T) {
	if _, err := Parse("x.yaml", []byte(sound)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown latent of a question", "latent: loyalty", "latent: loyality",
			`x.yaml:8: questions[1].latent: unknown latent variable "loyality": name one of quality, loyalty, or add it to latents`},
		{"unknown latent of a path", "to: [loyalty]", "to: [loyalty, joy]",
			`x.yaml:5: paths[0].to[1]: unknown latent variable "joy": name one of quality, loyalty, or add it to latents`},
		{"unknown source", "from: quality", "from: joy", `x.yaml:5: paths[0].from: unknown latent variable "joy"`},
		{"cycle", "to: [loyalty]}\n", "to: [loyalty]}\n  - {from: loyalty, to: [quality]}\n",
			`x.yaml:6: paths[1].to[0]: the paths make a cycle, quality -> loyalty -> quality: remove one of them`},
		{"path to itself", "to: [loyalty]", "to: [loyalty, quality]", `paths[0].to[1]: the paths make a cycle, quality -> quality`},
		{"path twice", "to: [loyalty]", "to: [loyalty, loyalty]", `x.yaml:5: paths[0].to[1]: the path from "quality" to "loyalty" is given twice: remove one`},
		{"path to nothing", "to: [loyalty]", "to: []", `paths[0].to: "quality" acts on nothing: list what it acts on, or remove the path`},
		{"question twice", "id: q2", "id: q1", `x.yaml:8: questions[1].id: question "q1" is already in line 7: give each its own id`},
		{"latent twice", "id: loyalty", "id: quality", `x.yaml:3: latents[1].id: latent variable "quality" is already in line 2`},
		{"latent without indicator", "latent: loyalty", "diagnostic: true, latent: loyalty",
			`x.yaml:3: latents[1]: no question measures "loyalty": give it one that is not diagnostic, or remove it`},
		{"latent without path", "paths:", "  - {id: joy, label: {en: Joy, zh: 喜}}\npaths:", `x.yaml:4: latents[2]: no path leads to "joy" or from it: add one to paths, or remove it`},
		{"no Chinese", ", zh: 质量", "", `x.yaml:2: latents[0].label: zh is missing`},
		{"no id", "id: q2, ", "", `x.yaml:8: questions[1].id: the id of a question has 1 to 64 characters, this one has 0`},
		{"unknown key", "id: q2", "id: q2, weight: 3", "line 8: field weight not found"},
		{"more documents", "questions:", "---\nquestions:", "x.yaml has several documents"},
		{"empty", sound, "", "x.yaml is empty: give it latents, paths and questions"},
		{"nothing but a null", sound, "null\n", "x.yaml:1: latents: there are none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(sound, c.from, c.to, 1)
			if broken == sound {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse("x.yaml", []byte(broken))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %s\ngot  %v", c.want, err)
			}
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	broken := strings.NewReplacer("id: q2", "id: q1", "to: [loyalty]", "to: [joy]").Replace(sound)
	_, err := Parse("x.yaml", []byte(broken))
	if err == nil || !strings.Contains(err.Error(), `unknown latent variable "joy"`) || !strings.Contains(err.Error(), `question "q1" is already`) {
		t.Errorf("got %v", err)
	}
}
