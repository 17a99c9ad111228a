package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"csatflow/pipeline"
)

// watchEvery is the time between two looks at whether the input topics are still as they were when the process started.
const watchEvery = 5 * time.Second

// watchTopics ends the work once the input topics are no longer as they were. kafka-go's own watch begins after the partitions
// are shared out, and takes what it finds then for what was: partitions that are added in between would never be read.
func (g *Group) watchTopics(work context.Context, end context.CancelCauseFunc) {
	for sleep(work, watchEvery) {
		if err := g.changed(work); err != nil {
			end(err)
		}
	}
}

// changed returns how the input topics are no longer as they were when the process started: a [TopicError], or a [pipeline.FinalError]
// for another number of partitions. It is nil too if nobody can tell: joining reports that.
func (g *Group) changed(ctx context.Context) error {
	n, err := g.Connection.CheckTopics(ctx, g.Topics)
	var wrong *TopicError
	switch {
	case errors.As(err, &wrong):
		return wrong
	case err == nil && n != g.Partitions:
		return &pipeline.FinalError{Err: fmt.Errorf("the input topics have %d partitions, and had %d when this process started: start it again", n, g.Partitions)}
	}
	return nil
}

// present waits until the input topics exist, as they did when the process started. Without it kafka-go would join the group
// some forty times a second, in vain. It reports whether it waited; a [pipeline.FinalError] means that waiting cannot
// help.
func (g *Group) present(ctx context.Context) (waited bool, err error) {
	for ctx.Err() == nil {
		err := g.changed(ctx)
		var wrong *TopicError
		switch {
		case !errors.As(err, &wrong):
			return waited, err
		case !wrong.Absent || g.UntilEnd:
			return waited, &pipeline.FinalError{Err: wrong}
		case !waited:
			g.Log.Warn("waiting for the input topics", "err", wrong)
			waited = true
		}
		sleep(ctx, time.Second)
	}
	return waited, nil
}
