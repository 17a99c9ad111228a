package document

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/pls"
	"csatflow/pipeline/rows"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/report"
)

// Keep writes the estimates of a period and scope to the table of the view csi, which shows the latest.
func Keep(ctx context.Context, conn clickhouse.Conn, o *report.Options, b *pls.Bootstrap, now time.Time) error {
	var w rows.CSIEstimates
	add := func(kind, from, to string, v pls.Interval) {
		w.Row()
		w.PeriodFrom = append(w.PeriodFrom, o.From)
		w.PeriodTo = append(w.PeriodTo, o.To)
		w.ScopeKind = append(w.ScopeKind, cmp.Or(o.Kind, dimension.All))
		w.ScopeID = append(w.ScopeID, o.ID)
		w.Kind = append(w.Kind, kind)
		w.FromVariable = append(w.FromVariable, from)
		w.ToVariable = append(w.ToVariable, to)
		w.Version = append(w.Version, uint64(now.UnixMilli()))
		w.Value = append(w.Value, v.Estimate)
		w.Low = append(w.Low, v.Low)
		w.High = append(w.High, v.High)
		w.Responses = append(w.Responses, uint64(b.Fit.Rows))
	}
	for i, l := range b.Fit.Latents {
		add("index", l.ID, "", b.Index[i])
		if l.Endogenous {
			add("r2", l.ID, "", b.R2[i])
		}
	}
	for i, p := range b.Fit.Paths {
		add("path", p.From, p.To, b.Paths[i])
	}
	for i, e := range b.Fit.Effects {
		add("effect", e.From, e.To, b.Effects[i])
	}
	for i, q := range b.Fit.Indicators {
		add("weight", q.Latent, q.ID, b.Weights[i])
		add("loading", q.Latent, q.ID, b.Loadings[i])
	}
	err := clickhouse.Insert(ctx, conn, o.Database, w.Take())
	if err != nil {
		return fmt.Errorf("writing the estimates: %w (csatflow migrate makes its table)", err)
	}
	return nil
}
