package document

import (
	"context"
	"fmt"

	"csatflow/pipeline/pls"
	"csatflow/schemas/service"
	"csatflow/sinks/insight/explain"
	"csatflow/sinks/insight/report"
)

// Document is a report to be written.
type Document struct {
	*report.Report
	CSI   *pls.Bootstrap
	NoCSI string // why there is no index
	model *service.Questionnaire
}

// Make reads the views and makes the report.
func Make(ctx context.Context, conn explain.Conn, o report.Options) (*Document, error) {
	found, err := report.Make(ctx, conn, o)
	if err != nil {
		return nil, err
	}
	r := &Document{Report: found}
	if err := r.index(ctx, conn); err != nil {
		return nil, fmt.Errorf("satisfaction index: %w", err)
	}
	return r, nil
}
