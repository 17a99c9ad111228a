package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"csatflow/sinks/deadletter"
)

type checkCommand struct{ configFlag }

func (checkCommand) Help() string {
	return "Example:\n  csatflow check --config csatflow.yaml\n\nExit code 0 when all is well, 2 when the configuration or the topics must be mended, 3 when a server cannot be reached."
}

func (cmd *checkCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { fmt.Fprintf(sys.stdout, format+"\n", args...) }
	say("ok       configuration")
	to, err := connect(c)
	if err != nil {
		return err
	}
	defer func() { _ = to.store.Close() }()
	var found []error
	n, err := to.kafka.CheckTopics(sys.ctx, to.topics)
	if err = topicsError(err); err != nil {
		say("WRONG    Kafka %v: %v", c.Kafka.Brokers, err)
		found = append(found, err)
	} else {
		say("ok       Kafka %v: %s with %d partitions each", c.Kafka.Brokers, strings.Join(to.topics.List(), ", "), n)
		if err := to.kafka.HasTopic(sys.ctx, c.Kafka.Topics.DeadLetter); err != nil {
			err = topicsError(err)
			say("WRONG    Kafka: %v", err)
			found = append(found, err)
		} else {
			sayMessageBytes(sys.ctx, to, c.Kafka.Topics.DeadLetter, say)
		}
		if name := c.Kafka.Topics.Actions; name != "" && c.Alerts.Enabled {
			if err := to.kafka.HasTopic(sys.ctx, name); err != nil {
				say("warning  Kafka: nobody will hear what is to be done for whom: %v: create it (csatflow migrate --topics), or leave kafka.topics.actions empty", err)
			}
		}
	}
	version, err := to.store.Ping(sys.ctx)
	if err != nil {
		say("WRONG    ClickHouse %v: %v: is it running, are clickhouse.address (native protocol, usually port 9000), username and password right?", c.ClickHouse.Address, err)
		found = append(found, unreachable(err))
	} else {
		say("ok       ClickHouse %v: version %s", c.ClickHouse.Address, version)
		tables, err := tablesFor(c)
		if err != nil {
			return err
		}
		pending, err := to.store.Pending(sys.ctx, tables)
		switch {
		case err != nil:
			say("WRONG    ClickHouse: %v", err)
			found = append(found, err)
		case len(pending) > 0:
			say("to do    tables %v are made by csatflow migrate, or by run at its start (clickhouse.migrate: %t)", pending, c.ClickHouse.Migrate)
		default:
			say("ok       tables of database %s", c.ClickHouse.Database)
		}
		findings, err := to.store.Cluster(sys.ctx)
		if err != nil {
			return err
		}
		for _, f := range findings {
			if !f.Wrong {
				say("warning  ClickHouse %s", f.Text)
				continue
			}
			say("WRONG    ClickHouse %s", f.Text)
			found = append(found, usage(errors.New(f.Text)))
		}
	}
	if len(found) == 0 {
		return nil
	}
	var worst *exitError
	for _, err := range found {
		var e *exitError
		if errors.As(err, &e) && (worst == nil || e.code > worst.code) {
			worst = e
		}
	}
	if worst == nil {
		return answerNo(errors.Join(found...))
	}
	return &exitError{worst.code, fmt.Errorf("%d of the checks found something to mend", len(found))}
}

// sayMessageBytes warns of input topics whose messages may be larger than what the dead-letter topic takes.
func sayMessageBytes(ctx context.Context, to *servers, deadLetter string, say func(format string, args ...any)) {
	sizes, err := to.kafka.MessageBytes(ctx, append(to.topics[:], deadLetter))
	if err != nil {
		say("not seen Kafka: whether the dead-letter topic takes every message: %v", err)
		return
	}
	for _, name := range to.topics {
		if taken := sizes[deadLetter]; sizes[name] > taken {
			say("warning  Kafka: %s takes messages of up to %d bytes and %s only of %d, so that run stops at a bad one that is larger: kafka-configs --alter --entity-type topics --entity-name %s --add-config max.message.bytes=%d",
				name, sizes[name], deadLetter, taken, deadLetter, max(sizes[name], deadletter.MaxBytes))
		}
	}
}
