package alert

import (
	"context"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/report"
)

// Parts are told that carry a tenth of a fall and lie two standard errors below their usual, the most of each dimension.
const (
	leastShare = 0.1
	leastZ     = 2
	partsTold  = 3
)

// explainBefore is how long a past the parts are compared with.
const explainBefore = 14 * 24 * time.Hour

// Explain gives evidence for an alert: the parts of these dimensions that carry it; of all, and what moved with it, when none are named.
type Explain func(ctx context.Context, a *Alert, only ...string) ([]Evidence, error)

// Explainer explains alerts about satisfaction as the report would.
func Explainer(conn clickhouse.Conn, database string, dimensions *dimension.Set) Explain {
	return func(ctx context.Context, a *Alert, only ...string) (list []Evidence, err error) {
		if a.Measure != "mean_grade" || !report.HasKind(dimensions, a.Kind) {
			return nil, nil
		}
		parts, causes, err := report.Explain(ctx, conn, report.Options{Database: database, Dimensions: dimensions, Kind: a.Kind, ID: a.ID, To: a.Seen, Before: explainBefore}, a.Start, only...)
		if err != nil {
			return nil, err
		}
		told := map[string]int{}
		for i := range parts {
			p := &parts[i]
			z := p.Drop() / p.Error
			if p.Share < leastShare || !(z >= leastZ) || told[p.Dimension] == partsTold {
				continue
			}
			told[p.Dimension]++
			list = append(list, Evidence{Dimension: p.Dimension, ID: p.ID, Value: p.Now.Mean(), Before: p.Expected, Share: p.Share, Cases: int(p.Now.N), Z: z})
		}
		for _, c := range causes {
			list = append(list, Evidence{Dimension: c.Scale, ID: c.ID, Value: c.Now, Before: c.Was, Cases: c.N, Z: c.Z})
		}
		return list, nil
	}
}
