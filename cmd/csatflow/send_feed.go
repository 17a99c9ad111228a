package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/records"
	"csatflow/pipeline/kafka"
)

// exports sends exports of other systems, mapped by a feed.
type exports struct {
	cmd      *sendCommand
	sys      *system
	feed     *intake.Feed
	producer *kafka.Producer
	sent     int
	refused  int
	passed   int
}

// sendTogether is the number of events that are sent and noted in the state together.
const sendTogether = 5000

func (cmd *sendCommand) mapped(sys *system) error {
	all, err := cmd.load(sys)
	if err != nil {
		return err
	}
	feed, err := all.Intake.Feed(cmd.Feed, all.Words(), discarded)
	if err != nil {
		return usage(err)
	}
	if cmd.State != "" && len(cmd.Files) > 1 {
		return usage(errors.New("--state is of one file: send the others by calls of their own"))
	}
	c, err := cmd.kafkaConfig(sys)
	if err != nil {
		return err
	}
	conn, err := connectKafka(c)
	if err != nil {
		return err
	}
	by, _, err := producersPartitioner(sys.ctx, c, conn)
	if err != nil {
		return topicsError(err)
	}
	x := &exports{cmd: cmd, sys: sys, feed: feed, producer: kafka.NewProducer(conn, topicNames(c), by)}
	defer func() { _ = x.producer.Close() }()
	for _, name := range cmd.Files {
		if err := x.file(name); err != nil {
			return err
		}
	}
	fmt.Fprintf(sys.stdout, "sent %d events", x.sent)
	if x.passed > 0 {
		fmt.Fprintf(sys.stdout, ", passed over %d lines (when)", x.passed)
	}
	fmt.Fprintf(sys.stdout, "; mapping %s@%s\n", feed.Name, feed.Version)
	if x.refused > 0 {
		return answerNo(fmt.Errorf("%d lines are refused and not sent, see above", x.refused))
	}
	return nil
}

func (x *exports) file(name string) error {
	from := x.cmd.FromLine
	if x.cmd.State != "" {
		s, err := readState(x.cmd.State, name)
		if err != nil {
			return usage(err)
		}
		from = max(from, s.At+1)
	}
	if x.cmd.Strict {
		if name == "-" {
			return usage(errors.New("--strict reads a file twice: it cannot be used with standard input"))
		}
		before := x.refused
		if err := x.each(name, from, func(int64, []intake.Event) error { return nil }); err != nil {
			return err
		}
		if n := x.refused - before; n > 0 {
			return answerNo(fmt.Errorf("%s: %d lines are refused: nothing is sent (--strict)", name, n))
		}
		x.passed = 0
	}
	var waiting []kafka.Message
	noted := from - 1
	flush := func(at int64) error {
		if len(waiting) > 0 {
			if err := x.produce(waiting); err != nil {
				return err
			}
			x.sent += len(waiting)
			waiting = nil
		}
		noted = at
		if x.cmd.State == "" {
			return nil
		}
		return keepState(x.cmd.State, name, at)
	}
	last := noted
	err := x.each(name, from, func(at int64, events []intake.Event) error {
		for _, e := range events {
			waiting = append(waiting, kafka.Message{Feed: e.Topic, Key: e.Key, Value: e.Value, Headers: mappingHeader(x.feed.Name, x.feed.Version)})
		}
		last = at
		if len(waiting) >= sendTogether {
			return flush(at)
		}
		return nil
	})
	if err == nil {
		err = flush(last)
	}
	if err != nil && noted < from {
		return err // nothing of it is sent
	}
	if err != nil {
		return fmt.Errorf("%w\n%s is sent up to line %d: go on with --from-line %d", err, name, noted, noted+1)
	}
	return nil
}

// produce sends events, and waits until Kafka has them.
func (x *exports) produce(list []kafka.Message) error {
	for i := range list {
		if !x.producer.Has(list[i].Feed) {
			return usage(fmt.Errorf("there is no topic for %s: name it in the configuration (kafka.topics.%s)", list[i].Feed, list[i].Feed))
		}
	}
	var first error
	for _, err := range x.producer.Produce(x.sys.ctx, list, func() {}) {
		if err != nil && first == nil {
			first = err
		}
	}
	return topicsError(first)
}

// each maps the lines of a file from one on, and tells of those that are refused.
func (x *exports) each(name string, from int64, do func(at int64, events []intake.Event) error) error {
	r, err := records.Open(name, x.cmd.Format, x.sys.stdin)
	if err != nil {
		return usage(err)
	}
	defer func() { _ = r.Close() }()
	done, finish := output.Bar(x.sys.stderr, r.Name, r.Size)
	defer finish()
	for {
		if x.sys.ctx.Err() != nil {
			return context.Cause(x.sys.ctx)
		}
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *records.BadError
		if err != nil && !errors.As(err, &bad) {
			return usage(err)
		}
		done(r.Read)
		if r.At < from {
			continue
		}
		var events []intake.Event
		if err == nil {
			events, err = x.feed.Map(p)
		}
		if err != nil {
			x.refused++
			fmt.Fprintf(x.sys.stderr, "%s:%d: %s\n", output.Printable(r.Name), r.At, output.Printable(err.Error()))
		} else if len(events) == 0 {
			x.passed++
		}
		if err := do(r.At, events); err != nil {
			return err
		}
	}
}

// fileState is how far a file was sent.
type fileState struct {
	File  string `json:"file"`
	Begin string `json:"begin"` // hash of its first bytes, up to 4 KiB that were there
	Bytes int    `json:"bytes"` // how many these were
	At    int64  `json:"at"`    // the last line that is sent
}

func beginOf(name string, most int) (sum string, n int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, fmt.Errorf("opening records: %w", err)
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, most)
	n, err = io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", 0, err
	}
	h := sha256.Sum256(b[:n])
	return hex.EncodeToString(h[:]), n, nil
}

// readState reads how far a file was sent. A file that has grown goes on; another one is refused.
func readState(path, name string) (s fileState, err error) {
	if name == "-" {
		return s, errors.New("--state knows a file by its beginning: it cannot be used with standard input")
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, fmt.Errorf("--state: %s: %w", path, err)
	}
	sum, n, err := beginOf(name, s.Bytes)
	if err != nil {
		return s, err
	}
	if n != s.Bytes || sum != s.Begin {
		return s, fmt.Errorf("--state: %s is of another file than %s (%s): remove it, or name another", path, name, s.File)
	}
	return s, nil
}

func keepState(path, name string, at int64) error {
	s := fileState{File: filepath.Base(name), At: at}
	var err error
	if s.Begin, s.Bytes, err = beginOf(name, 4<<10); err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("--state: %w", err)
	}
	return os.Rename(path+".new", path)
}
