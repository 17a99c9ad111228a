package kafka

import (
	"context"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// Alone runs a worker for every partition up to the present ends of the logs, outside the consumer group: it neither
// reads nor commits offsets.
func (g *Group) Alone(ctx context.Context) error {
	until, err := g.untilEnd(ctx)
	if err != nil {
		return err
	}
	var assignments []*worker.Assignment
	for p := range g.Partitions {
		assignments = append(assignments, &worker.Assignment{Partition: p, Committed: pipeline.NoOffsets(), Ends: until.ends[p], Log: g.log(p),
			Commit: func(context.Context, [pipeline.Topics]int64) error { return nil }})
	}
	work, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return g.work(work, cancel, assignments)
}
