package actions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"csatflow/sinks/alert"
)

const (
	// silence is how long a dissatisfied customer has to complain before somebody calls.
	silence = 4 * time.Hour
	// fresh is the oldest bad response that is still worth a call.
	fresh = 3 * 24 * time.Hour
	// lapse is the age at which an action lapses.
	lapse = 30 * 24 * time.Hour
	// good is the lowest grade that counts a customer as won back.
	good = 5
	// retested is how many responses a retest needs, and near how far below the former mean theirs may be.
	retested = 20
	near     = 0.25
)

// remedies, in order, with the action that is due while one is missing.
var remedies = []struct{ remedy, action string }{{"apologised", Apologise}, {"corrected", Correct}, {"compensated", Compensate}, {"went_further", GoFurther}}

// changes returns the actions that open and close: calls, complaints, retests, each by id.
func (d *Dispatcher) changes(ctx context.Context, now time.Time, firing []alert.Alert) (changed []*Action, err error) {
	for _, find := range []func(context.Context, time.Time, []alert.Alert) ([]*Action, error){d.calls, d.complaints, d.retests} {
		some, err := find(ctx, now, firing)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(some, func(a, b *Action) int { return cmp.Compare(a.ID, b.ID) })
		changed = append(changed, some...)
	}
	return changed, nil
}

// opened returns the open actions of some kinds, by id.
func (d *Dispatcher) opened(kinds ...string) (list []*Action) {
	for _, a := range d.known {
		if a != nil && slices.Contains(kinds, a.Kind) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *Action) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (d *Dispatcher) isNew(a *Action) bool {
	_, known := d.known[a.ID]
	return !known
}

// over returns a closed copy of an action.
func over(a *Action, outcome string, at time.Time) *Action {
	c := *a
	c.State, c.Outcome, c.Closed = closed, outcome, at
	return &c
}

// calls opens and closes calls to customers who were dissatisfied and said nothing, one at a time per customer.
func (d *Dispatcher) calls(ctx context.Context, now time.Time, _ []alert.Alert) (changed []*Action, err error) {
	calls := d.opened(CallBack)
	called := map[string]bool{}
	customers := make([]string, len(calls))
	for i, a := range calls {
		called[a.Customer] = true
		customers[i] = a.Customer
	}
	state, err := d.customers(ctx, customers)
	if err != nil {
		return nil, err
	}
	for _, a := range calls {
		c := state[a.Customer]
		switch {
		case !c.left.IsZero() && c.left.After(a.Opened):
			changed = append(changed, over(a, Left, c.left))
		case c.complained.After(a.Opened):
			changed = append(changed, over(a, Complained, c.complained))
		case c.grade >= good && c.gradedAt.After(a.Opened):
			changed = append(changed, over(a, Satisfied, c.gradedAt))
		case now.Sub(a.Opened) > lapse:
			changed = append(changed, over(a, Lapsed, a.Opened.Add(lapse)))
		}
	}
	bad, err := d.dissatisfied(ctx, now.Add(-fresh), now.Add(-silence))
	if err != nil {
		return nil, err
	}
	for _, r := range bad {
		a := &Action{Kind: CallBack, State: open, Customer: r.Customer, Employee: r.Employee, Store: r.Store, Opened: r.At, Reason: fmt.Sprintf("grade %d, and no complaint", r.Grade)}
		a.identify(r.Customer, r.Moment)
		if !called[r.Customer] && d.isNew(a) {
			called[r.Customer] = true
			changed = append(changed, a)
		}
	}
	return changed, nil
}

// complaints opens the next remedy of each open complaint, and closes it when it was given or the complaint has ended.
func (d *Dispatcher) complaints(ctx context.Context, now time.Time, _ []alert.Alert) (changed []*Action, err error) {
	due := d.opened(Apologise, Correct, Compensate, GoFurther)
	keys := make([][2]string, len(due))
	for i, a := range due {
		keys[i] = [2]string{a.Customer, a.Complaint}
	}
	list, err := d.openOrNamed(ctx, keys)
	if err != nil {
		return nil, err
	}
	state := map[[2]string]*complaint{}
	for i := range list {
		state[[2]string{list[i].Customer, list[i].Complaint}] = &list[i]
	}
	for _, a := range due {
		c := state[[2]string{a.Customer, a.Complaint}]
		switch {
		case c == nil:
			changed = append(changed, over(a, Lapsed, now))
		case slices.Contains(c.Remedies, remedyOf(a.Kind)):
			changed = append(changed, over(a, Done, c.Last))
		case c.State != open:
			changed = append(changed, over(a, c.State, c.Last))
		}
	}
	for i := range list {
		c := &list[i]
		if c.State != open || c.Opened.Before(now.Add(-lapse)) {
			continue
		}
		for _, r := range remedies {
			if slices.Contains(c.Remedies, r.remedy) {
				continue
			}
			a := &Action{Kind: r.action, State: open, Customer: c.Customer, Complaint: c.Complaint, Store: c.Store, Employee: c.Employee, Opened: c.Last, Reason: reason(c)}
			a.identify(c.Customer, c.Complaint, c.Opened.UTC().Format(time.RFC3339Nano))
			if d.isNew(a) {
				changed = append(changed, a)
			}
			break
		}
	}
	return changed, nil
}

func reason(c *complaint) string {
	if c.Breached {
		return "complaint about " + c.Category + ", promised time is over"
	}
	return "complaint about " + c.Category
}

func remedyOf(action string) string {
	for _, r := range remedies {
		if r.action == action {
			return r.remedy
		}
	}
	return ""
}

// retests opens a retest for each employee who carries a fall, and closes it when the next responses are near the former mean.
func (d *Dispatcher) retests(ctx context.Context, now time.Time, firing []alert.Alert) (changed []*Action, err error) {
	for _, a := range d.opened(Retest) {
		n, mean, before, err := d.employee(ctx, a.Employee, a.Opened, now)
		if err != nil {
			return nil, err
		}
		switch {
		case n >= retested && mean >= before-near:
			changed = append(changed, over(a, Satisfied, now))
		case now.Sub(a.Opened) > lapse:
			changed = append(changed, over(a, Lapsed, a.Opened.Add(lapse)))
		}
	}
	for i := range firing {
		f := &firing[i]
		for _, e := range f.Evidence {
			// A larger share of the responses is no fault of an employee.
			if e.Dimension != "employee" || e.Share-e.Mix <= e.Share/2 {
				continue
			}
			a := &Action{Kind: Retest, State: open, Employee: e.ID, Opened: f.Fired, Reason: fmt.Sprintf("carries %.0f %% of the fall of %s since %s: %.2f after %.2f", 100*e.Share, f.Scope(), f.Start.UTC().Format("2006-01-02 15:04"), e.Value, e.Before)}
			if f.Kind == "store" {
				a.Store = f.ID
			}
			a.identify(e.ID, f.Key())
			if d.isNew(a) {
				changed = append(changed, a)
			}
		}
	}
	return changed, nil
}
