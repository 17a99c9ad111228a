package main

import (
	"errors"
	"fmt"
	"io"

	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/event"
	"csatflow/pipeline/event/lines"
)

type validateCommand struct {
	configFlag
	Topic string   `placeholder:"NAME" enum:"${feeds}," default:"" help:"Topic of the files, if their names do not begin with it."`
	Files []string `arg:"" name:"file" help:"Files of one JSON object a line; - is standard input."`
	words event.Words
}

func (validateCommand) Help() string {
	return "Examples:\n  csatflow validate responses.jsonl complaints.jsonl\n  zcat feed.gz | csatflow validate --topic responses -\n\nIt goes by the words of the configuration (measures.sources, categories, steps), if there is one, and needs no server. It prints file:line: field: reason for each bad line, and exits with 1 if there is any."
}

func (cmd *validateCommand) Run(sys *system) error {
	all, err := cmd.load(sys)
	if err != nil {
		return err
	}
	cmd.words = all.Words()
	events, bad := 0, 0
	for _, name := range cmd.Files {
		n, b, err := cmd.file(sys, name)
		events, bad = events+n, bad+b
		if err != nil {
			return usage(err)
		}
	}
	fmt.Fprintf(sys.stderr, "%d events, %d bad\n", events, bad)
	if bad > 0 {
		return answerNo(fmt.Errorf("%d of %d events are bad", bad, events))
	}
	return nil
}

func (cmd *validateCommand) file(sys *system, name string) (events, bad int, err error) {
	l, err := lines.Open(name, sys.stdin)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = l.Close() }()
	feed, err := l.FeedOf(cmd.Topic)
	if err != nil {
		return 0, 0, err
	}
	c := lines.Checker{Feed: feed, Words: cmd.words}
	done, finish := output.Bar(sys.stderr, l.Name, l.Size)
	defer finish()
	for {
		line, err := l.Next()
		if errors.Is(err, io.EOF) {
			return events, bad, nil
		}
		if err != nil {
			return events, bad, err
		}
		events++
		if events%10_000 == 0 {
			done(l.At)
			if err := sys.ctx.Err(); err != nil {
				return events, bad, err
			}
		}
		if _, err := c.Check(line); err != nil {
			bad++
			fmt.Fprintf(sys.stdout, "%s:%d: %s\n", l.Name, l.Line, output.Printable(err.Error()))
		}
	}
}
