package settlement

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
	"csatflow/sinks/clickhouse"
)

// Settle compares the settings of this process with those of the rows, keeps them if there are none, and learns the
// producers' partitioner. While the topics have too few keys to learn from, every partition counts as right.
func (s *Settlement) Settle(ctx context.Context, producers Producers, log *slog.Logger) (*partitioner.Chosen, error) {
	if err := s.Compare(ctx); err != nil {
		return nil, err
	}
	placement, err := s.Placement(ctx, producers)
	if err != nil {
		return nil, err
	}
	kept, rows, err := s.Keep(ctx)
	if err != nil {
		return nil, err
	}
	if rows > 0 && kept {
		log.Info("the tables have rows of a release that kept no settings: they are taken to be made with the settings of this process", "settings", s.own)
	}
	return placement, nil
}

// Placement returns where keys belong: by the partitioner that is known or that the topics show; anywhere while neither says.
// Its errors are [LearnError].
func (s *Settlement) Placement(ctx context.Context, producers Producers) (*partitioner.Chosen, error) {
	by, known, err := s.Partitioner()
	if err == nil && !known {
		by, _, err = s.Learn(ctx, producers)
	}
	if err != nil {
		return nil, &LearnError{err}
	}
	placement := &partitioner.Chosen{}
	placement.Set(by)
	return placement, nil
}

// learnAgain is the pause between looks at topics with too few keys.
const learnAgain = 5 * time.Second

// Watch compares the settings whenever the group has changed (joined), and learns the partitioner once there are enough
// keys. It returns when the context ends, or the error.
func (s *Settlement) Watch(ctx context.Context, producers Producers, placement *partitioner.Chosen, joined <-chan struct{}, log *slog.Logger) error {
	_, known := s.own[PartitionerKey]
	if !known {
		log.Info("the topics have too few keys to learn the producers' partitioner: until then every partition counts as right (kafka.partitioner)")
	}
	again := time.NewTicker(learnAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-joined:
			if err := s.Compare(ctx); err != nil {
				if refused(err) {
					return err
				}
				log.Warn("comparing the settings with the tables' went wrong and is tried again at the next change of the group", "err", err)
			}
		case <-again.C:
			if known {
				continue
			}
			by, found, err := s.Learn(ctx, producers)
			if err == nil && found {
				_, _, err = s.Keep(ctx)
			}
			var topics *kafka.TopicError
			switch {
			case refused(err):
				return err
			case errors.As(err, &topics):
				return &LearnError{err}
			case err != nil:
				log.Warn("learning the producers' partitioner went wrong and is tried again", "in", learnAgain, "err", err)
				delete(s.own, PartitionerKey)
			case found:
				known = true
				placement.Set(by)
				log.Info("learnt the producers' partitioner", PartitionerKey, by.String())
			}
		}
	}
}

// refused reports whether an error is a refusal: going on would mix rows.
func refused(err error) bool {
	var differ *DifferError
	var newer *clickhouse.NewerError
	return errors.As(err, &differ) || errors.As(err, &newer)
}
