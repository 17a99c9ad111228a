package pipeline

import "fmt"

// Ceiling is the most bad records before the whole feed counts as broken: Share of Window consecutive records of a
// topic's partition. A Window of 0 sets no ceiling.
type Ceiling struct {
	Window int
	Share  float64 // 0 to 1
}

// badCount counts the records of a window; windows do not overlap.
type badCount struct {
	records, bad int
	broken       error
}

func (b *badCount) add(c *Ceiling, d *DeadLetter) {
	if c.Window == 0 {
		return
	}
	if b.records == c.Window {
		b.records, b.bad = 0, 0
	}
	b.records++
	if d == nil {
		return
	}
	b.bad++
	if float64(b.bad) > c.Share*float64(c.Window) && b.broken == nil {
		field := "the message as a whole"
		if d.Field != "" {
			field = d.Field
		}
		b.broken = &FinalError{fmt.Errorf("%d of the last %d messages of %s, partition %d, are bad, above the ceiling of %v of %d: the feed is broken rather than some messages. The last one, offset %d: %s: %s. Mend the sender, or raise dead_letters.max_share to divert them all",
			b.bad, b.records, d.Topic, d.Partition, c.Share, c.Window, d.Offset, field, d.Reason)}
	}
}

// Broken returns why the feed counts as broken, nil if it does not. A broken feed must not be flushed.
func (t *Task) Broken() error {
	for topic := range t.bad {
		if err := t.bad[topic].broken; err != nil {
			return err
		}
	}
	return nil
}
