package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/event/lines"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/deadletter"
)

type deadletterCommand struct {
	List  deadletterList  `cmd:"" help:"List messages that could not be applied, with the reason."`
	Show  deadletterShow  `cmd:"" help:"Show one message with everything known about it."`
	Retry deadletterRetry `cmd:"" help:"Send repaired messages back to their topics."`
}

func (deadletterCommand) Help() string {
	return `Examples:
  csatflow deadletter list -c csatflow.yaml
  csatflow deadletter show -c csatflow.yaml csat.responses/3/1201
  csatflow deadletter retry -c csatflow.yaml --file mended.jsonl`
}

// queueFlags open the dead-letter topic.
type queueFlags struct{ targetFlags }

func (f *queueFlags) open(sys *system) (*deadletter.Queue, *config.Kafka, error) {
	c, err := f.kafkaConfig(sys)
	if err != nil {
		return nil, nil, err
	}
	conn, err := connectKafka(c)
	if err != nil {
		return nil, nil, err
	}
	queue, err := deadletter.OpenQueue(sys.ctx, conn, c.Topics.DeadLetter, logger(sys, config.Default().Log))
	var missing *kafka.TopicError
	switch {
	case errors.As(err, &missing):
		return nil, nil, usage(err)
	case err != nil:
		return nil, nil, unreachable(err)
	}
	return queue, c, nil
}

// letterFilter selects letters.
type letterFilter struct {
	Topic  string    `placeholder:"TOPIC" help:"Only messages of this topic."`
	Field  string    `placeholder:"FIELD" help:"Only messages with an error in this field."`
	Reason string    `placeholder:"TEXT" help:"Only messages whose reason contains this text."`
	Since  time.Time `placeholder:"TIME" help:"Only messages diverted at or after this time, like 2026-03-01T09:00:00Z."`
}

func (f *letterFilter) picks(l *deadletter.Letter) bool {
	return (f.Topic == "" || l.Topic == f.Topic) && (f.Field == "" || l.Field == f.Field) && strings.Contains(l.Reason, f.Reason) && !l.At.Before(f.Since)
}

type deadletterList struct {
	queueFlags
	letterFilter
	All    bool   `help:"List messages that were sent back, too."`
	Limit  int    `default:"100" help:"How many to list at most; all are counted. 0 lists all."`
	Format string `enum:"text,json" default:"text" help:"text, or json: one object a line, for retry --file."`
}

func (deadletterList) Help() string {
	return `Examples:
  csatflow deadletter list -c csatflow.yaml
  csatflow deadletter list -c csatflow.yaml --field grade --format json --limit 0 > bad.jsonl

The id of a message is its origin: topic/partition/offset; of a payload that a feed of csatflow intake refused, feed:NAME and its
own place in the dead-letter topic.`
}

func (cmd *deadletterList) Run(sys *system) error {
	queue, _, err := cmd.open(sys)
	if err != nil {
		return err
	}
	defer func() { _ = queue.Close() }()
	type kind struct{ topic, field string }
	counts := map[kind]int{}
	listed, picked, retried := 0, 0, 0
	done, finish := output.Bar(sys.stderr, queue.Topic, queue.Messages())
	defer finish()
	encoder := json.NewEncoder(output.Escaping{Writer: sys.stdout})
	encoder.SetEscapeHTML(false)
	read := int64(0)
	repeated, foreign, err := queue.Each(sys.ctx, func(l *deadletter.Letter) error {
		read++
		done(read)
		if l.State == deadletter.Retried {
			retried++
		}
		if !cmd.picks(l) || l.State == deadletter.Retried && !cmd.All {
			return nil
		}
		picked++
		counts[kind{l.Topic, l.Field}]++
		if listed++; cmd.Limit > 0 && listed > cmd.Limit {
			return nil
		}
		if cmd.Format == "json" {
			return encoder.Encode(deadletter.AsLine(l))
		}
		what := l.Field
		if what == "" {
			what = "message"
		}
		_, err := fmt.Fprintf(sys.stdout, "%s  %s  %-7s  key %q, %d bytes: %s: %s\n", l.At.UTC().Format(time.RFC3339), output.Printable(l.String()), l.State, l.Key, len(l.Value), output.Printable(what), output.Printable(l.Reason))
		return err
	})
	if err != nil {
		return unreachable(err)
	}
	if cmd.Format == "json" {
		return nil
	}
	if cmd.Limit > 0 && listed > cmd.Limit {
		fmt.Fprintf(sys.stdout, "… and %d more (--limit 0 lists all)\n", listed-cmd.Limit)
	}
	kinds := make([]kind, 0, len(counts))
	for k := range counts {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b kind) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a.topic+a.field, b.topic+b.field)
	})
	for _, k := range kinds {
		field := k.field
		if field == "" {
			field = "the message as a whole"
		}
		fmt.Fprintf(sys.stdout, "%8d  %s: %s\n", counts[k], output.Printable(k.topic), output.Printable(field))
	}
	fmt.Fprintf(sys.stdout, "%d dead letters in %s", picked, queue.Topic)
	for _, more := range []struct {
		n    int
		what string
	}{{retried, "were sent back"}, {repeated, "more are repetitions after a crash"}, {foreign, "messages are not csatflow's"}} {
		if more.n > 0 {
			fmt.Fprintf(sys.stdout, "; %d %s", more.n, more.what)
		}
	}
	fmt.Fprintln(sys.stdout)
	return nil
}

