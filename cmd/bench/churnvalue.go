package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"csatflow/pipeline/value"
)

// spender is a customer with what was forecast of them and what they did.
type spender struct {
	value.Buyer
	value.Forecast
	bought, spent float64
}

// value fits what customers buy on the first half of the time, and compares its forecast with the second.
func (d *shop) value(w io.Writer) error {
	from, to := d.span()
	middle := from.Add(to.Sub(from) / 2)
	ahead := to.Sub(middle).Hours() / 24
	var list []spender
	err := d.customers(func(_ string, purchases []bought) error {
		if purchases[0].At >= middle.UnixMilli() {
			return nil
		}
		var s spender
		first := time.UnixMilli(purchases[0].At)
		n := 0.0
		for i := range purchases {
			at := time.UnixMilli(purchases[i].At)
			amount := float64(purchases[i].Amount) / 100
			if at.Before(middle) {
				n++
				s.Spend += amount
				s.Last = at.Sub(first).Hours() / 24
			} else {
				s.bought++
				s.spent += amount
			}
		}
		s.Repeat, s.Age, s.Spend = n-1, middle.Sub(first).Hours()/24, s.Spend/n
		list = append(list, s)
		return nil
	})
	if err != nil {
		return err
	}
	buyers := make([]value.Buyer, len(list))
	for i := range list {
		buyers[i] = list[i].Buyer
	}
	m, err := value.Fit(buyers)
	if err != nil {
		return err
	}
	r, err := m.Rule()
	if err != nil {
		return err
	}
	var said, did spender
	within := 0.0
	for i := range list {
		s := &list[i]
		s.Forecast = m.Forecast(&s.Buyer, ahead, r)
		said.Purchases, said.Amount = said.Purchases+s.Purchases, said.Amount+s.Amount
		did.bought, did.spent = did.bought+s.bought, did.spent+s.spent
		if s.spent >= s.Low && s.spent <= s.High {
			within++
		}
	}
	slices.SortFunc(list, func(a, b spender) int { return cmp.Compare(a.Amount, b.Amount) })
	fmt.Fprintf(w, "\n### What they will buy\n\nFitted on the %d buyers of the first half, r %.3f, α %.2f days, a %.3f, b %.3f; p %.2f, q %.2f, v %.2f. For the %.0f days after: purchases %.0f forecast, %.0f made (%+.1f %%); amount %.0f forecast, %.0f spent (%+.1f %%). Of the intervals of 80 %%, %.1f %% hold what the customer spent.\n\n| customers | forecast | spent | forecast / spent |\n|--:|--:|--:|--:|\n",
		len(list), m.R, m.Alpha, m.A, m.B, m.P, m.Q, m.V, ahead, said.Purchases, did.bought, 100*(said.Purchases/did.bought-1), said.Amount, did.spent, 100*(said.Amount/did.spent-1), 100*within/float64(len(list)))
	for i := range 10 {
		part := list[i*len(list)/10 : (i+1)*len(list)/10]
		var forecast, spent float64
		for j := range part {
			forecast, spent = forecast+part[j].Amount, spent+part[j].spent
		}
		n := float64(len(part))
		fmt.Fprintf(w, "| %d | %.2f | %.2f | %.2f |\n", len(part), forecast/n, spent/n, forecast/spent)
	}
	return nil
}
