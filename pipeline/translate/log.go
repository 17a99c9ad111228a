package translate

import (
	"context"
	"sync"

	"csatflow/pipeline"
)

// handBytes is about how many bytes of JSON are handed on at once: a batch of other forms may be much larger as JSON.
const handBytes = 4 << 20

// Log returns a log whose feed has the events of all records as JSON.
func (t *Translator) Log(partition int, l pipeline.Log) pipeline.Log {
	return &log{l, t, partition}
}

type log struct {
	pipeline.Log
	translator *Translator
	partition  int
}

// Open starts fetching and translating at these offsets.
func (l *log) Open(ctx context.Context, next [pipeline.Topics]int64) (pipeline.Feed, error) {
	in, err := l.Log.Open(ctx, next)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{Feed: in, log: l, batches: make(chan pipeline.Batch), cancel: cancel}
	go f.run(ctx)
	return f, nil
}

// feed translates what another feed delivers.
type feed struct {
	pipeline.Feed
	log     *log
	batches chan pipeline.Batch
	cancel  context.CancelFunc
	once    sync.Once
}

// Batches returns the channel of translated batches.
func (f *feed) Batches() <-chan pipeline.Batch { return f.batches }

// Close stops translating and fetching, and waits for both.
func (f *feed) Close() {
	f.once.Do(func() {
		f.cancel()
		f.Feed.Close()
		for range f.batches { // it may be about to hand one on
		}
	})
}

func (f *feed) run(ctx context.Context) {
	defer close(f.batches)
	for {
		select {
		case b, open := <-f.Feed.Batches():
			if !open || f.batch(ctx, b) != nil { // the context has ended
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// batch translates a batch and hands it on, in parts if it is large.
func (f *feed) batch(ctx context.Context, rest pipeline.Batch) error {
	if f.log.translator.Reads(rest.Topic) {
		begun, size := 0, 0
		list := rest.Records
		for i := range list {
			if err := f.log.translator.Record(ctx, rest.Topic, f.log.partition, &list[i]); err != nil {
				return err
			}
			if size += len(list[i].JSON); size < handBytes || i == len(list)-1 {
				continue
			}
			part := rest
			part.Records, part.Next = list[begun:i+1], list[i].Offset+1
			if err := f.hand(ctx, part); err != nil {
				return err
			}
			begun, size = i+1, 0
			rest.Records = list[begun:]
		}
	}
	return f.hand(ctx, rest)
}

func (f *feed) hand(ctx context.Context, b pipeline.Batch) error {
	select {
	case f.batches <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
