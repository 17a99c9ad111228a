package api

import (
	"context"
	"net/url"
)

// FirstView lists the questions that the page asks when it is opened at its plain address.
var FirstView = []string{
	"grades?range=24h", "grades_before?range=24h", "pulse?range=24h", "trend?range=24h", "alerts?limit=20&range=24h", "alerts?range=24h", "alert_coverage", "backlog?range=24h", "recovery?range=24h",
	"places?kind=store&limit=8&order=asc&range=24h&sort=csat_index", "risk", "actions?action=call_back&limit=1000",
}

// Warm asks the questions of the first view, so that ClickHouse has read their data before a visitor waits. A visitor asks
// those that fail again.
func (s *Server) Warm(ctx context.Context) {
	for _, path := range FirstView {
		u, err := url.Parse(path)
		if err != nil {
			s.Log.Error("asking what the first view asks", "path", path, "err", err)
			continue
		}
		if _, err := s.ask(ctx, s.questions.Of(u.Path), u.Query()); err != nil {
			s.Log.Debug("asking what the first view asks", "path", path, "err", err)
			return
		}
	}
}
