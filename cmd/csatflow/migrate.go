package main

import (
	"errors"
	"fmt"

	"csatflow/pipeline/kafka"
	"csatflow/sinks/deadletter"
)

type migrateCommand struct {
	configFlag
	PageUser bool `help:"Create the user of page.clickhouse too, who may only read, or give it a new password; clickhouse.username must be allowed to create users."`
	Topics   bool `help:"Create missing Kafka topics too (kafka.partitions, kafka.replication)."`
}

func (migrateCommand) Help() string {
	return "Example:\n  csatflow migrate --config csatflow.yaml --topics\n\nIt loses no row, may run again, and may run while csatflow run writes."
}

func (cmd *migrateCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	own := &c.Page.ClickHouse
	if cmd.PageUser && (own.Username == "" || own.Password == "") {
		return usage(errors.New("--page-user: set page.clickhouse.username and page.clickhouse.password (or password_file)"))
	}
	to, err := connect(c)
	if err != nil {
		return err
	}
	defer to.close()
	if _, err := to.store.Ping(sys.ctx); err != nil {
		return unreachable(err)
	}
	made := false
	err = migrate(sys.ctx, c, to.store, func(step string) {
		made = true
		fmt.Fprintln(sys.stdout, step)
	})
	if err != nil {
		return err
	}
	if !made {
		fmt.Fprintf(sys.stdout, "the tables and views of %s are those of this release\n", c.ClickHouse.Database)
	}
	if cmd.PageUser {
		if err := to.store.MakeReader(sys.ctx, own.Username, own.Password); err != nil {
			return answerNo(err)
		}
		fmt.Fprintf(sys.stdout, "user %s, who may read %s\n", own.Username, c.ClickHouse.Database)
	}
	if !cmd.Topics {
		return nil
	}
	var topics []kafka.NewTopic
	for _, name := range append(to.topics.List(), c.Kafka.Topics.DeadLetter) {
		topics = append(topics, kafka.NewTopic{Name: name, Partitions: c.Kafka.Partitions, Replication: c.Kafka.Replication})
	}
	topics[len(topics)-1].MessageBytes = deadletter.MaxBytes
	if name := c.Kafka.Topics.Actions; name != "" {
		topics = append(topics, kafka.NewTopic{Name: name, Partitions: c.Kafka.Partitions, Replication: c.Kafka.Replication})
	}
	created, err := to.kafka.CreateTopics(sys.ctx, topics)
	for _, name := range created {
		fmt.Fprintf(sys.stdout, "topic %s with %d partitions\n", name, c.Kafka.Partitions)
	}
	if err != nil {
		return unreachable(err)
	}
	return nil
}
