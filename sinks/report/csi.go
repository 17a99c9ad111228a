package report

import (
	"fmt"

	"csatflow/pipeline/pls"
)

// LatentRow is a latent variable of the index, for people.
type LatentRow struct {
	ID string
	pls.Interval
	R2 string
}

// Indices are the latent variables with their index from 0 to 100.
func (r *Report) Indices() (rows []LatentRow) {
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

// Effects are the paths with their coefficients.
func (r *Report) Effects() (rows []PathRow) {
	for i, p := range r.CSI.Fit.Paths {
		rows = append(rows, PathRow{p.From, p.To, r.CSI.Paths[i]})
	}
	return rows
}
