package pane

import "csatflow/pipeline/event"

// The groups of a recovery pane (schemas/DOMAIN.md, section 4). The comment on each group says at which instant it counts.
const (
	Flow          Group = iota // opened (at the opening), resolved (last resolution), reopened (each), withdrawn
	RecoverySum                // resolved complaints with a known opening, Σ seconds; at the last resolution
	FirstResponse              // complaints answered, Σ seconds; at the first response
	Handling                   // resolved, Σ contacts, Σ hand-offs, Σ employees met, Σ remedies, first-contact resolutions; at the last resolution
	Fairness                   // tallies of outcome and process; at the step that says it
	ByCategory                 // opened complaints by category, the last for those that name none; at the opening
)

// Counters of the group Flow.
const (
	Opened = iota
	Resolved
	Reopened
	Withdrawn
)

// Recovery is the layout of recovery panes; names are the columns of the table.
var Recovery = NewLayout(
	[]string{"flow", "recovery", "first_response", "handling", "fairness", "category"},
	[]int{4, 2, 2, 6, 4, len(event.Categories) + 1},
)
