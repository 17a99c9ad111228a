package catalogue_test

import (
	"os"
	"strings"
	"testing"

	"csatflow/schemas/catalogue"
)

func TestLabelsInBothLanguages(t *testing.T) {
	c := loaded(t)
	for _, x := range []struct {
		scale, id string
		l         catalogue.Language
		want      string
	}{
		{"grade", "7", catalogue.English, "Very satisfied"},
		{"grade", "very_satisfied", catalogue.Chinese, "很满意"},
		{"category", "runaround", catalogue.Chinese, "踢皮球"},
		{"factors", "fast", catalogue.Chinese, "速度"},
		{"churn_input", "purchase_overdue", catalogue.English, "Purchase overdue"},
	} {
		if got, err := c.Label(x.scale, x.id, x.l); err != nil || got != x.want {
			t.Errorf("%s %s in %s: %q (%v), want %q", x.scale, x.id, x.l, got, err, x.want)
		}
	}
}

func TestAnEntryOverAScaleStandsForEachOfItsValues(t *testing.T) {
	m, err := loaded(t).Measure("emotion_happy")
	if err != nil {
		t.Fatal(err)
	}
	if m.Label != (catalogue.Text{English: "Emotion: happy", Chinese: "情绪：高兴"}) || m.Better != catalogue.Higher || !strings.Contains(m.Formula, "happy") {
		t.Errorf("emotion_happy: %+v", m)
	}
	angry, err := loaded(t).Measure("emotion_angry")
	if err != nil || angry.Better != catalogue.Lower {
		t.Errorf("emotion_angry: %+v (%v)", angry, err)
	}
	found := map[catalogue.Place]bool{}
	for _, p := range m.Found {
		found[p] = true
	}
	for _, view := range []string{"satisfaction", "satisfaction_by_survey", "rolling_satisfaction"} {
		if !found[catalogue.Place{View: view, Column: "emotion_happy"}] {
			t.Errorf("emotion_happy is not found in %s: %v", view, m.Found)
		}
	}
}

func TestHeadings(t *testing.T) {
	for _, x := range []struct{ view, column, want string }{
		{"satisfaction", "mean_grade", "平均满意度"},
		{"tiers", "spend", "等级消费额"},
		{"customer_value", "spend", "消费额"},
		{"complaint_state", "leave_reason", "流失原因"},
		{"churn_risk", "leave_reason", "可能的流失原因"},
		{"gaps", "value", "数值"}, // each gap has its own measure
		{"sigma_between", "dpmo", "每百万机会缺陷数"},
	} {
		if got, err := loaded(t).Heading(x.view, x.column, catalogue.Chinese); err != nil || got != x.want {
			t.Errorf("%s.%s: %q (%v), want %q", x.view, x.column, got, err, x.want)
		}
	}
}

func TestWhatIsUnknownIsSaidWithTheRemedy(t *testing.T) {
	c := loaded(t)
	_, scale := c.Scale("grad")
	_, measure := c.Measure("mean_grad")
	_, view := c.View("satisfactoin")
	_, label := c.Label("emotion", "angri", catalogue.English)
	_, heading := c.Heading("tiers", "spent", catalogue.English)
	_, none := c.Label("answers", "q1", catalogue.English)
	_, language := catalogue.ParseLanguage("de")
	for _, x := range []struct {
		err  error
		want string
	}{
		{scale, `no scale "grad": one of grade, `}, {scale, "scales.yaml"},
		{measure, `no measure "mean_grad": one of mean_grade, `}, {measure, "measures.yaml"},
		{view, `no view "satisfactoin": one of satisfaction, `},
		{label, `no value of scale emotion "angri": one of angry, `},
		{heading, `no column of view tiers "spent": one of spend, `},
		{none, `no value of scale answers "q1": it has none`},
		{language, `language "de": one of en, zh`},
	} {
		if x.err == nil || !strings.Contains(x.err.Error(), x.want) {
			t.Errorf("%v: want %s", x.err, x.want)
		}
	}
}

func TestTheReferenceIsThatOfTheCatalogue(t *testing.T) {
	text, err := os.ReadFile("../MEASURES.md")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(loaded(t).Reference(), "\n")
	got := strings.Split(string(text), "\n")
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			t.Fatalf("schemas/MEASURES.md is not that of the catalogue from line %d on: run go generate ./schemas/catalogue", i+1)
		}
	}
}
