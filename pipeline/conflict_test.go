package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
	declared "csatflow/schemas/tables"
)

// meddled is a store into which another owner writes at the first read of old panes.
type meddled struct {
	*notedStore
	rows []pipeline.Rows
}

func (s *meddled) PanesAt(ctx context.Context, partition int, topic pipeline.Topic, ids []pipeline.PaneID, each func(pipeline.PaneRow) error) error {
	if s.rows != nil {
		if err := s.Store.Write(ctx, s.rows); err != nil {
			return err
		}
		s.rows = nil
	}
	return s.notedStore.PanesAt(ctx, partition, topic, ids, each)
}

// panesOf returns the panes of one time.
func panesOf(list []pipeline.Rows, resolution uint32, start time.Time) (picked []pipeline.Rows) {
	for _, r := range list {
		if r.Table != pipeline.TableSatisfactionPanes {
			continue
		}
		var resolutions []uint32
		var starts []time.Time
		for _, c := range r.Columns {
			switch c.Name {
			case "resolution":
				resolutions = c.Values.([]uint32)
			case "pane_start":
				starts = c.Values.([]time.Time)
			}
		}
		some := pipeline.Rows{Table: r.Table}
		for _, c := range r.Columns {
			values := reflect.ValueOf(c.Values)
			kept := reflect.MakeSlice(values.Type(), 0, 0)
			for i := range resolutions {
				if resolutions[i] == resolution && starts[i].Equal(start) {
					kept = reflect.Append(kept, values.Index(i))
				}
			}
			some.Columns = append(some.Columns, pipeline.Column{Name: c.Name, Values: kept.Interface()})
		}
		picked = append(picked, some)
	}
	return picked
}

// TestRowsThatAnotherOwnerWroteMeanwhileAreTakenInExactly: an old minute's pane has left the worker's memory. The worker
// adds four late events to it; another owner's row, which appears in the meantime, has the first few of them.
func TestRowsThatAnotherOwnerWroteMeanwhileAreTakenInExactly(t *testing.T) {
	for others := range 5 {
		t.Run(fmt.Sprint(others), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const early, late = 100, 4
				var list []message
				for i := range early + late {
					at := noon.Add(time.Duration(i) * time.Minute)
					if i >= early {
						at = noon.Add(5*time.Minute + time.Duration(i)*time.Second/10)
					}
					list = append(list, message{pipeline.Responses, "c1", answer(fmt.Sprint("e", i), at, 3, ""), at})
				}
				log := logs(list)
				first, second := log, log
				first[pipeline.Responses], second[pipeline.Responses] = log[pipeline.Responses][:early], log[pipeline.Responses][early:]
				r := newHarness(append(batchesOf(first, early), batchesOf(second, late)...), true)
				r.worker.Settings.PaneLimit, r.worker.FlushRows = 10, 50

				other := pipeline.NewTask(0, settings(), pipelinetest.NoObserver{})
				for i := range log[pipeline.Responses][:early+others] {
					other.Apply(&log[pipeline.Responses][i])
				}
				minute := noon.Add(5 * time.Minute)
				r.worker.Store = &meddled{notedStore: r.store, rows: panesOf(other.Flush().Of(declared.FactsStage), 60, minute)}
				if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
					t.Fatal(err)
				}
				want := int64(1)
				if others > 0 && others < late { // a part of the sum
					want = 2
				}
				if n := r.meter.restored.Load(); n != want {
					t.Errorf("restored %d times, want %d", n, want)
				}
				compare(t, inOrder(t, list), r.store.Store)
			})
		})
	}
}
