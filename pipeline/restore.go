package pipeline

import (
	"context"
	"fmt"

	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
)

// Restore reads the partition's rows back into an empty task, in the reverse order of writing: position, histories, panes.
// So no row is older than the one that vouches for it, even while a writer that lost the partition still flushes. Rows
// over several topics are made again if they are behind their histories, or were scored with another model.
func (t *Task) Restore(ctx context.Context, store Store) error {
	if err := store.Positions(ctx, t.restorePosition); err != nil {
		return fmt.Errorf("restoring positions, partition %d: %w", t.Partition, err)
	}
	for topic := range Topic(historyTopics) {
		if err := store.Histories(ctx, t.Partition, topic, func(row HistoryRow) error { return t.restoreHistory(topic, row) }); err != nil {
			return fmt.Errorf("restoring histories of %s, partition %d: %w", topic, t.Partition, err)
		}
	}
	if err := t.restoreScores(ctx, store); err != nil {
		return fmt.Errorf("restoring churn, partition %d: %w", t.Partition, err)
	}
	for topic := range Topic(paneTopics) {
		if err := t.restorePanes(ctx, store, topic); err != nil {
			return fmt.Errorf("restoring panes of %s, partition %d: %w", topic, t.Partition, err)
		}
	}
	return nil
}

func (t *Task) restorePosition(row PositionRow) error {
	if row.Logic > rows.LogicVersion {
		return &FinalError{fmt.Errorf("the rows of partition %d are of logic version %d, and this release computes by version %d: a newer release of csatflow is at work on this database. Run that release", row.Partition, row.Logic, rows.LogicVersion)}
	}
	t.partitionsBefore = max(t.partitionsBefore, row.Partitions)
	if row.Partition == t.Partition {
		t.known[row.Topic] = &row.Position
		t.seen[row.Topic] = row.Position
	}
	return nil
}

func (t *Task) restorePanes(ctx context.Context, store Store, topic Topic) error {
	set := t.panes[topic]
	left, err := store.Panes(ctx, t.Partition, topic, t.set.PaneLimit*3/4, func(row PaneRow) error { return t.loadPane(topic, row) })
	if err != nil {
		return err
	}
	if left > 0 {
		for r := range pane.Resolution(pane.Resolutions) {
			if start := left - int64(r.Seconds()); start > 0 {
				set.SetFrontier(r, pane.StartOf(start))
			}
		}
	}
	return nil
}

func (t *Task) loadPane(topic Topic, row PaneRow) error {
	resolution, ok := pane.ResolutionOf(row.Resolution)
	if !ok {
		return fmt.Errorf("a pane has the resolution %d, which this release does not know", row.Resolution)
	}
	p := &pane.Pane{Key: pane.NewKey(t.registry.Ref(row.Series), resolution, pane.StartOf(row.Start)), Mark: row.Mark, Groups: row.Groups, Counters: row.Counters}
	for i, b := range row.Buckets {
		p.Hist.Add(b, row.Counts[i])
	}
	if err := t.panes[topic].Load(p); err != nil {
		return fmt.Errorf("pane %v: %w", row.PaneID, err)
	}
	return nil
}

// Absent reports whether events wait for panes that are stored and not in memory; [Task.FetchAbsent] reads those and adds
// the events. Do not call it during a flush: unwritten rows cannot be read back.
func (t *Task) Absent() bool {
	return t.panes[Responses].Waits() || t.panes[Complaints].Waits()
}

// FetchAbsent reads the panes that events wait for.
func (t *Task) FetchAbsent(ctx context.Context, store Store) error {
	for topic := range Topic(paneTopics) {
		set := t.panes[topic]
		keys := set.Absent()
		if len(keys) == 0 {
			continue
		}
		ids := make([]PaneID, len(keys))
		for i, k := range keys {
			ids[i] = PaneID{Resolution: k.Resolution().Seconds(), Start: k.Start().Unix(), Series: *t.registry.Series(k.Series())}
		}
		if err := store.PanesAt(ctx, t.Partition, topic, ids, func(row PaneRow) error { return t.loadPane(topic, row) }); err != nil {
			return fmt.Errorf("reading %d old panes of %s, partition %d: %w", len(ids), topic, t.Partition, err)
		}
		set.Settle()
	}
	return nil
}
