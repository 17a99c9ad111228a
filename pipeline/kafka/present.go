package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"csatflow/pipeline"
)

// present waits until the input topics exist, as they did when the process started. Without it kafka-go would join the group
// some forty times a second, in vain. It reports whether it waited; a [pipeline.FinalError] means that waiting cannot
// help.
func (g *Group) present(ctx context.Context) (waited bool, err error) {
	for ctx.Err() == nil {
		n, err := g.Connection.CheckTopics(ctx, g.Topics)
		var wrong *TopicError
		switch {
		case err == nil && n != g.Partitions:
			return waited, &pipeline.FinalError{Err: fmt.Errorf("the input topics have %d partitions, and had %d when this process started: start it again", n, g.Partitions)}
		case !errors.As(err, &wrong): // joining reports any other error
			return waited, nil
		case !wrong.Absent || g.UntilEnd:
			return waited, &pipeline.FinalError{Err: wrong}
		case !waited:
			g.Log.Warn("waiting for the input topics", "err", wrong)
			waited = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return waited, nil
}
