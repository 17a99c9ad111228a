package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/deadletter"
)

type auditCommand struct {
	configFlag
	Sample     float64  `default:"1" placeholder:"SHARE" help:"Audit only the rows of this share of the customers (0.01: one in a hundred). Panes are then left out, since they are sums over all customers."`
	Partitions []int    `placeholder:"P" help:"Audit only these partitions, like 0,3."`
	Memory     byteSize `default:"1GiB" placeholder:"SIZE" help:"Approximate memory to use; with less, the logs are read more often (${default})."`
	Limit      int      `default:"100" help:"How many differing rows to name; all are counted (${default})."`
	Format     string   `default:"text" enum:"text,json" help:"Format of the report: text or json (${default})."`
	Output     string   `placeholder:"FILE" help:"Write the report to a file instead of standard output."`
	Temp       string   `placeholder:"DIR" help:"Folder for temporary files, instead of the system's."`
}

func (auditCommand) Help() string {
	return `Examples:
  csatflow audit --config csatflow.yaml
  csatflow audit --config csatflow.yaml --sample 0.01            # a large topic: one customer in a hundred
  csatflow audit --config csatflow.yaml --partitions 0,3         # only these partitions
  csatflow audit --config csatflow.yaml --format json --output audit.json

It reads Kafka from the start to the committed offsets, computes all rows again, and names each row that differs from the
tables. It writes nothing to Kafka or ClickHouse, and csatflow run may go on meanwhile. If retention has removed the
beginning of a log, it leaves out what the rest does not determine, and the report says so.

Exit code 0 when all agrees, 1 when a row differs, 2 when the configuration must be mended or there is nothing to compare,
3 when a server cannot be reached.`
}

func (cmd *auditCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	if cmd.Limit < 0 {
		return usage(fmt.Errorf("--limit must not be negative, is %d", cmd.Limit))
	}
	out, err := output.Open(sys.stdout, cmd.Output)
	if err != nil {
		return usage(err)
	}
	defer out.Discard()
	report, err := cmd.audit(sys, c)
	if err != nil {
		return auditError(sys.ctx, err)
	}
	write := report.WriteText
	if cmd.Format == "json" {
		write = report.WriteJSON
	}
	err = write(out)
	if err == nil {
		err = out.Keep()
	}
	if err != nil {
		return usage(fmt.Errorf("writing the report: %w", err))
	}
	if !report.Agrees {
		return answerNo(errors.New("the tables are not as the log says"))
	}
	return nil
}

// audit reaches the servers and audits.
func (cmd *auditCommand) audit(sys *system, c *config.Config) (*audit.Report, error) {
	to, err := connect(c)
	if err != nil {
		return nil, err
	}
	defer to.close()
	partitions, err := to.kafka.CheckTopics(sys.ctx, to.topics)
	if err != nil {
		return nil, topicsError(err)
	}
	if _, err := to.store.Ping(sys.ctx); err != nil {
		return nil, unreachable(err)
	}
	set, err := c.Settings(partitions)
	if err != nil {
		return nil, usage(err)
	}
	if set.Placement, err = settledPlacement(sys.ctx, c, to.store, set); err != nil {
		return nil, err
	}
	if err := allRead(sys.ctx, to.store, to.topics); err != nil {
		return nil, err
	}
	o := &audit.Options{Settings: set, Group: c.Kafka.Group, Sample: cmd.Sample, Partitions: cmd.Partitions, Memory: int64(cmd.Memory), Limit: cmd.Limit,
		TempDir: cmd.Temp, RawDays: c.ClickHouse.RawDays, Now: time.Now()}
	if o.TempDir == "" {
		o.TempDir = os.TempDir()
	}
	log := &kafka.GroupLog{Connection: to.kafka, Group: c.Kafka.Group, Topics: to.topics, Log: logger(sys, c.Log)}
	letters, err := deadletter.FindOrigins(sys.ctx, to.kafka, c.Kafka.Topics.DeadLetter, to.topics, log.Log)
	switch {
	case isTopicError(err):
		o.NoLetters = "there is no topic " + c.Kafka.Topics.DeadLetter + " (csatflow migrate --topics creates it)"
	case err != nil:
		return nil, err
	}
	var finish func()
	o.Progress, finish = output.Records(sys.stderr)
	defer finish()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(max(int64(cmd.Memory), leastGoMemory)))
	read, err := auditLog(sys.ctx, &c.Kafka, log, letters)
	if err != nil {
		return nil, err
	}
	if letters == nil {
		return audit.Run(sys.ctx, o, read, to.store, nil)
	}
	return audit.Run(sys.ctx, o, read, to.store, letters)
}

// allRead refuses to audit without a topic whose events the tables have: rows of other topics follow from them too.
func allRead(ctx context.Context, store *clickhouse.Store, topics kafka.TopicNames) error {
	if !slices.Contains(topics[:], "") {
		return nil
	}
	usual := config.Default().Kafka.Topics
	names := usual.Read()
	return store.Positions(ctx, func(row pipeline.PositionRow) error {
		if topics[row.Topic] != "" || row.Next == 0 {
			return nil
		}
		return usage(fmt.Errorf("kafka.topics.%s is empty, and the tables have its events up to offset %d of partition %d: without them they cannot be computed again. Name the topic for the audit (CSATFLOW_KAFKA_TOPICS_%s=%s)",
			row.Topic, row.Next, row.Partition, strings.ToUpper(row.Topic.String()), names[row.Topic]))
	})
}

// leastGoMemory is the least limit that the garbage collector can keep without great cost.
const leastGoMemory = 256 << 20

// auditError gives an error its exit code: 1 is only for differences.
func auditError(ctx context.Context, err error) error {
	var told *exitError
	var refusal *audit.RefusalError
	var temp *audit.TempError
	var final *pipeline.FinalError
	switch {
	case ctx.Err() != nil:
		return usage(fmt.Errorf("interrupted without a result: %w", context.Cause(ctx)))
	case errors.As(err, &told):
		return err
	case errors.As(err, &refusal), errors.As(err, &temp), errors.As(err, &final), isTopicError(err):
		return usage(err)
	}
	return unreachable(err)
}

// byteSize is a number of bytes, written like 512MiB.
type byteSize int64

const leastMemory = 256 << 10

func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	unit := float64(1)
	for i, suffix := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if number, has := strings.CutSuffix(s, suffix); has {
			s, unit = strings.TrimSpace(number), math.Ldexp(1, 10*(i+1))
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n*unit >= leastMemory && n*unit < math.MaxInt64) {
		return fmt.Errorf("%q must be a size of at least 256KiB, like 512MiB or 2GiB", text)
	}
	*b = byteSize(n * unit)
	return nil
}
