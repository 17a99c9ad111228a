package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"csatflow/deploy/simulate"
)

// TestEveryPointIsAFeedThatCanBeMade: the simulator accepts each.
func TestEveryPointIsAFeedThatCanBeMade(t *testing.T) {
	for _, c := range (&curvesCommand{Most: 1e7}).all() {
		for _, x := range c.xs {
			s := feedConfig{Events: 500_000, Customers: 200_000, Stores: 500, Employees: 5000, Partitions: 8, Late: 0.02}
			c.at(&s, x)
			if err := s.of(1, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), 2*time.Hour).Validate(); err != nil {
				t.Errorf("%s %g: %v", c.name, x, err)
			}
			if c.name == "scopes" && s.Stores+s.Employees != int(x) {
				t.Errorf("%g scopes are %d stores and %d employees", x, s.Stores, s.Employees)
			}
			if c.name == "customers" && (s.Customers != int(x) || s.Events < s.Customers) {
				t.Errorf("%g customers are %d with %d events", x, s.Customers, s.Events)
			}
		}
	}
}

func TestTheLargestNumberOfCustomersBoundsTheirCurve(t *testing.T) {
	if got := fmt.Sprint((&curvesCommand{Most: 1e5}).all()[0].xs); got != "[10000 100000]" {
		t.Errorf("customers are %s", got)
	}
}

// TestACurveCanBeDrawnFromItsFirstPointOn draws each curve as during its measurement.
func TestACurveCanBeDrawnFromItsFirstPointOn(t *testing.T) {
	for _, c := range (&curvesCommand{Most: 1e7}).all() {
		path := filepath.Join(t.TempDir(), c.name+".svg")
		var points []point
		for _, x := range c.xs {
			points = append(points, point{x, runs{&figures{events: 1000, cpu: time.Second}}})
			if err := plotCurve(path, &c, points); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Contains(b, []byte(tick(c.xs[len(c.xs)-1]))) {
			t.Errorf("%s has no mark %s (%v)", path, tick(c.xs[len(c.xs)-1]), err)
		}
	}
}

func TestTheFeedHasNoBadEvents(t *testing.T) {
	source, err := simulate.New(feedConfig{Events: 5000, Customers: 500, Stores: 5, Employees: 20}.of(1, time.Time{}, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var e simulate.Event
	for source.Next(&e) {
	}
	if truth := source.Truth(); truth.Responses.Bad+truth.Complaints.Bad != 0 || truth.Responses.Distinct == 0 || truth.Overall.Opened == 0 {
		t.Errorf("%+v, %+v", truth.Responses, truth.Complaints)
	}
}
