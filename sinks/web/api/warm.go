package api

import (
	"context"
	"net/url"
)

// FirstView lists the questions that the page asks together when it is opened at its plain address.
var FirstView = []string{
	"alerts?range=24h&limit=60", "alert_coverage", "call_list?range=24h&stores=firing&sort=value_at_risk&limit=100", "grades?range=24h", "grades_before?range=24h", "pulse?range=24h", "scales?range=24h", "backlog?range=24h", "recovery?range=24h", "risk?range=24h",
	"calls?range=24h", "trend?range=24h", "alerts?range=24h", "places?range=24h&kind=store&sort=csat_index&order=asc&limit=8",
}

// Warm asks the questions of the first view, so that ClickHouse has read their data before a visitor waits. A visitor asks
// those that fail again.
func (s *Server) Warm(ctx context.Context) {
	f, err := s.freshness(ctx)
	if err != nil {
		s.Log.Debug("asking what the first view asks", "err", err)
		return
	}
	sent := url.Values{"ask": FirstView}
	list, err := s.askings(sent, f)
	if err != nil {
		s.Log.Error("asking what the first view asks", "err", err)
		return
	}
	if _, _, err := (&outcome{server: s, sent: sent, list: list, version: f.version}).get(ctx, true); err != nil {
		s.Log.Debug("asking what the first view asks", "err", err)
	}
}
