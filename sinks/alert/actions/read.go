package actions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"csatflow/pipeline/rows"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

func (d *Dispatcher) table(name string) string { return schemas.QuoteName(d.Database) + "." + name }

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// read loads the open actions, and the ids of closed ones that could still be opened again.
func (d *Dispatcher) read(ctx context.Context, now time.Time) error {
	var rows []struct {
		ID, Kind, Customer, Employee, Complaint, Store, Reason string
		Opened                                                 time.Time
		Closed                                                 *time.Time
	}
	query := `SELECT action_id AS ID, toString(action) AS Kind, customer_id AS Customer, employee_id AS Employee, complaint_id AS Complaint, store_id AS Store, reason AS Reason, opened_at AS Opened, closed_at AS Closed
FROM ` + d.table("actions") + " WHERE isNull(closed_at) OR opened_at >= toDateTime64(?, 3, 'UTC')"
	if err := d.Conn.Select(ctx, &rows, query, utc(now.Add(-2*lapse))); err != nil {
		return err
	}
	d.known = make(map[string]*Action, len(rows))
	for _, r := range rows {
		d.known[r.ID] = nil
		if r.Closed == nil {
			d.known[r.ID] = &Action{ID: r.ID, Kind: r.Kind, State: open, Customer: r.Customer, Employee: r.Employee, Complaint: r.Complaint, Store: r.Store, Reason: r.Reason, Opened: r.Opened.UTC()}
		}
	}
	return nil
}

func (d *Dispatcher) write(ctx context.Context, some []*Action) error {
	w := rows.NewActionLog(len(some))
	for _, a := range some {
		w.Row()
		w.ActionID = append(w.ActionID, a.ID)
		w.Action = append(w.Action, a.Kind)
		w.CustomerID = append(w.CustomerID, a.Customer)
		w.EmployeeID = append(w.EmployeeID, a.Employee)
		w.ComplaintID = append(w.ComplaintID, a.Complaint)
		w.StoreID = append(w.StoreID, a.Store)
		w.OpenedAt = append(w.OpenedAt, a.Opened)
		w.Reason = append(w.Reason, a.Reason)
		w.Outcome = append(w.Outcome, a.Outcome)
		version, ended := uint64(1), (*time.Time)(nil)
		if a.State == closed {
			version, ended = 2, &a.Closed
		}
		w.Version = append(w.Version, version)
		w.ClosedAt = append(w.ClosedAt, ended)
	}
	return clickhouse.Insert(ctx, d.Conn, d.Database, w.Take())
}

// customer is what a customer did last.
type customer struct {
	grade                      int
	gradedAt, complained, left time.Time
}

func (d *Dispatcher) customers(ctx context.Context, ids []string) (map[string]customer, error) {
	known := map[string]customer{}
	if len(ids) == 0 {
		return known, nil
	}
	var rows []struct {
		ID         string
		Grade      uint8
		GradedAt   time.Time
		Complained *time.Time
		Left       *time.Time
	}
	query := fmt.Sprintf(`SELECT r.customer_id AS ID, toUInt8(ifNull(r.latest_grade, 0)) AS Grade, assumeNotNull(r.latest_at) AS GradedAt, c.at AS Complained, r.departed_at AS Left
FROM (SELECT * FROM %s WHERE customer_id IN (%[3]s)) AS r
LEFT JOIN (SELECT customer_id, max(opened_at) AS at FROM %[2]s WHERE customer_id IN (%[3]s) GROUP BY customer_id) AS c ON r.customer_id = c.customer_id
SETTINGS join_use_nulls = 1`, d.table("churn_risk"), d.table("complaint_state"), schemas.QuoteTexts(ids))
	if err := d.Conn.Select(ctx, &rows, query); err != nil {
		return nil, err
	}
	for _, r := range rows {
		c := customer{grade: int(r.Grade), gradedAt: r.GradedAt.UTC()}
		if r.Complained != nil {
			c.complained = r.Complained.UTC()
		}
		if r.Left != nil {
			c.left = r.Left.UTC()
		}
		known[r.ID] = c
	}
	return known, nil
}