type deadletterShow struct {
	queueFlags
	Raw bool   `help:"Print only the message's value, byte for byte."`
	ID  string `arg:"" help:"topic/partition/offset, from list."`
}

func (deadletterShow) Help() string {
	return `Examples:
  csatflow deadletter show -c csatflow.yaml csat.responses/3/1201
  csatflow deadletter show -c csatflow.yaml csat.responses/3/1201 --raw > event.json`
}

// errFound ends a search.
var errFound = errors.New("found")

func (cmd *deadletterShow) Run(sys *system) error {
	id, err := deadletter.ParseID(cmd.ID)
	if err != nil {
		return usage(err)
	}
	queue, _, err := cmd.open(sys)
	if err != nil {
		return err
	}
	defer func() { _ = queue.Close() }()
	var found *deadletter.Letter
	_, _, err = queue.Each(sys.ctx, func(l *deadletter.Letter) error {
		if l.ID == id {
			found = l
			return errFound
		}
		return nil
	})
	switch {
	case err != nil && !errors.Is(err, errFound):
		return unreachable(err)
	case found == nil:
		return answerNo(fmt.Errorf("%s has no dead letter %s (csatflow deadletter list lists them)", queue.Topic, id))
	case cmd.Raw:
		_, err := sys.stdout.Write(found.Value)
		return err
	}
	field := found.Field
	if field == "" {
		field = "the message as a whole"
	}
	fmt.Fprintf(sys.stdout, "id      %s\ntime    %s\nstate   %s\nfield   %s\nreason  %s\nkey     %q\n", output.Printable(found.String()), found.At.UTC().Format(time.RFC3339Nano), found.State, output.Printable(field), output.Printable(found.Reason), found.Key)
	for _, x := range [][2]string{{"expr", found.Expression}, {"mapping", found.Mapping}, {"type", found.Kind}, {"request", found.Request}, {"place", found.Place}} {
		if x[1] != "" {
			fmt.Fprintf(sys.stdout, "%-7s %s\n", x[0], output.Printable(x[1]))
		}
	}
	for _, h := range found.Headers {
		fmt.Fprintf(sys.stdout, "header  %s: %q\n", output.Printable(h.Key), h.Value)
	}
	return printValue(sys.stdout, found.Value)
}

// printValue prints a value as text if it is text.
func printValue(w io.Writer, value []byte) error {
	switch {
	case value == nil:
		_, err := fmt.Fprintln(w, "value   null: a tombstone, which means nothing in this topic")
		return err
	case utf8.Valid(value):
		_, err := fmt.Fprintf(w, "value   %d bytes:\n%s\n", len(value), output.PrintableText(string(value)))
		return err
	}
	_, err := fmt.Fprintf(w, "value   %d bytes, not text:\n%q\n", len(value), value)
	return err
}

type deadletterRetry struct {
	queueFlags
	letterFilter
	All  bool     `help:"All waiting messages that pass the filter, unchanged: for example after an upgrade to a release that accepts them."`
	File string   `placeholder:"FILE" help:"Repaired messages, one a line in the format of list --format json: id and value are read; - is standard input."`
	IDs  []string `arg:"" optional:"" name:"id" help:"Messages to send back unchanged: topic/partition/offset, from list."`
}

