package pipeline_test

import (
	"slices"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/derived"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/rows"
)

// rule is a rule that exactness needs. A simulation may break one, to show that it is needed and that the simulation
// notices.
type rule string

const (
	flushOrder       rule = "panes are written before histories"
	positionOrder    rule = "the position is written after all rows"
	churnOrder       rule = "churn, which vouches for moments, is written after them"
	marks            rule = "an event at or below a row's mark is not applied to it again"
	versions         rule = "a row's version is how far it has absorbed its log"
	readOrder        rule = "panes are read after histories"
	oneSnapshot      rule = "histories are read no earlier than the position"
	oneTopicASum     rule = "a sum comes from one topic"
	madeAgain        rule = "rows of two topics that are behind their histories are made again"
	vouching         rule = "a churn row vouches for the histories that it was made of, and not for all with as many events"
	deadLettersFirst rule = "dead letters are sent before the position is written"
)

// rules are the rules in force.
type rules struct {
	broken           rule
	commitsNotFenced bool // any process may commit; exactness does not need this rule
}

// holding names what is written after what, when an order is broken.
var holding = map[rule][2]string{
	flushOrder:    {pipeline.TableSatisfactionPanes, pipeline.TableCustomerResponses},
	positionOrder: {pipeline.TableCustomerResponses, pipeline.TablePositions},
	churnOrder:    {pipeline.TableMoments, pipeline.TableChurn},
}

func names(rows []pipeline.Rows, table string) bool {
	return slices.ContainsFunc(rows, func(r pipeline.Rows) bool { return r.Table == table })
}

// order breaks the order of writing: it holds rows back until others are written. It reports whether rows are held.
func (r *rules) order(p *port, rows []pipeline.Rows) (now, after []pipeline.Rows) {
	h, broken := holding[r.broken]
	switch {
	case !broken:
		return rows, nil
	case names(rows, h[0]):
		p.held = rows
		return nil, nil
	case names(rows, h[1]):
		after, p.held = p.held, nil
	}
	return rows, after
}

// stamped returns rows with versions by time of writing.
func (r *rules) stamped(w *simulation, list []pipeline.Rows) []pipeline.Rows {
	if r.broken != versions {
		return list
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].Columns = slices.Clone(list[i].Columns)
		for j, c := range list[i].Columns {
			if c.Name == "version" {
				list[i].Columns[j].Values = slices.Repeat([]uint64{rows.MinVersion() + w.stamp.Add(1)}, list[i].Len())
			}
		}
	}
	return list
}

// reading returns the tables that a read sees.
func (r *rules) reading(p *port, name string, s *pipelinetest.Store) *pipelinetest.Store {
	switch {
	case name == "positions":
		p.first = s.Clone()
	case name == "panes" && r.broken == readOrder:
		return p.first
	case name == "histories" && r.broken == oneSnapshot && p.simulation.old != nil:
		return p.simulation.old
	}
	return s
}

func (r *rules) history(row pipeline.HistoryRow) pipeline.HistoryRow {
	if r.broken == marks {
		row.Mark = -1
	}
	return row
}

func (r *rules) pane(row pipeline.PaneRow) pipeline.PaneRow {
	if r.broken == marks {
		row.Mark = -1
	}
	return row
}

// score makes a row vouch for histories that it was not made of.
func (r *rules) score(row pipeline.ScoreRow, restored derived.Absorbed) pipeline.ScoreRow {
	if r.broken == madeAgain || r.broken == vouching && row.Version >= restored.Version() {
		row.MadeOf = restored.Hash()
	}
	return row
}

func (r *rules) observer(s *simWorker) pipeline.Observer {
	if r.broken == oneTopicASum {
		return mixer{worker: s}
	}
	return pipelinetest.NoObserver{}
}

// mixer adds complaints to panes of responses.
type mixer struct {
	pipelinetest.NoObserver
	worker *simWorker
}

func (m mixer) Complaint(c *event.Complaint, _, _ *customer.Summary) {
	m.worker.worker.Task().SpoilDay(c.OccurredAt)
}
