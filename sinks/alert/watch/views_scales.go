package watch

import (
	"context"
	"fmt"
	"time"

	"csatflow/schemas"
)

// scaleViews are the [Answers] in a scale of its own: of instant responses about the own brand.
type scaleViews struct {
	*Views
	counts string // SQL of the answers of panes as grades
	mark   string // SQL of the answer of a response as a grade, NULL for none
}

// Scale implements [Source].
func (v *Views) Scale(name string) Answers {
	switch name {
	case "nps":
		return &scaleViews{v, "[sum(detractors), 0, 0, sum(passives), 0, 0, sum(promoters)]", "multiIf(isNull(nps_answer), NULL, nps_answer >= 9, 7, nps_answer >= 7, 4, 1)"}
	case "ces":
		return &scaleViews{v, "sumForEach(ces_counts)", "ces_answer"}
	case "stars":
		return &scaleViews{v, "[sum(arraySum(arraySlice(stars_counts, 1, 3))), 0, 0, 0, 0, 0, sum(arraySum(arraySlice(stars_counts, 4, 2)))]", "multiIf(isNull(stars_answer), NULL, stars_answer >= 4, 7, 1)"}
	}
	return nil
}

// Grades implements [Answers]. Answers in other scales are few: those of an hour are taken as given at its beginning, whatever the length.
func (v *scaleViews) Grades(ctx context.Context, _ time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	const hour = int(time.Hour / time.Second)
	query := fmt.Sprintf(`SELECT toString(scope_kind) AS Kind, toString(scope_id) AS ID, intDiv(toInt64(toUnixTimestamp(pane_start)), %[1]d) AS Slot, arrayMap(n -> toUInt64(n), %[2]s) AS Grades
FROM %[3]s WHERE resolution = %[1]d AND pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC') AND survey = 'instant' AND brand = '' AND scope_kind IN (%[4]s)
GROUP BY Kind, ID, Slot HAVING arraySum(Grades) > 0`, hour, v.counts, v.name("scales"), schemas.QuoteTexts(kinds))
	// An hour that has not ended would show the future.
	return v.cells(ctx, query, hour, from.Add(time.Hour-1).Truncate(time.Hour), to.Truncate(time.Hour))
}

// Respondents implements [Answers], from responses as received.
func (v *scaleViews) Respondents(ctx context.Context, s Scope, from, to time.Time, most int) ([]Respondent, error) {
	return v.respondents(ctx, "scaled_responses_between", v.mark, s, from, to, most)
}
