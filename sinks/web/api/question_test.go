package api

import (
	"regexp"
	"testing"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/catalogue"
)

// The SQL that a choice adds to its question reads views and nothing else.
func TestWhatChoicesAddReadsOnlyViews(t *testing.T) {
	c := catalogue.MustLoad()
	from := regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+(?:\(|\{\{db\}\}\.(\w+)|(\S+))`)
	looked := 0
	questions := QuestionsOf(dimension.Usual())
	for i := range questions {
		for _, p := range questions[i].Params {
			for choice, sql := range p.picks {
				for _, m := range from.FindAllStringSubmatch(sql, -1) {
					if m[2] != "" {
						t.Errorf("%s, %s=%s reads %s, which is no view", questions[i].ID, p.Name, choice, m[2])
					}
					if m[1] != "" {
						if _, err := c.View(m[1]); err != nil {
							t.Errorf("%s, %s=%s: %v", questions[i].ID, p.Name, choice, err)
						}
						looked++
					}
				}
			}
		}
	}
	if looked < 2 {
		t.Errorf("%d views were found", looked)
	}
}
