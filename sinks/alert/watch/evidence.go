package watch

import (
	"context"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/explain"
)

// A part is evidence if it carries leastShare of a fall and its mean, or its weight among the responses, does so by leastZ standard
// errors; at most partsTold per dimension.
const (
	leastShare = 0.1
	leastZ     = 2
	partsTold  = 3
)

// explainBefore is the length of the past that parts are compared with.
const explainBefore = 14 * 24 * time.Hour

// Explain returns evidence for an alert: the parts of these dimensions that carry it. Without names: of all, and what moved with it.
type Explain func(ctx context.Context, a *alert.Alert, only ...string) ([]alert.Evidence, error)

// Explainer explains alerts about satisfaction in the same way as the report.
func Explainer(conn clickhouse.Conn, database string, dimensions *dimension.Set) Explain {
	q := &explain.Reader{Conn: conn, Database: database, Dimensions: dimensions}
	return func(ctx context.Context, a *alert.Alert, only ...string) (list []alert.Evidence, err error) {
		if !ruleset.Of(a.Rule).Falls || !explain.HasKind(dimensions, a.Kind) {
			return nil, nil
		}
		parts, causes, err := q.Explain(ctx, a.Kind, a.ID, a.Start, a.Seen, explainBefore, only...)
		if err != nil {
			return nil, err
		}
		told := map[string]int{}
		for i := range parts {
			p := &parts[i]
			z := p.Z()
			// A part without responses during the fall has no mean to tell.
			if p.Share < leastShare || z < leastZ || told[p.Dimension] == partsTold || p.Now.N == 0 {
				continue
			}
			told[p.Dimension]++
			list = append(list, alert.Evidence{Dimension: p.Dimension, ID: p.ID, Value: p.Now.Mean(), Before: p.Expected, Share: p.Share, Mix: p.MixShare(), Cases: int(p.Now.N), Z: z})
		}
		for _, c := range causes {
			list = append(list, alert.Evidence{Dimension: c.Scale, ID: c.ID, Value: c.Now, Before: c.Was, Cases: c.N, Z: c.Z})
		}
		return list, nil
	}
}
