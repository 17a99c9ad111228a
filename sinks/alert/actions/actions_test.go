package actions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/schemas"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/actions"
	"csatflow/sinks/clickhouse"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// topic keeps what it was sent.
type topic struct {
	sent  []actions.Action
	keys  []string
	raw   [][]byte
	fails error
}

func (p *topic) Send(_ context.Context, keys, values [][]byte) error {
	if p.fails != nil {
		return p.fails
	}
	for i := range keys {
		var a actions.Action
		if err := json.Unmarshal(values[i], &a); err != nil {
			return err
		}
		p.sent, p.keys, p.raw = append(p.sent, a), append(p.keys, string(keys[i])), append(p.raw, values[i])
	}
	return nil
}

// said returns, in short, what was sent since the last call.
func (p *topic) said() (list []string) {
	for _, a := range p.sent {
		who := a.Customer + a.Employee
		if a.Customer != "" {
			who = a.Customer
		}
		list = append(list, strings.TrimSpace(fmt.Sprint(a.Kind, " ", who, " ", a.State, " ", a.Outcome)))
	}
	p.sent = nil
	slices.Sort(list)
	return list
}

// company is a database whose events the test inserts itself.
type company struct {
	t          *testing.T
	store      *clickhouse.Store
	task       *pipeline.Task
	offsets    [pipeline.Topics]int64
	topic      *topic
	dispatcher *actions.Dispatcher
}

func founded(t *testing.T) *company {
	set := pipeline.DefaultSettings()
	s, _, database := storetest.New(t, set)
	c := &company{t: t, store: s, task: pipeline.NewTask(0, set, pipelinetest.NoObserver{}), topic: &topic{}}
	c.dispatcher = &actions.Dispatcher{Conn: s.Conn(), Database: database, Topic: c.topic}
	return c
}

func (c *company) event(topic pipeline.Topic, customer string, at time.Time, fields string, args ...any) {
	value := fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":%q,%s}`, c.offsets[topic], at.Format(time.RFC3339), customer, fmt.Sprintf(fields, args...))
	c.task.Apply(&pipeline.Record{Topic: topic, Offset: c.offsets[topic], Time: time.Now(), Key: []byte(customer), Value: []byte(value)})
	c.offsets[topic]++
}

func (c *company) graded(customer string, at time.Time, grade int) {
	c.event(pipeline.Responses, customer, at, `"grade":%d,"store_id":"s-1","employee_id":"e-9"`, grade)
}

// at evaluates at a time and expects these messages.
func (c *company) at(now time.Time, firing []alert.Alert, want ...string) {
	c.t.Helper()
	storetest.Write(c.t, c.store, c.task)
	if err := c.dispatcher.At(c.t.Context(), now, firing); err != nil {
		c.t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.topic.said()); diff != "" {
		c.t.Errorf("as of %s, want (-), said (+):\n%s", now.Format("15:04"), diff)
	}
}

var ten = time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)

func hours(n int) time.Time { return ten.Add(time.Duration(n) * time.Hour) }

func TestSilentDissatisfiedCustomersAreCalledUntilEventsShowThatItIsDone(t *testing.T) {
	c := founded(t)
	for _, who := range []string{"glad", "speaks", "leaves", "silent"} {
		c.graded(who, ten, 2)
	}
	c.graded("content", ten, 5)
	c.graded("complains", ten, 1)
	c.event(pipeline.Complaints, "complains", hours(1), `"complaint_id":"k-1","step":"opened","category":"price"`)
	c.graded("recovers", ten, 1)
	c.graded("recovers", hours(2), 6)
	c.at(hours(3), nil, "apologise complains open") // the customer may still complain
	c.at(hours(5), nil, "call_back glad open", "call_back leaves open", "call_back silent open", "call_back speaks open")
	c.graded("silent", hours(6), 1) // only one call
	c.graded("glad", hours(6), 6)
	c.event(pipeline.Complaints, "speaks", hours(7), `"complaint_id":"k-2","step":"opened","category":"apathy"`)
	c.event(pipeline.Departures, "leaves", hours(8), `"leave_reason":"competitor"`)
	c.at(hours(12), nil, "apologise speaks open", "call_back glad closed satisfied", "call_back leaves closed left", "call_back speaks closed complained")
	c.at(hours(13), nil)
	c.at(hours(24*31), nil, "call_back silent closed lapsed")
}

