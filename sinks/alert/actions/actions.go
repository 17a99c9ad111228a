// Package actions decides what to do for whom, so that a CRM can act: call back customers who were dissatisfied and said
// nothing, take the next step with those who complained, retest employees who carried a fall. It closes an action when events
// show that it is done.
//
// [Dispatcher.At] compares the actions that should be open with those that are, sends the changes to a topic, then writes them to
// the table of actions. So what is in the table was sent. What a crash between the two sends twice has the same id and state.
package actions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
)

// Kinds of actions.
const (
	CallBack   = "call_back"  // a customer was dissatisfied and has not complained
	Retest     = "retest"     // an employee carried a fall
	Apologise  = "apologise"  // the first of four remedies is missing from an open complaint
	Correct    = "correct"    // the second
	Compensate = "compensate" // the third
	GoFurther  = "go_further" // the fourth
)

// Outcomes of an action.
const (
	Complained = "complained" // the customer complained
	Satisfied  = "satisfied"  // the next grades are good
	Done       = "done"       // the remedy was given
	Resolved   = "resolved"   // the complaint was resolved without the remedy
	Withdrawn  = "withdrawn"
	Left       = "left"
	Lapsed     = "lapsed" // no event closed it in time
)

// Action is one thing to be done, as it is sent. Times are event time.
type Action struct {
	ID        string    `json:"action_id"` // the same for the same action, whoever sends it
	Kind      string    `json:"action"`
	State     string    `json:"state"` // open or closed
	Customer  string    `json:"customer_id,omitempty"`
	Employee  string    `json:"employee_id,omitempty"`
	Complaint string    `json:"complaint_id,omitempty"`
	Store     string    `json:"store_id,omitempty"`
	Opened    time.Time `json:"opened_at"`
	Closed    time.Time `json:"closed_at,omitzero"`
	Reason    string    `json:"reason"`
	Outcome   string    `json:"outcome,omitempty"`
}

func (a *Action) identify(parts ...string) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", append([]string{a.Kind}, parts...)))
	a.ID = hex.EncodeToString(sum[:16])
}

func (a *Action) key() string {
	if a.Customer != "" {
		return a.Customer
	}
	return a.Employee
}

// Topic receives messages. Send returns when they are stored.
type Topic interface {
	Send(ctx context.Context, keys, values [][]byte) error
}

// Dispatcher keeps the actions of a database.
type Dispatcher struct {
	Conn     clickhouse.Conn
	Database string
	Topic    Topic
	// Told is called for each message; may be nil.
	Told func(action, state string)

	known map[string]*Action // open actions by id; nil if closed
}

// At opens and closes actions as of an event time.
func (d *Dispatcher) At(ctx context.Context, now time.Time, firing []alert.Alert) error {
	if d.known == nil {
		if err := d.read(ctx, now); err != nil {
			return fmt.Errorf("reading actions: %w", err)
		}
	}
	changed, err := d.changes(ctx, now, firing)
	if err != nil {
		return fmt.Errorf("finding what is to be done: %w", err)
	}
	for len(changed) > 0 {
		some := changed[:min(len(changed), batch)]
		changed = changed[len(some):]
		if err := d.send(ctx, some); err != nil {
			d.known = nil // some may have been sent
			return err
		}
	}
	return nil
}

// batch is the most messages in one send.
const batch = 500

func (d *Dispatcher) send(ctx context.Context, some []*Action) error {
	keys, values := make([][]byte, len(some)), make([][]byte, len(some))
	for i, a := range some {
		b, err := json.Marshal(a)
		if err != nil {
			return err
		}
		keys[i], values[i] = []byte(a.key()), b
	}
	if err := d.Topic.Send(ctx, keys, values); err != nil {
		if errors.Is(err, kafkago.UnknownTopicOrPartition) {
			return fmt.Errorf("sending %d actions: %w: create the topic (csatflow migrate --topics does), or leave kafka.topics.actions empty", len(some), err)
		}
		return fmt.Errorf("sending %d actions: %w", len(some), err)
	}
	if err := d.write(ctx, some); err != nil {
		return fmt.Errorf("putting %d actions down: %w", len(some), err)
	}
	for _, a := range some {
		if d.known[a.ID] = a; a.State == closed {
			d.known[a.ID] = nil
		}
		if d.Told != nil {
			d.Told(a.Kind, a.State)
		}
	}
	return nil
}

const (
	open   = "open"
	closed = "closed"
)
