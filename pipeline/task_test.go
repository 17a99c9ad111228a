package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
)

// message is an event before it has an offset.
type message struct {
	topic pipeline.Topic
	key   string
	value string
	at    time.Time
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// someEvents returns a few customers' responses and complaints over three days, by event time, no two at once.
func someEvents(r *rand.Rand, n int) []message {
	var list []message
	for i := range n {
		at := noon.Add(time.Duration(i)*time.Duration(72*3600/n)*time.Second + time.Duration(r.IntN(1000))*time.Millisecond)
		c := fmt.Sprintf("c%d", r.IntN(4))
		e := map[string]any{"event_id": fmt.Sprintf("e%d", i), "occurred_at": at.Format(time.RFC3339Nano), "store_id": pick(r, "s1", "s2"), "region": "north", "source": pick(r, "pos", "call", "whatsapp")}
		topic := pipeline.Responses
		switch r.IntN(8) {
		case 5, 6:
			topic = pipeline.Purchases
			e["customer_id"], e["amount"] = c, float64(r.IntN(100_000)-10_000)/100
			if r.IntN(2) == 0 {
				e["margin"], e["service_cost"] = float64(r.IntN(3000))/100, float64(r.IntN(500))/100
			}
		case 7:
			delete(e, "source")
			if r.IntN(2) == 0 {
				topic = pipeline.Departures
				e["customer_id"], e["leave_reason"] = c, pick(r, event.LeaveReasons...)
				break
			}
			if r.IntN(2) == 0 {
				topic = pipeline.Asked
				if e["customer_id"] = c; r.IntN(2) == 0 {
					delete(e, "customer_id")
					e["terminal_id"], c = "t1", "t1"
				}
				e["channel"], e["attributes"] = pick(r, "till", "email"), map[string]string{"department": "garden"}
				break
			}
			topic, c = pipeline.Observations, e["store_id"].(string)
			e["kind"], e["standard_id"], e["opportunities"], e["defects"] = pick(r, event.ObservationKinds...), "greet-30s", 1+r.IntN(50), r.IntN(3)
		case 0, 1:
			topic = pipeline.Complaints
			e["customer_id"], e["complaint_id"] = c, fmt.Sprintf("p%d", r.IntN(3))
			e["step"] = pick(r, append(slices.Clone(event.Steps), "assigned", "noted")...)
			e["category"] = pick(r, append(slices.Clone(event.Categories), "billing", "insurance")...)
			e["employee_id"] = pick(r, "e1", "e2", "e3")
			if r.IntN(3) == 0 {
				e["fairness"] = map[string]int{"outcome": 1 + r.IntN(7), "process": 1 + r.IntN(7)}
			}
		case 2:
			e["terminal_id"] = "t1"
			c = "t1"
			answerIn(r, e)
		default:
			e["customer_id"] = c
			answerIn(r, e)
			e["expectation"], e["performance"] = 1+r.IntN(7), 1+r.IntN(7)
			e["rater"] = map[string]int{pick(r, event.RaterNames...): 1 + r.IntN(7)}
			e["recommend"], e["emotion"] = pick(r, event.Recommends...), pick(r, event.Emotions...)
			if r.IntN(8) == 0 {
				e["brand"] = "rival"
			}
			if r.IntN(8) == 0 {
				e["survey"] = "comprehensive"
			}
			if r.IntN(4) == 0 {
				e["equity"] = r.IntN(7) - 3
			}
		}
		b, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		list = append(list, message{topic, c, string(b), at})
	}
	return list
}

// answerIn gives a response its grade, or answers in scales of their own, or both.
func answerIn(r *rand.Rand, e map[string]any) {
	scales := r.IntN(8)
	if scales > 0 {
		e["grade"] = 1 + r.IntN(7)
	}
	if scales <= 1 {
		e["nps"], e["ces"], e["stars"] = r.IntN(11), 1+r.IntN(7), 1+r.IntN(5)
		for _, left := range []string{"nps", "ces"} {
			if r.IntN(2) == 0 {
				delete(e, left)
			}
		}
	}
}

// logs returns the topics' logs of messages in order of arrival.
func logs(list []message) (topics [pipeline.Topics][]pipeline.Record) {
	for _, m := range list {
		topics[m.topic] = append(topics[m.topic], pipeline.Record{Topic: m.topic, Offset: int64(len(topics[m.topic])), Time: m.at, Key: []byte(m.key), Value: []byte(m.value)})
	}
	return topics
}

func settings() *pipeline.Settings {
	s := pipeline.DefaultSettings()
	s.PaneLimit, s.Partitions = 1000, 2
	s.Words = event.Words{event.SourceWords: {{Name: "whatsapp"}}, event.StepWords: {{Name: "assigned", Like: event.StepContacted}, {Name: "noted"}},
		event.CategoryWords: {{Name: "billing", Like: event.CategoryPrice}, {Name: "insurance", Like: event.Code(event.Categories, "other")}}}
	return s
}

// admitted says of some words that they were added later: what was sent before has a dead letter, whenever it is read.
func admitted() pipeline.Admitted {
	return pipeline.Admitted{{Key: event.SourceWords, Name: "whatsapp"}: {From: map[pipeline.Topic][]int64{pipeline.Responses: {4, 3}, pipeline.Complaints: {2, 2}}},
		{Key: event.CategoryWords, Name: "billing"}: {From: map[pipeline.Topic][]int64{pipeline.Complaints: {6, 6}}}, {Key: event.StepWords, Name: "noted"}: {Never: true}}
}

// inOrder returns the tables after the events in one run with one flush.
func inOrder(t *testing.T, list []message) *pipelinetest.Store {
	t.Helper()
	store := pipelinetest.NewStore()
	task := pipeline.NewTask(0, settings(), pipelinetest.NoObserver{})
	for _, log := range logs(list) {
		for i := range log {
			task.Apply(&log[i])
		}
	}
	write(t, store, task.Flush())
	return store
}

func write(t *testing.T, store *pipelinetest.Store, f *pipeline.Flush) {
	t.Helper()
	for _, stage := range f.Stages() {
		if err := store.Write(context.Background(), stage); err != nil {
			t.Fatal(err)
		}
	}
}

var stateTables = []string{pipeline.TableSatisfactionPanes, pipeline.TableRecoveryPanes, pipeline.TableComplaints, pipeline.TableMoments, pipeline.TableChurn}

// eventTables have a row by offset.
var eventTables = []string{pipeline.TableResponses, pipeline.TableComplaintEvents, pipeline.TablePurchases, pipeline.TableObservations, pipeline.TableDepartures, pipeline.TableAsked}

func compare(t *testing.T, want, got *pipelinetest.Store) {
	t.Helper()
	for _, table := range stateTables {
		if d := pipelinetest.Difference(table, want, got); d != "" {
			t.Fatal(d)
		}
	}
}

func TestAnyOrderOfArrivalWithRepetitionsEndsInTheSameTables(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		list := someEvents(r, 60)
		want := inOrder(t, list)
		shuffled := slices.Clone(list)
		for range 10 {
			shuffled = append(shuffled, list[r.IntN(len(list))])
		}
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		store := pipelinetest.NewStore()
		task := pipeline.NewTask(0, settings(), pipelinetest.NoObserver{})
		topics := logs(shuffled)
		left := len(shuffled)
		for left > 0 {
			i := r.IntN(len(topics))
			if len(topics[i]) == 0 {
				continue
			}
			left--
			task.Apply(&topics[i][0])
			topics[i] = topics[i][1:]
			if r.IntN(8) == 0 {
				write(t, store, task.Flush())
			}
		}
		write(t, store, task.Flush())
		if t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { compare(t, want, store) }); t.Failed() {
			return
		}
	}
}
