package intake

import (
	"errors"
	"fmt"
	"strings"

	"csatflow/pipeline/event"
)

// Refusal is why a payload, or an event of a payload, is refused.
type Refusal struct {
	Feed       string // "" for csatflow's own form
	Field      string // of the event, a path such as "rater.empathy"; "when" or "each" of the feed; "" for the whole payload
	Expression string // that gave or should have given the field; "" for none
	Reason     string
}

// Error implements error.
func (r *Refusal) Error() string {
	var b strings.Builder
	if r.Feed != "" {
		fmt.Fprintf(&b, "feed %s: ", r.Feed)
	}
	if r.Field != "" {
		fmt.Fprintf(&b, "%s: ", r.Field)
	}
	b.WriteString(r.Reason)
	if r.Expression != "" {
		fmt.Fprintf(&b, " (%s)", clip(r.Expression))
	}
	return b.String()
}

// Blame returns the refusal in an error, or makes one of what the pipeline's decoder says, or of any other error.
func Blame(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	var e *event.Error
	if errors.As(err, &e) {
		return &Refusal{Field: e.Field, Reason: e.Reason}
	}
	return &Refusal{Reason: err.Error()}
}
