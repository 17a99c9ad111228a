package main

import (
	"errors"
	"fmt"
	"io"

	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/event"
	"csatflow/pipeline/event/lines"
	"csatflow/pipeline/kafka"
)

type sendCommand struct {
	targetFlags
	Topic    string   `placeholder:"NAME" enum:"${feeds}," default:"" help:"Topic of the files, if their names do not begin with it."`
	Strict   bool     `help:"Send nothing of a file with a bad line."`
	Feed     string   `placeholder:"NAME" help:"Map the files by this feed of intake.feeds, or by a ready one: exports of other systems."`
	Format   string   `enum:"auto,json,csv,parquet,form,cloudevents" default:"auto" help:"With --feed: form of the files; by their names if auto."`
	FromLine int64    `placeholder:"N" help:"With --feed: go on with this line (of Parquet and JSON arrays, this record)."`
	State    string   `placeholder:"FILE" help:"With --feed: keep in this file how far the other is sent, and go on there; also when it has grown."`
	Files    []string `arg:"" name:"file" help:"Files of one JSON object a line, with --feed also CSV with a header, JSON arrays and Parquet; - is standard input."`
	words    event.Words
}

func (sendCommand) Help() string {
	return `Examples:
  csatflow send --config csatflow.yaml responses.jsonl complaints.jsonl
  generate | csatflow send --brokers kafka:9092 --topic responses -
  csatflow send --config csatflow.yaml --feed kiosk export.csv
  csatflow send --config csatflow.yaml --feed kiosk --state export.state export.csv   # goes on where it was

Each line is checked. A bad one is reported with line, field and reason, and sent all the same: run will divert it to the
dead-letter topic, from which it can be repaired. With --strict, a file with a bad line is not sent, and the exit code is 1.

With --feed, each line, row or record is mapped as the feed says. What is refused is listed with its line and not sent, and the exit code
is 1. Sending a file again changes no count, as long as its events keep their event_id.`
}

func (cmd *sendCommand) Run(sys *system) error {
	if cmd.Feed != "" {
		return cmd.mapped(sys)
	}
	if cmd.FromLine > 0 || cmd.State != "" || cmd.Format != "auto" {
		return usage(errors.New("--from-line, --state and --format are for --feed"))
	}
	c, err := cmd.kafkaConfig(sys)
	if err != nil {
		return err
	}
	all, err := cmd.load(sys)
	if err != nil {
		return err
	}
	cmd.words = all.Words()
	s, err := newSender(c)
	if err != nil {
		return err
	}
	bad := 0
	for _, name := range cmd.Files {
		n, err := cmd.file(sys, s, name)
		if err != nil {
			return errors.Join(err, s.Close())
		}
		bad += n
	}
	if err := s.Close(); err != nil {
		return unreachable(err)
	}
	fmt.Fprintf(sys.stdout, "sent %d events", s.Sent)
	if bad > 0 {
		fmt.Fprintf(sys.stdout, ", %d of them bad: run will divert those to %s", bad, c.Topics.DeadLetter)
	}
	fmt.Fprintln(sys.stdout)
	return nil
}

// file sends one file, and returns its number of bad lines.
func (cmd *sendCommand) file(sys *system, s *kafka.Sender, name string) (bad int, err error) {
	if cmd.Strict {
		if name == "-" {
			return 0, usage(errors.New("--strict reads a file twice: it cannot be used with standard input"))
		}
		check := validateCommand{configFlag: cmd.configFlag, Topic: cmd.Topic, Files: []string{name}}
		if err := check.Run(sys); err != nil {
			return 0, err
		}
	}
	l, err := lines.Open(name, sys.stdin)
	if err != nil {
		return 0, usage(err)
	}
	defer func() { _ = l.Close() }()
	feed, err := l.FeedOf(cmd.Topic)
	if err != nil {
		return 0, usage(err)
	}
	if s.Topics[feed] == "" {
		return 0, usage(fmt.Errorf("%s: there is no topic for %s: name it in the configuration (kafka.topics.%s)", name, feed, feed))
	}
	c := lines.Checker{Feed: feed, Words: cmd.words}
	done, finish := output.Bar(sys.stderr, l.Name, l.Size)
	defer finish()
	for {
		line, err := l.Next()
		if errors.Is(err, io.EOF) {
			return bad, topicsError(s.Flush(sys.ctx))
		}
		if err != nil {
			return bad, err
		}
		key, err := c.Check(line)
		if err != nil {
			bad++
			fmt.Fprintf(sys.stderr, "%s:%d: %s\n", l.Name, l.Line, output.Printable(err.Error()))
		}
		if err := s.Add(sys.ctx, feed, key, line); err != nil {
			return bad, topicsError(err)
		}
		done(l.At)
	}
}