// badResponse is a bad response of a customer who has not complained.
type badResponse struct {
	Customer, Moment, Store, Employee string
	At                                time.Time
	Grade                             uint8
}

// dissatisfied returns each customer's last bad response in [from, to), unless a complaint followed within seven days or a good grade since.
func (d *Dispatcher) dissatisfied(ctx context.Context, from, to time.Time) (rows []badResponse, err error) {
	query := fmt.Sprintf(`SELECT m.customer_id AS Customer, moment_id AS Moment, store_id AS Store, employee_id AS Employee, occurred_at AS At, grade AS Grade
FROM (SELECT * FROM %s FINAL WHERE kind = 'response' AND valid AND NOT voiced AND grade <= 3 AND occurred_at >= toDateTime64(?, 3, 'UTC') AND occurred_at < toDateTime64(?, 3, 'UTC')
	ORDER BY occurred_at DESC, moment_id LIMIT 1 BY customer_id) AS m
INNER JOIN (SELECT customer_id, latest_grade, latest_at FROM %s FINAL) AS c ON m.customer_id = c.customer_id
WHERE NOT (c.latest_grade >= %d AND c.latest_at > m.occurred_at) AND m.customer_id NOT IN (SELECT customer_id FROM %s FINAL)
ORDER BY At, Customer`, d.table("moments"), d.table("churn"), good, d.table("departures"))
	return rows, d.Conn.Select(ctx, &rows, query, utc(from), utc(to))
}

// complaint is the state of a complaint.
type complaint struct {
	Customer, Complaint, State, Category, Store, Employee string
	Remedies                                              []string
	Opened, Last                                          time.Time
	Breached                                              bool
}

// openOrNamed returns the open complaints, and those named, open or not.
func (d *Dispatcher) openOrNamed(ctx context.Context, named [][2]string) (rows []complaint, err error) {
	tuples := make([]string, 0, len(named))
	for _, n := range named {
		tuples = append(tuples, "("+schemas.QuoteTexts(n[:])+")")
	}
	where := ""
	if len(tuples) > 0 {
		where = " OR (customer_id, complaint_id) IN (" + strings.Join(tuples, ", ") + ")"
	}
	query := `SELECT customer_id AS Customer, complaint_id AS Complaint, toString(state) AS State, toString(category) AS Category, store_id AS Store, employee_id AS Employee,
	arrayMap(r -> toString(r), remedies) AS Remedies, assumeNotNull(opened_at) AS Opened, last_step_at AS Last, breached AS Breached
FROM ` + d.table("complaint_state") + " WHERE isNotNull(opened_at) AND (state = 'open'" + where + ") ORDER BY Opened, Customer, Complaint"
	return rows, d.Conn.Select(ctx, &rows, query)
}

// employee returns an employee's number of responses in [from, to), their mean, and the mean of the four weeks before, less the last day.
func (d *Dispatcher) employee(ctx context.Context, id string, from, to time.Time) (n, mean, before float64, err error) {
	var rows []struct{ N, Mean, Before float64 }
	query := `SELECT toFloat64(sumIf(responses, now)) AS N, sumIf(mean_grade * responses, now) / N AS Mean, sumIf(mean_grade * responses, NOT now) / sumIf(responses, NOT now) AS Before
FROM (SELECT responses, mean_grade, pane_start >= toDateTime(?, 'UTC') AS now FROM ` + d.table("satisfaction") + `
	WHERE resolution = 3600 AND scope_kind = 'employee' AND scope_id = ? AND (pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC') OR pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC')))`
	at := func(t time.Time) string { return t.UTC().Format(time.DateTime) }
	first := from.Add(time.Hour - 1).Truncate(time.Hour)
	err = d.Conn.Select(ctx, &rows, query, at(first), id, at(first), at(to), at(from.AddDate(0, 0, -28)), at(from.AddDate(0, 0, -1)))
	if err != nil || len(rows) == 0 {
		return 0, 0, 0, err
	}
	return rows[0].N, rows[0].Mean, rows[0].Before, nil
}
