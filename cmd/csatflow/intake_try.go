package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/records"
)

type intakeTest struct {
	configFlag
	Feed   string `required:"" placeholder:"NAME" help:"The feed: of the configuration, or a ready one."`
	Format string `enum:"auto,json,csv,parquet,form,cloudevents" default:"auto" help:"Form of the file: by its name if auto; json is an object, an array, or one object a line."`
	File   string `arg:"" help:"Recorded payloads; - is standard input."`
}

func (intakeTest) Help() string {
	return `Examples:
  csatflow intake test recorded.json --feed kiosk --config csatflow.yaml
  csatflow intake test order.json --feed shopify

It prints, for each payload, the events with their topic and key, or why it is refused. Nothing is sent. The exit code is 1 if any is
refused.`
}

func (cmd *intakeTest) Run(sys *system) error {
	c, err := cmd.load(sys)
	if err != nil {
		return err
	}
	f, err := c.Intake.Feed(cmd.Feed, c.Words(), discarded)
	if err != nil {
		return usage(err)
	}
	r, err := records.Open(cmd.File, cmd.Format, sys.stdin)
	if err != nil {
		return usage(err)
	}
	defer func() { _ = r.Close() }()
	count, refused, passed := 0, 0, 0
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *records.BadError
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		count++
		var events []intake.Event
		if err == nil {
			events, err = f.Map(p)
		}
		switch {
		case err != nil:
			refused++
			fmt.Fprintf(sys.stdout, "%s:%d  refused: %s\n", output.Printable(r.Name), r.At, output.Printable(err.Error()))
		case len(events) == 0:
			passed++
			fmt.Fprintf(sys.stdout, "%s:%d  passed over by when\n", output.Printable(r.Name), r.At)
		}
		for i := range events {
			e := &events[i]
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, e.Value, "  ", "  "); err != nil {
				return err
			}
			fmt.Fprintf(sys.stdout, "%s:%d  %s, key %q\n  %s\n", output.Printable(r.Name), r.At, e.Topic, e.Key, output.PrintableText(pretty.String()))
		}
	}
	fmt.Fprintf(sys.stdout, "%d payloads: %d refused, %d passed over; mapping %s@%s\n", count, refused, passed, f.Name, f.Version)
	if refused > 0 {
		return answerNo(fmt.Errorf("%d of %d payloads are refused", refused, count))
	}
	return nil
}

// discarded is a log that nobody reads.
var discarded = slog.New(slog.DiscardHandler)
