package report

import (
	"context"
	"fmt"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas"
	"csatflow/sinks/insight/explain"
)

// ScaleScore is what a survey's answers in a scale of its own say, in the period and in the past that it is compared with.
type ScaleScore struct {
	Measure  string // nps, ces_mean or stars_top_share, in its unit of the catalogue
	Survey   string
	Now, Was Score
}

// Score is a measure with its 95 % interval; NaN without answers, and the interval of a single one too.
type Score struct {
	Answers          uint64
	Value, Low, High float64
}

// scales reads the answers in scales of their own; nothing where there are none in the period.
func (r *Report) scales(ctx context.Context, q *explain.Reader) error {
	now, err := r.scores(ctx, q, r.From, r.To)
	if err != nil {
		return err
	}
	was, err := r.scores(ctx, q, r.begins, r.From)
	if err != nil {
		return err
	}
	for _, s := range now {
		for _, before := range was {
			if before.Measure == s.Measure && before.Survey == s.Survey {
				s.Was = before.Now
			}
		}
		r.Scales = append(r.Scales, s)
	}
	return nil
}

// scores reads the scores of a time, those of the instant survey first, as those of now.
func (r *Report) scores(ctx context.Context, q *explain.Reader, from, to time.Time) (list []ScaleScore, err error) {
	kind := r.Kind
	if kind == "" {
		kind = dimension.All
	}
	var rows []struct {
		Measure, Survey  string
		Answers          uint64
		Value, Low, High float64
	}
	query := fmt.Sprintf(`SELECT toString(survey) AS Survey, score.1 AS Measure, score.2 AS Answers, ifNull(score.3, nan) AS Value, ifNull(score.4, nan) AS Low, ifNull(score.5, nan) AS High
FROM %s(resolution = 3600, step_s = 4294967295, from = '%s', to = '%s')
ARRAY JOIN [('nps', nps_responses, nps, nps_low, nps_high), ('ces_mean', ces_responses, ces_mean, ces_low, ces_high), ('stars_top_share', stars_responses, stars_top_share, stars_top_low, stars_top_high)] AS score
WHERE scope_kind = ? AND scope_id = ? AND Answers > 0
ORDER BY indexOf(['nps', 'ces_mean', 'stars_top_share'], Measure), Survey DESC`, q.View("scales_between"), schemas.DateTime(from), schemas.DateTime(to))
	if err := q.Rows(ctx, &rows, query, kind, r.ID); err != nil {
		return nil, err
	}
	for _, s := range rows {
		list = append(list, ScaleScore{Measure: s.Measure, Survey: s.Survey, Now: Score{s.Answers, s.Value, s.Low, s.High}})
	}
	return list, nil
}