func (deadletterRetry) Help() string {
	return `Examples:
  csatflow deadletter list -c csatflow.yaml --field grade --format json --limit 0 > bad.jsonl
  sed 's/"grade":10/"grade":7/' bad.jsonl > good.jsonl
  csatflow deadletter retry -c csatflow.yaml --file good.jsonl
  csatflow deadletter retry -c csatflow.yaml csat.responses/3/1201

A payload that a feed refused is mapped again, by the feed as it is declared now.

Each message is checked first: a bad one is not sent, its reason is printed, and the exit code is 1. A message is sent back
once, even if this command is killed and started again. Do not run two of these commands at a time.`
}

func (cmd *deadletterRetry) Run(sys *system) error {
	repaired, err := cmd.wanted(sys)
	if err != nil {
		return err
	}
	queue, c, err := cmd.open(sys)
	if err != nil {
		return err
	}
	defer func() { _ = queue.Close() }()
	bad := 0
	by, told, err := producersPartitioner(sys.ctx, c, queue.Connection)
	if err != nil {
		return topicsError(err)
	}
	queue.Place = deadletter.PlaceBy(by, told)
	all, err := cmd.load(sys)
	if err != nil {
		return err
	}
	events, err := eventOf(c, logger(sys, all.Log))
	if err != nil {
		return err
	}
	again := &remapper{config: all, words: all.Words(), producer: kafka.NewProducer(queue.Connection, topicNames(c), by), feeds: map[string]*intake.Feed{}}
	defer func() { _ = again.producer.Close() }()
	r := deadletter.Repair{Queue: queue, Feeds: topicNames(c).Feeds(), Map: again.Map, Event: events, Words: all.Words(), Bad: func(l *deadletter.Letter, why error) {
		bad++
		fmt.Fprintf(sys.stderr, "%s: %s\n", output.Printable(l.String()), output.Printable(why.Error()))
	}}
	done, finish := output.Bar(sys.stderr, queue.Topic, queue.Messages())
	defer finish()
	read, met := int64(0), 0
	_, _, err = queue.Each(sys.ctx, func(l *deadletter.Letter) error {
		read++
		done(read)
		value, named := repaired[l.ID]
		switch {
		case cmd.All && (!cmd.picks(l) || l.State == deadletter.Retried), !cmd.All && !named:
			return nil
		case value == nil:
			value = l.Value
		}
		met++
		return r.Retry(sys.ctx, l, value)
	})
	if err != nil {
		return unreachable(err)
	}
	fmt.Fprintf(sys.stdout, "%d sent back", r.Sent)
	if r.Before > 0 {
		fmt.Fprintf(sys.stdout, ", %d were sent back before", r.Before)
	}
	fmt.Fprintln(sys.stdout)
	if missing := len(repaired) - met; missing > 0 && !cmd.All {
		err = fmt.Errorf("%d of the named messages are not in %s", missing, queue.Topic)
	}
	if bad > 0 {
		err = errors.Join(err, fmt.Errorf("%d messages are still bad and stay in %s", bad, queue.Topic))
	}
	if err != nil {
		return answerNo(err)
	}
	return nil
}

// wanted returns the named letters with their repaired values, nil for those to send unchanged.
func (cmd *deadletterRetry) wanted(sys *system) (map[deadletter.ID][]byte, error) {
	ways := 0
	for _, used := range []bool{cmd.All, cmd.File != "", len(cmd.IDs) > 0} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return nil, usage(errors.New("name messages in one way: by ids, by --file, or by --all (csatflow deadletter list lists them)"))
	}
	list := map[deadletter.ID][]byte{}
	for _, text := range cmd.IDs {
		id, err := deadletter.ParseID(text)
		if err != nil {
			return nil, usage(err)
		}
		list[id] = nil
	}
	if cmd.File == "" {
		return list, nil
	}
	l, err := lines.Open(cmd.File, sys.stdin)
	if err != nil {
		return nil, usage(err)
	}
	defer func() { _ = l.Close() }()
	if list, err = deadletter.ReadRepaired(l); err != nil {
		return nil, usage(err)
	}
	return list, nil
}
