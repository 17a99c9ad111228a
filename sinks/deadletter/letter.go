package deadletter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"csatflow/pipeline"
)

// ID names a dead letter by the origin of its message: topic/partition/offset. Letters with one ID are one letter, sent
// again after a crash.
type ID struct {
	Topic     string
	Partition int
	Offset    int64
}

func (id ID) String() string { return fmt.Sprintf("%s/%d/%d", id.Topic, id.Partition, id.Offset) }

// ParseID is the inverse of String.
func ParseID(text string) (ID, error) {
	parts := strings.Split(text, "/")
	if len(parts) == 3 && parts[0] != "" {
		p, err := strconv.ParseUint(parts[1], 10, 31)
		o, err2 := strconv.ParseUint(parts[2], 10, 63)
		if err == nil && err2 == nil {
			return ID{parts[0], int(p), int64(o)}, nil
		}
	}
	return ID{}, fmt.Errorf("%q is not topic/partition/offset, as csat.responses/3/1201", text)
}

// State says whether a letter was retried.
type State string

// The states.
const (
	Waiting State = "waiting"
	Begun   State = "begun"   // a retry was broken off: the message may or may not be back in its topic
	Retried State = "retried" // its message, repaired, is back in its topic
)

// Letter is a dead letter.
type Letter struct {
	ID
	At      time.Time // when it was sent
	Key     []byte
	Value   []byte
	Headers []pipeline.Header // of the message, without those that csatflow added
	Field   string            // that is wrong; "" for the whole message
	Reason  string
	State   State

	// Of a dead letter of the intake, see [Unmapped].
	Expression, Mapping, Kind, Request, Place string
}

// Headers of the notes that a retry leaves in the dead-letter topic, and of the message that it sends.
const (
	headerNote      = "x-csatflow-retry"       // begun or retried
	headerNoteOf    = "x-csatflow-retry-of"    // the letter's ID; the message that is sent back has it too
	headerNoteFrom  = "x-csatflow-retry-from"  // of begun: the target's offset from which to look for the message
	headerNotePlace = "x-csatflow-retry-place" // of begun: the target's partition
	ownPrefix       = "x-csatflow-"
)

// note is what a retry wrote about a letter.
type note struct {
	state     State
	partition int
	from      int64
}

// headerOf returns the last header of a name: the message may have had one of that name before csatflow added its own.
func headerOf(list []pipeline.Header, key string) (string, bool) {
	for _, h := range slices.Backward(list) {
		if h.Key == key {
			return string(h.Value), true
		}
	}
	return "", false
}

// IsNote reports whether a message of the dead-letter topic is a note about a retry, not a letter.
func IsNote(rec *pipeline.Record) bool {
	_, retry := headerOf(rec.Headers, headerNote)
	_, letter := headerOf(rec.Headers, HeaderTopic)
	return retry && !letter && !isUnmapped(rec)
}

// noteIn reads a note; ok is false for anything else.
func noteIn(rec *pipeline.Record) (id ID, n note, ok bool) {
	if !IsNote(rec) {
		return id, n, false
	}
	state, _ := headerOf(rec.Headers, headerNote)
	text, _ := headerOf(rec.Headers, headerNoteOf)
	id, err := ParseID(text)
	n.state = State(state)
	if n.state == Begun {
		place, _ := headerOf(rec.Headers, headerNotePlace)
		from, _ := headerOf(rec.Headers, headerNoteFrom)
		var err1, err2 error
		n.partition, err1 = strconv.Atoi(place)
		n.from, err2 = strconv.ParseInt(from, 10, 64)
		ok = err1 == nil && err2 == nil
	} else {
		ok = n.state == Retried
	}
	return id, n, ok && err == nil
}

// letterIn reads a letter in a partition of the dead-letter topic; ok is false for messages that csatflow did not send.
func letterIn(rec *pipeline.Record, partition int) (l Letter, ok bool) {
	if l, ok := unmappedIn(rec, partition); ok {
		return l, true
	}
	topic, has := headerOf(rec.Headers, HeaderTopic)
	at, _ := headerOf(rec.Headers, HeaderPartition)
	offset, _ := headerOf(rec.Headers, HeaderOffset)
	id, err := ParseID(topic + "/" + at + "/" + offset)
	if !has || err != nil {
		return l, false
	}
	l = Letter{ID: id, At: rec.Time, Key: rec.Key, Value: rec.Value, State: Waiting}
	l.Reason, _ = headerOf(rec.Headers, HeaderReason)
	l.Field, _ = headerOf(rec.Headers, HeaderField)
	for _, h := range rec.Headers {
		if !strings.HasPrefix(h.Key, ownPrefix) {
			l.Headers = append(l.Headers, h)
		}
	}
	return l, true
}
