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

// Settle sees to it that the rows of the database are made with the settings of this process, and finds the partitioner
// of the producers. While the topics have too few keys to tell, every partition is taken for right.
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
		log.Info("the tables have rows of a release that kept no settings: those of this process are taken for the ones that they were made with", "settings", s.own)
	}
	return placement, nil
}

// Placement is where keys belong: by the partitioner that is known, or that the topics tell of; anywhere while nothing tells.
// Errors are of [LearnError].
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

// learnAgain is how often the topics are looked at while they have too few keys.
const learnAgain = 5 * time.Second

// Watch compares the settings whenever joined says that the group has changed, and learns the partitioner once there are
// keys enough. It ends with the context, or with what is wrong.
func (s *Settlement) Watch(ctx context.Context, producers Producers, placement *partitioner.Chosen, joined <-chan struct{}, log *slog.Logger) error {
	_, known := s.own[PartitionerKey]
	if !known {
		log.Info("the topics have too few keys to learn the producers' partitioner from: every partition is taken for right meanwhile (kafka.partitioner)")
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
				log.Warn("comparing the settings with those of the tables went wrong and is tried again at the next change of the group", "err", err)
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
				log.Info("learnt how producers find partitions", PartitionerKey, by)
			}
		}
	}
}

// refused says that an error is no accident: to go on would mix rows.
func refused(err error) bool {
	var differ *DifferError
	var newer *clickhouse.NewerError
	return errors.As(err, &differ) || errors.As(err, &newer)
}
