package watch

import (
	"context"
	"fmt"
	"time"

	"csatflow/schemas"
	"csatflow/sinks/insight/detect"
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
func (v *scaleViews) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	var rows []struct {
		Kind, ID string
		Hour     uint32
		Counts   []uint64
	}
	query := fmt.Sprintf(`SELECT toString(scope_kind) AS Kind, toString(scope_id) AS ID, toUnixTimestamp(pane_start) AS Hour, arrayMap(n -> toUInt64(n), %s) AS Counts
FROM %s WHERE resolution = 3600 AND pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC') AND survey = 'instant' AND brand = '' AND scope_kind IN (%s)
GROUP BY Kind, ID, Hour HAVING arraySum(Counts) > 0`, v.counts, v.name("scales"), schemas.QuoteTexts(kinds))
	// An hour that has not ended would show the future.
	if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(from.Add(time.Hour-1).Truncate(time.Hour)), schemas.DateTime(to.Truncate(time.Hour))); err != nil {
		return nil, err
	}
	list := make([]GradeCell, len(rows))
	for i := range rows {
		r := &rows[i]
		list[i] = GradeCell{Scope: Scope{r.Kind, r.ID}, Start: time.Unix(int64(r.Hour), 0).UTC()}
		if len(r.Counts) != detect.Levels {
			return nil, fmt.Errorf("%s %s has answers of %d values, and there are %d", r.Kind, r.ID, len(r.Counts), detect.Levels)
		}
		for g := range list[i].Grades {
			list[i].Grades[g] = uint32(r.Counts[g])
		}
	}
	return list, nil
}

// Respondents implements [Answers], from responses as received.
func (v *scaleViews) Respondents(ctx context.Context, s Scope, from, to time.Time, most int) ([]Respondent, error) {
	return v.respondents(ctx, "scaled_responses_between", v.mark, s, from, to, most)
}
