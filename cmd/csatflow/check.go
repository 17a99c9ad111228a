package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline/partitioner"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/deadletter"
)

type checkCommand struct{ configFlag }

func (checkCommand) Help() string {
	return "Example:\n  csatflow check --config csatflow.yaml\n\nExit code 0 if all is well, 2 if the configuration or the topics must be corrected, 3 if a server cannot be reached."
}

func (cmd *checkCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { fmt.Fprintf(sys.stdout, format+"\n", args...) }
	say("ok       configuration")
	for _, text := range cmd.warnings(c) {
		say("warning  %s", text)
	}
	to, err := connect(c)
	if err != nil {
		return err
	}
	defer to.close()
	var found []error
	settled := false // there are tables, with settings to compare
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
				say("warning  Kafka: actions cannot be sent: %v: create the topic (csatflow migrate --topics), or leave kafka.topics.actions empty", err)
			}
		}
	}
	found = append(found, checkForeign(sys.ctx, c, to.kafka, say)...)
	found = append(found, checkRegistries(sys.ctx, c, say)...)
	version, err := to.store.Ping(sys.ctx)
	if err != nil {
		say("WRONG    ClickHouse %v: %v: is it running, and are clickhouse.address (native protocol, usually port 9000), username and password right?", c.ClickHouse.Address, err)
		found = append(found, unreachable(err))
	} else {
		say("ok       ClickHouse %v: version %s", c.ClickHouse.Address, version)
		pending, err := to.store.Pending(sys.ctx)
		if err == nil {
			err = newerError(to.store.Newer(sys.ctx))
		}
		switch {
		case err != nil:
			say("WRONG    ClickHouse: %v", err)
			found = append(found, err)
		case len(pending) > 0:
			say("to do    tables %v are made by csatflow migrate, or by run at its start (clickhouse.migrate: %t)", pending, c.ClickHouse.Migrate)
		default:
			say("ok       tables of database %s", c.ClickHouse.Database)
			settled = true
			if err := checkViews(sys.ctx, c, to.store, say); err != nil {
				say("WRONG    ClickHouse: %v", err)
				found = append(found, err)
			}
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
	if n > 0 {
		err := checkSettings(sys.ctx, c, to, n, settled, say)
		if err != nil {
			found = append(found, err)
		}
	}
	if c.Page.ClickHouse.Username != "" {
		if err := checkPageUser(sys.ctx, c); err != nil {
			say("WRONG    ClickHouse, user %s of the page: %v: csatflow migrate --page-user creates the user, once there are tables", c.Page.ClickHouse.Username, err)
			found = append(found, err)
		} else {
			say("ok       ClickHouse, user %s of the page", c.Page.ClickHouse.Username)
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
	return &exitError{worst.code, fmt.Errorf("%d of the checks found something to correct", len(found))}
}

// checkSettings compares the settings with those of the tables, and the partitioner with the topics.
func checkSettings(ctx context.Context, c *config.Config, to *servers, partitions int, tables bool, say func(format string, args ...any)) error {
	set, err := c.Settings(partitions)
	if err != nil {
		return usage(err)
	}
	st := newSettlement(c, to.store, set, nil)
	if tables {
		if err := settledError(st.Compare(ctx)); err != nil {
			say("WRONG    settings: %v", err)
			return err
		}
	}
	by, known, err := st.Partitioner()
	if err != nil {
		return usage(err)
	}
	uses, err := to.kafka.LearnPartitioner(ctx, to.topics, partitions, slog.New(slog.DiscardHandler))
	if err != nil {
		say("not seen Kafka: the producers' partitioner: %v", err)
		return nil
	}
	learnt, err := uses.Decide()
	switch {
	case err != nil && !known:
		say("WRONG    Kafka: %v", err)
		return topicsError(err)
	case known && by != partitioner.Any && (err != nil || learnt != partitioner.Any && learnt != by):
		say("warning  Kafka: kafka.partitioner is %s, and messages in other partitions become dead letters:\n%s", by, strings.TrimSuffix(uses.Table(), "\n"))
	case known:
		say("ok       kafka.partitioner %s", by)
	case learnt == partitioner.Any:
		say("ok       kafka.partitioner: the topics have too few keys to learn it from; run learns it later, and until then every partition counts as right")
	default:
		say("ok       kafka.partitioner %s, learnt from the topics", learnt)
	}
	if tables {
		say("ok       settings that rows depend on: fingerprint %016x", st.Fingerprint())
	}
	return nil
}

// checkPageUser checks that the page's own user can read.
func checkPageUser(ctx context.Context, c *config.Config) error {
	store, err := openPageStore(c)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	return store.CanRead(ctx)
}

// checkViews says which views a migration would make anew.
func checkViews(ctx context.Context, c *config.Config, store *clickhouse.Store, say func(format string, args ...any)) error {
	old, err := outdatedViews(ctx, c, store)
	if err == nil && old != "" {
		say("to do    views %s are not those of this release and its settings: csatflow migrate makes them, or run at its start (clickhouse.migrate: %t)", old, c.ClickHouse.Migrate)
	}
	return err
}

// sayMessageBytes warns of input topics whose messages may be too large for the dead-letter topic.
func sayMessageBytes(ctx context.Context, to *servers, deadLetter string, say func(format string, args ...any)) {
	sizes, err := to.kafka.MessageBytes(ctx, append(to.topics[:], deadLetter))
	if err != nil {
		say("not seen Kafka: whether the dead-letter topic takes every message: %v", err)
		return
	}
	for _, name := range to.topics {
		if taken := sizes[deadLetter]; sizes[name] > taken {
			say("warning  Kafka: %s takes messages of up to %d bytes, and %s only of %d: of a larger bad message only reason and origin are kept: kafka-configs --alter --entity-type topics --entity-name %s --add-config max.message.bytes=%d",
				name, sizes[name], deadLetter, taken, deadLetter, max(sizes[name], deadletter.MaxBytes))
		}
	}
}
