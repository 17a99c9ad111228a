package document

import (
	"context"
	"fmt"
	"strings"
	"time"

	"csatflow/pipeline/pls"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/report"
)

// Keep puts the estimates of a period and scope into the table of the view csi, which shows those of the last time.
func Keep(ctx context.Context, conn clickhouse.Conn, o *report.Options, b *pls.Bootstrap, now time.Time) error {
	version := uint64(now.UnixMilli())
	var rows []string
	var args []any
	add := func(kind, from, to string, v pls.Interval) {
		rows = append(rows, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
		scope := o.Kind
		if scope == "" {
			scope = "all"
		}
		args = append(args, o.From.UTC(), o.To.UTC(), scope, o.ID, kind, from, to, version, v.Estimate, v.Low, v.High, uint64(b.Fit.Rows))
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
	err := conn.Exec(ctx, "INSERT INTO "+schemas.QuoteName(o.Database)+".csi_estimates (period_from, period_to, scope_kind, scope_id, kind, from_variable, to_variable, version, value, low, high, responses) VALUES "+strings.Join(rows, ", "), args...)
	if err != nil {
		return fmt.Errorf("writing the estimates: %w (csatflow migrate makes the tables)", err)
	}
	return nil
}
