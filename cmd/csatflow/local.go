package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
)

// embeddedFlags are the flags of the embedded servers.
type embeddedFlags struct {
	Data       string   `placeholder:"DIR" help:"Where the embedded servers keep their state (default: csatflow in the user's data directory)."`
	Kafka      string   `default:"127.0.0.1:9092" placeholder:"HOST:PORT" help:"Address of Kafka."`
	ClickHouse string   `name:"clickhouse" default:"127.0.0.1:9000" placeholder:"HOST:PORT" help:"Address of ClickHouse, native protocol."`
	HTTP       string   `name:"http" placeholder:"HOST:PORT" help:"Address of ClickHouse over HTTP, like 127.0.0.1:8123."`
	KafkaBytes byteSize `default:"4GiB" placeholder:"SIZE" help:"How much of all topics Kafka keeps (${default}). To make room it drops what all groups have read; when nothing is, it refuses more. Of csat.deadletter and csat.actions it keeps the newest sixteenth each."`
	Partitions int      `default:"8" help:"Partitions of the topics that are created."`
	Libchdb    string   `placeholder:"FILE" env:"CSATFLOW_LIBCHDB" help:"ClickHouse's engine, libchdb.so, instead of the one that npm fetches into the user's cache."`
}

// outputShare divides Kafka's bytes: each topic that csatflow writes may hold one part.
const outputShare = 16

// embedded are the running embedded servers.
type embedded struct {
	kafka      *local.Kafka
	clickhouse *local.ClickHouse
	password   string // of ClickHouse's user local.User
	passwordIn string // file of the password
}

// curl is the begin of a command that queries ClickHouse over HTTP. The password stays in its file.
func (e *embedded) curl() string {
	return fmt.Sprintf(`curl --user "%s:$(cat %s)"`, local.User, shellWord(e.passwordIn))
}

// shellWord quotes a word for a shell.
func shellWord(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("/._-+=:,@%", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func dataDir(named, fallback string) (string, error) {
	if named != "" {
		return named, nil
	}
	if x := os.Getenv("XDG_DATA_HOME"); x != "" {
		return filepath.Join(x, "csatflow", fallback), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", usage(fmt.Errorf("no home directory (%w): pass --data DIR", err))
	}
	return filepath.Join(home, ".local", "share", "csatflow", fallback), nil
}

func (f *embeddedFlags) start(sys *system, data string, log *slog.Logger) (*embedded, error) {
	library, err := libchdb.Fetch(sys.ctx, libchdb.Options{File: f.Libchdb, Progress: sys.stderr})
	if err != nil {
		return nil, answerNo(err)
	}
	t := config.Default().Kafka.Topics
	var topics []local.Topic
	for _, name := range t.Read() {
		topics = append(topics, local.Topic{Name: name, Partitions: f.Partitions})
	}
	for _, name := range []string{t.DeadLetter, t.Actions} { // nobody needs to read them
		topics = append(topics, local.Topic{Name: name, Partitions: f.Partitions, Bytes: int64(f.KafkaBytes) / outputShare})
	}
	k, err := local.StartKafka(local.KafkaOptions{Data: filepath.Join(data, "kafka"), Addr: f.Kafka, Topics: topics, Bytes: int64(f.KafkaBytes), Log: log})
	if err != nil {
		return nil, usage(err)
	}
	password, file, err := local.Password(data)
	if err != nil {
		return nil, usage(errors.Join(err, k.Close()))
	}
	c, err := local.StartClickHouse(sys.ctx, local.ClickHouseOptions{Library: library, Data: filepath.Join(data, "clickhouse"),
		NativeAddr: f.ClickHouse, HTTPAddr: f.HTTP, Password: password, Log: log})
	if err != nil {
		return nil, usage(errors.Join(err, k.Close()))
	}
	return &embedded{k, c, password, file}, nil
}

func (e *embedded) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(e.kafka.Close(), e.clickhouse.Stop(ctx))
}

type localCommand struct{ embeddedFlags }

func (localCommand) Help() string {
	return "Example:\n  csatflow local --data ./data --http 127.0.0.1:8123\n  curl --user \"default:$(cat data/clickhouse-password)\" 'http://127.0.0.1:8123/?query=SELECT+version()'\n\nIt runs until it is interrupted. The state under --data survives a stop and a kill."
}

func (cmd *localCommand) Run(sys *system) error {
	data, err := dataDir(cmd.Data, "local")
	if err != nil {
		return err
	}
	log := logger(sys, config.Default().Log)
	servers, err := cmd.start(sys, data, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(sys.stdout, "Kafka       %s  (topics of %d partitions)\nClickHouse  %s  (native protocol)\n", servers.kafka.Addr(), cmd.Partitions, servers.clickhouse.NativeAddr())
	if a := servers.clickhouse.HTTPAddr(); a != "" {
		fmt.Fprintf(sys.stdout, "            http://%s/\n            %s 'http://%s/?query=SELECT+version()'\n", a, servers.curl(), a)
	}
	passwordIn, err := filepath.Abs(servers.passwordIn) // for a configuration in any folder
	if err != nil {
		return errors.Join(fmt.Errorf("--data: %w", err), servers.stop())
	}
	fmt.Fprintf(sys.stdout, "            in csatflow.yaml, clickhouse: {address: [%q], database: csat, password_file: %q}\n", servers.clickhouse.NativeAddr(), passwordIn)
	fmt.Fprintf(sys.stdout, "state       %s\n", data)
	select {
	case <-sys.ctx.Done():
		return servers.stop()
	case <-servers.clickhouse.Done():
		return errors.Join(answerNo(fmt.Errorf("the embedded ClickHouse ended: %w", servers.clickhouse.Err())), servers.kafka.Close())
	}
}
