package document

import (
	"context"
	"fmt"
	"math"

	"csatflow/pipeline/pls"
	"csatflow/schemas/service"
	"csatflow/sinks/insight/explain"
	"csatflow/sinks/insight/report"
)

// LatentRow is a latent variable of the index, for people.
type LatentRow struct {
	ID string
	pls.Interval
	R2 string
}

// Indices lists the latent variables with their index from 0 to 100.
func (r *Document) Indices() (rows []LatentRow) {
	for i, l := range r.CSI.Fit.Latents {
		row := LatentRow{ID: l.ID, Interval: r.CSI.Index[i]}
		if l.Endogenous {
			row.R2 = fmt.Sprintf("%.2f", l.R2)
		}
		rows = append(rows, row)
	}
	return rows
}

// PathRow is a path of the model, for people.
type PathRow struct {
	From, To string
	pls.Interval
}

// Effects lists the paths with their coefficients.
func (r *Document) Effects() (rows []PathRow) {
	for i, p := range r.CSI.Fit.Paths {
		rows = append(rows, PathRow{p.From, p.To, r.CSI.Paths[i]})
	}
	return rows
}

// index estimates the satisfaction index of the year up to the end of the period.
func (r *Document) index(ctx context.Context, conn explain.Conn) (err error) {
	if r.model, err = service.Default(); err != nil {
		return err
	}
	year := report.Options{Database: r.Database, From: r.To.AddDate(-1, 0, 0), To: r.To, Kind: r.Kind, ID: r.ID}
	r.CSI, err = estimate(ctx, conn, r.model, &year, pls.BootstrapSettings{Seed: 1})
	if pls.Undetermined(err) {
		r.NoCSI = err.Error()
		return nil
	}
	return err
}

// Index estimates the satisfaction index from the comprehensive survey in the period of o, of a scope or, without a kind, of all.
// Errors are those of [pls.Resample] and of the database.
func Index(ctx context.Context, conn explain.Conn, o *report.Options, samples int) (*pls.Bootstrap, *service.Questionnaire, error) {
	model, err := service.Default()
	if err != nil {
		return nil, nil, err
	}
	b, err := estimate(ctx, conn, model, o, pls.BootstrapSettings{Seed: 1, Samples: samples})
	return b, model, err
}

func estimate(ctx context.Context, conn explain.Conn, model *service.Questionnaire, o *report.Options, b pls.BootstrapSettings) (*pls.Bootstrap, error) {
	answers, err := report.Answers(ctx, conn, *o)
	if err != nil {
		return nil, err
	}
	m := pls.FromQuestionnaire(model)
	data := pls.Data{}
	for _, l := range m.Latents {
		data.Columns = append(data.Columns, l.Indicators...)
	}
	for _, answer := range answers {
		line := make([]float64, len(data.Columns))
		for i, c := range data.Columns {
			line[i] = math.NaN()
			if v := answer[c]; v > 0 {
				line[i] = float64(v)
			}
		}
		data.Rows = append(data.Rows, line)
	}
	return pls.Resample(ctx, m, data, pls.Settings{}, b)
}
