package main

import (
	"fmt"
	"strings"
	"time"
)

const alertsNotes = `# Alerts on simulated chains

Made by ` + "`go run ./cmd/bench alerts`" + `. Chains of 100 stores, 20 of each rate (responses an hour by day); four weeks to learn from, then %g quiet weeks in
one chain, and in another %g weeks with incidents, one in a store every five days, so that the past is full of them. A fall of a grade means that what is
perceived falls so far; grades end at 1. An incident counts as found by an alert of its store while it lasts or within an hour of its end; a delay
runs from its begin, and what was missed counts as never ("–" where that quantile was missed).

- **kind**: responses are independent but for the hour of the day.
- **real**: the defaults of ` + "`simulate --real-life`" + `, but that the same people answer all the time: moods of stores by day (0.12 grades, ρ 0.5), hour (0.15, ρ 0.7) and
  shift of four hours (0.15), weekly pattern, pay-days with twice the traffic and a quarter of a grade less, closed Sundays, holidays and, for
  the whole chain, pay-days (given as ` + "`special_days`" + `), opening hours, the change of clocks, bursts, promotions, a slow drift of the chain, customers who answer often, children at buttons.
- **real, with other people answering**: all of it; the readiness to answer changes for weeks, sometimes so that the unhappy stay, and so does the mix of
  visits. Satisfaction did not change then, the mean grade did.

All rules that look at responses are on (drop, drift, floor, silent feed), for stores and the whole chain, and every alert of a quiet week counts as false.
A flap is an alert of a rule and scope within a day of its last.

The other ways have been tuned as well as they can be: of all thresholds the one that finds most falls of a grade for four hours with at most %d false
alert per 100 stores and quiet week. They look once an hour and do nothing else. The bound is a likelihood-ratio test that knows what is usual in each hour, the variances of the
moods, and that falls are of one grade for four hours.
`

func alertsText(pairs []*pair) string {
	var t strings.Builder
	fmt.Fprintf(&t, alertsNotes, pairs[0].quiet.weeks, pairs[0].incidents.weeks, mostFalse)
	for _, p := range pairs {
		fmt.Fprintf(&t, "\n## %s\n\n", strings.ToUpper(p.quiet.feed.name[:1])+p.quiet.feed.name[1:])
		p.sideBySide(&t)
		p.quietAlerts(&t)
		p.found(&t)
	}
	return t.String()
}

func (p *pair) sideBySide(t *strings.Builder) {
	t.WriteString("| way | false alerts per 100 stores and quiet week | flaps | found of 1 grade for 4 h | in stores of 50 an hour and more | of all incidents | of its alerts right |\n|---|--:|--:|--:|--:|--:|--:|\n")
	var ways []way
	for i := range levels {
		ways = append(ways, p.watch(i))
	}
	ways = append(ways, p.bound())
	for i := range p.quiet.rivals {
		ways = append(ways, p.rival(i))
	}
	for i := range ways {
		w := &ways[i]
		if w.score == nil {
			fmt.Fprintf(t, "| %s | – | – | – | – | – | – |\n", w.name)
			continue
		}
		clear := p.clear(w)
		busy := p.of(w.score, 50, 1, 4*time.Hour)
		for _, rate := range []int{150, 500} {
			busy.Found = append(busy.Found, p.of(w.score, rate, 1, 4*time.Hour).Found...)
		}
		fmt.Fprintf(t, "| %s | %.2f | %s | %s of %d | %s of %d | %s | %s |\n", w.name, w.falseRate, w.flaps, share(clear.Recall(0)), len(clear.Found), share(busy.Recall(0)), len(busy.Found), share(w.score.Recall(0)), share(w.score.Precision()))
	}
}

func (p *pair) quietAlerts(t *strings.Builder) {
	fmt.Fprintf(t, "\nThe alerts of csatflow in %g quiet weeks: %s.\n", p.quiet.weeks, rulesOf(p.quiet.watches[0].fired))
}

func (p *pair) found(t *strings.Builder) {
	t.WriteString("\nFound by csatflow, and the median delay:\n\n| responses an hour | length |")
	for _, size := range dropSizes {
		fmt.Fprintf(t, " %g grades | |", size)
	}
	t.WriteString("\n|--:|--:|" + strings.Repeat("--:|--:|", len(dropSizes)) + "\n")
	own := p.watch(0)
	for _, rate := range storeRates {
		for _, length := range dropTimes {
			fmt.Fprintf(t, "| %d | %s |", rate, minutes(length, true))
			for _, size := range dropSizes {
				s := p.of(own.score, rate, size, length)
				fmt.Fprintf(t, " %s of %d | %s |", share(s.Recall(0)), len(s.Found), minutes(s.Delay(.5)))
			}
			t.WriteByte('\n')
		}
	}
}