func TestTheNextRemedyOfAComplaintIsDueUntilItIsGiven(t *testing.T) {
	c := founded(t)
	step := func(at int, fields string) {
		c.event(pipeline.Complaints, "c", hours(at), `"complaint_id":"k","category":"delivery",%s`, fields)
	}
	step(0, `"step":"opened"`)
	c.at(hours(1), nil, "apologise c open")
	step(2, `"step":"remedied","remedies":["apologised"]`)
	c.at(hours(3), nil, "apologise c closed done", "correct c open")
	step(4, `"step":"remedied","remedies":["corrected","compensated"]`)
	c.at(hours(5), nil, "correct c closed done", "go_further c open")
	step(6, `"step":"resolved"`)
	c.at(hours(7), nil, "go_further c closed resolved")
	step(8, `"step":"reopened"`)
	c.at(hours(9), nil) // go_further was sent already, and nothing else is left
}

func TestAnEmployeeWhoCarriesAFallIsLookedAtAgain(t *testing.T) {
	c := founded(t)
	for i := range 60 {
		c.graded(fmt.Sprint("before", i), hours(-72).Add(time.Duration(i)*time.Minute), 6)
	}
	firing := []alert.Alert{{Rule: ruleset.SatisfactionDrop, Kind: "store", ID: "s-1", Start: hours(-1), Fired: ten, Evidence: []alert.Evidence{
		{Dimension: "employee", ID: "e-9", Value: 3, Before: 6, Share: .7, Mix: .1}, {Dimension: "employee", ID: "returns", Value: 4, Before: 4, Share: .3, Mix: .3}, {Dimension: "rater", ID: "empathy"}}}}
	c.at(ten, firing, "retest e-9 open")
	c.at(hours(1), firing)
	for i := range 19 {
		c.graded(fmt.Sprint("after", i), hours(2).Add(time.Duration(i)*time.Minute), 6)
	}
	c.at(hours(5), nil)
	c.graded("twentieth", hours(5), 6)
	c.at(hours(7), nil, "retest e-9 closed satisfied")
}

func TestNothingIsSaidTwiceAfterARestartAndNothingIsLostInACrash(t *testing.T) {
	c := founded(t)
	c.graded("silent", ten, 2)
	storetest.Write(t, c.store, c.task)
	c.topic.fails = errors.New("no broker")
	if err := c.dispatcher.At(t.Context(), hours(5), nil); err == nil {
		t.Error("what could not be sent is told as said")
	}
	c.topic.fails = nil
	c.at(hours(5), nil, "call_back silent open")
	restarted := *c.dispatcher
	c.dispatcher = &actions.Dispatcher{Conn: restarted.Conn, Database: restarted.Database, Topic: c.topic}
	c.at(hours(6), nil)
	c.graded("silent", hours(6), 6)
	// Killed after the send, before the write: it is sent again under the same id.
	storetest.Write(t, c.store, c.task)
	c.dispatcher.Conn = deaf{restarted.Conn}
	if err := c.dispatcher.At(t.Context(), hours(7), nil); err == nil {
		t.Error("what could not be put down is told as said")
	}
	first := c.topic.sent[0]
	c.topic.sent = nil
	c.dispatcher = &actions.Dispatcher{Conn: restarted.Conn, Database: restarted.Database, Topic: c.topic}
	if err := c.dispatcher.At(t.Context(), hours(8), nil); err != nil {
		t.Fatal(err)
	}
	if len(c.topic.sent) != 1 || c.topic.sent[0].ID != first.ID || c.topic.sent[0].State != first.State {
		t.Errorf("first %+v, then %+v", first, c.topic.sent)
	}
	c.topic.sent = nil
	c.at(hours(9), nil)
}

// deaf is a database that accepts no writes.
type deaf struct{ clickhouse.Conn }

func (deaf) Exec(context.Context, string, ...any) error { return errors.New("killed") }

func TestMessagesAreAsTheContractSays(t *testing.T) {
	c := founded(t)
	c.graded("a", ten, 2)
	c.event(pipeline.Complaints, "b", ten, `"complaint_id":"k","step":"opened","category":"price"`)
	c.at(hours(5), nil, "apologise b open", "call_back a open")
	c.graded("a", hours(6), 7)
	c.at(hours(7), nil, "call_back a closed satisfied")
	var doc map[string]any
	if err := yaml.Unmarshal(schemas.AsyncAPI, &doc); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(doc["components"].(map[string]any)["schemas"].(map[string]any)["action"])
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("action", parsed); err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("action")
	for i, raw := range c.topic.raw {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if key := v.(map[string]any)["customer_id"]; key != c.topic.keys[i] {
			t.Errorf("the key of %s is %q", raw, c.topic.keys[i])
		}
	}
	if bad, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"action_id":"1","action":"dance","state":"open","opened_at":"now","reason":""}`)); err != nil || schema.Validate(bad) == nil {
		t.Error("the schema takes anything")
	}
}
