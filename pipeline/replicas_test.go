package pipeline_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// lagging is a store of several servers. It takes writes, but reads only through Reader, which fails the first time.
type lagging struct {
	*notedStore
	t                      *testing.T
	readers, open, tooMany int
}

func (l *lagging) Reader(context.Context) (pipeline.Store, func(), error) {
	if l.readers++; l.readers == 1 {
		return nil, nil, errors.New("no replica has caught up")
	}
	if l.open++; l.open > 1 {
		l.tooMany++
	}
	return l.notedStore, func() { l.open-- }, nil
}

func (l *lagging) stale() error {
	l.t.Error("it was read from a server that may lag behind")
	return nil
}

func (l *lagging) Positions(context.Context, func(pipeline.PositionRow) error) error {
	return l.stale()
}

func (l *lagging) Histories(context.Context, int, pipeline.Topic, func(pipeline.HistoryRow) error) error {
	return l.stale()
}

func (l *lagging) Scores(context.Context, int, func(pipeline.ScoreRow) error) error { return l.stale() }

func (l *lagging) Panes(context.Context, int, pipeline.Topic, int, func(pipeline.PaneRow) error) (int64, error) {
	return 0, l.stale()
}

func (l *lagging) PanesAt(context.Context, int, pipeline.Topic, []pipeline.PaneID, func(pipeline.PaneRow) error) error {
	return l.stale()
}

func (l *lagging) OlderLogic(context.Context, int) (bool, error) { return false, l.stale() }

func TestWhatIsReadBackComesFromAReplicaThatHasCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := lateEvents(rand.New(rand.NewPCG(1, 7)), 700)
		r := newHarness(batchesOf(logs(list), 40), true)
		store := &lagging{notedStore: r.store, t: t}
		r.worker.Store, r.worker.FlushRows = store, 100
		r.worker.Settings.PaneLimit = 1000
		if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		if store.readers < 3 || store.open != 0 || store.tooMany != 0 { // the failed one, the restore's, those of old panes
			t.Errorf("%d readers, of which %d were not let go of", store.readers, store.open)
		}
		compare(t, inOrder(t, list), r.store.Store)
	})
}
