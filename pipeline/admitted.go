package pipeline

import (
	"math"

	"csatflow/pipeline/event"
	"csatflow/schemas/reasons"
)

// Admitted says from which offset on an owner's words count. Rows are a function of the log: what was refused before a word was added
// stays refused, however often it is read. A word that it does not have counts from the start.
type Admitted map[OwnWord]Offsets

// OwnWord is a word under its configuration key ([event.SourceWords] …).
type OwnWord struct{ Key, Name string }

// Offsets are offsets by topic and partition; 0 where it has none.
type Offsets struct {
	From  map[Topic][]int64
	Never bool // no offset: the rows know nothing of the word yet
}

// Of returns the offset of a topic's partition.
func (o Offsets) Of(topic Topic, partition int) int64 {
	if o.Never {
		return math.MaxInt64
	}
	if list := o.From[topic]; partition < len(list) {
		return list[partition]
	}
	return 0
}

// admitted refuses an event from before its word counted.
func (t *Task) admitted(rec *Record, field, key, word string) error {
	from := t.set.Admitted[OwnWord{key, word}].Of(rec.Topic, t.Partition)
	if rec.Offset >= from {
		return nil
	}
	return &event.Error{Field: field, Reason: reasons.EarlyWord.Text(word, key, reasons.Offset(from))}
}

// admittedOf is admitted for all words of a complaint's step.
func (t *Task) admittedOf(rec *Record, c *event.Complaint) error {
	if c.OwnStep == "" && c.OwnSource == "" && c.OwnCategory == "" { // as is usual
		return nil
	}
	for _, is := range [...]struct{ field, key, word string }{{"step", event.StepWords, c.OwnStep}, {"source", event.SourceWords, c.OwnSource}, {"category", event.CategoryWords, c.OwnCategory}} {
		if is.word == "" {
			continue
		}
		if err := t.admitted(rec, is.field, is.key, is.word); err != nil {
			return err
		}
	}
	return nil
}
