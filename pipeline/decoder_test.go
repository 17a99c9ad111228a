package pipeline_test

import (
	"bytes"
	"testing"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
)

// reversed is a format of its own: JSON written backwards.
type reversed struct{ event.Decoder }

func (d *reversed) Response(value []byte) (*event.Response, error) {
	back := bytes.Clone(value)
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return d.Decoder.Response(back)
}

func TestAnotherFormatStandsBesideJSON(t *testing.T) {
	set := pipeline.DefaultSettings()
	set.Decoder = func() event.Format { return &reversed{} }
	other, plain := pipeline.NewTask(0, set, pipelinetest.NoObserver{}), pipeline.NewTask(0, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	for i, m := range answers(20) {
		rec := pipeline.Record{Topic: m.topic, Offset: int64(i), Time: m.at, Key: []byte(m.key), Value: []byte(m.value)}
		if got := plain.Apply(&rec); got != pipeline.Applied {
			t.Fatalf("record %d is %v", i, got)
		}
		rec.Value = bytes.Clone(rec.Value)
		for i, j := 0, len(rec.Value)-1; i < j; i, j = i+1, j-1 {
			rec.Value[i], rec.Value[j] = rec.Value[j], rec.Value[i]
		}
		if got := other.Apply(&rec); got != pipeline.Applied {
			t.Fatalf("record %d in the other format is %v", i, got)
		}
	}
	a, b := pipelinetest.NewStore(), pipelinetest.NewStore()
	for _, s := range []struct {
		store *pipelinetest.Store
		task  *pipeline.Task
	}{{a, plain}, {b, other}} {
		for _, stage := range s.task.Flush().Stages() {
			if err := s.store.Write(t.Context(), stage); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(a.Table(pipeline.TableResponses)) != 20 || len(b.Table(pipeline.TableResponses)) != 20 {
		t.Fatalf("%d and %d responses", len(a.Table(pipeline.TableResponses)), len(b.Table(pipeline.TableResponses)))
	}
	compare(t, a, b)
}
