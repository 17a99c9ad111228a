package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/schemas"
	"csatflow/schemas/service"
	"csatflow/sinks/alert/deliver"
	"csatflow/sinks/clickhouse"
)

// faults collects what is wrong, each with its key.
type faults []error

func (f *faults) add(key, format string, args ...any) {
	*f = append(*f, fmt.Errorf("%s: "+format, append([]any{key}, args...)...))
}

func (f *faults) addresses(key string, list []string) {
	if len(list) == 0 {
		f.add(key, "must name at least one address, as [127.0.0.1:9092]")
	}
	for _, a := range list {
		if _, _, err := net.SplitHostPort(a); err != nil {
			f.add(key, "%q must be host:port: %v", a, err)
		}
	}
}

func (f *faults) positive(key string, v int) {
	if v < 1 {
		f.add(key, "must be at least 1, is %d", v)
	}
}

func (f *faults) text(key, v string) {
	if v == "" {
		f.add(key, "must not be empty")
	}
}

// Check says all that is wrong with the configuration, each with its key.
func (c *Config) Check() error {
	var f faults
	f.kafka(&c.Kafka)
	f.addresses("clickhouse.address", c.ClickHouse.Address)
	f.text("clickhouse.database", c.ClickHouse.Database)
	f.positive("clickhouse.raw_days", c.ClickHouse.RawDays)
	f.addresses("listen", []string{c.Listen})
	if err := web.Validate(c.WebConfig); err != nil {
		f.add("web_config_file", "must be a file as https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md says: %v", err)
	} else if !c.Insecure && reachable(c.Listen) && !guarded(c.WebConfig) {
		f.add("listen", "%q is reached from other machines, and whoever reaches it could read the page: listen on 127.0.0.1, or name users in web_config_file (basic_auth_users, or client certificates), or say insecure: true where something before it keeps others out", c.Listen)
	}
	if shown := []string{ShowPseudonyms, ShowIDs}; !slices.Contains(shown, c.Page.Customers) {
		f.add("page.customers", "must be one of %s, is %q", strings.Join(shown, ", "), c.Page.Customers)
	}
	switch secret := c.Page.PseudonymSecret; {
	case secret == "":
	case len(secret) < 16:
		f.add("page.pseudonym_secret", "must have at least 16 characters, or be empty for one of this start")
	case distinct(secret) < 8:
		f.add("page.pseudonym_secret", "can be guessed, since it has fewer than 8 different characters: openssl rand -base64 32 makes one")
	}
	f.positive("page.questions", c.Page.Questions)
	f.positive("page.streams", c.Page.Streams)
	if c.Page.ClickHouse.Password != "" && c.Page.ClickHouse.Username == "" {
		f.add("page.clickhouse.username", "must be set, since page.clickhouse.password is")
	}
	f.positive("flush.rows", c.Flush.Rows)
	f.positive("memory.panes", c.Memory.Panes)
	f.positive("metrics.max_series", c.Metrics.MaxSeries)
	if c.Metrics.Idle < time.Minute {
		f.add("metrics.idle", "must be at least 1m, is %s", c.Metrics.Idle)
	}
	bad := f.add
	if c.DeadLetter.Window < 0 {
		bad("dead_letters.window", "must not be negative (0 sets no ceiling), is %d", c.DeadLetter.Window)
	}
	if s := c.DeadLetter.MaxShare; !(s >= 0 && s <= 1) {
		bad("dead_letters.max_share", "must be 0 to 1, is %v", s)
	}
	if c.Flush.Interval < 50*time.Millisecond || c.Flush.Interval > time.Minute {
		bad("flush.interval", "must be 50ms to 1m, is %s", c.Flush.Interval)
	}
	if !slices.Contains([]string{"lz4", "zstd", "none"}, c.ClickHouse.Compression) {
		bad("clickhouse.compression", "must be one of lz4, zstd, none, is %q", c.ClickHouse.Compression)
	}
	if n, err := strconv.ParseUint(c.ClickHouse.InsertQuorum, 10, 16); c.ClickHouse.InsertQuorum != "auto" && (err != nil || n == 1) {
		bad("clickhouse.insert_quorum", "must be auto (more than half of the replicas), a number from 2, or 0 for none, is %q", c.ClickHouse.InsertQuorum)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "must be one of debug, info, warn, error, is %q", c.Log.Level)
	}
	if !slices.Contains([]string{"auto", "text", "json"}, c.Log.Format) {
		bad("log.format", "must be one of auto, text, json, is %q", c.Log.Format)
	}
	f.alerts(c)
	if _, err := c.Settings(1); err != nil {
		f = append(f, err)
	}
	if _, err := c.RaterWeights(); err != nil {
		f = append(f, err)
	}
	if _, err := c.Company(); err != nil {
		f = append(f, err)
	}
	return errors.Join(f...)
}

// distinct is how many different bytes a text has.
func distinct(text string) int {
	set := map[byte]bool{}
	for i := range len(text) {
		set[text[i]] = true
	}
	return len(set)
}

func (f *faults) kafka(k *Kafka) {
	f.addresses("kafka.brokers", k.Brokers)
	f.text("kafka.group", k.Group)
	f.text("kafka.topics.responses", k.Topics.Responses)
	f.text("kafka.topics.complaints", k.Topics.Complaints)
	f.text("kafka.topics.deadletter", k.Topics.DeadLetter)
	if !slices.Contains([]string{"", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}, k.SASL.Mechanism) {
		f.add("kafka.sasl.mechanism", "must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or empty, is %q", k.SASL.Mechanism)
	}
	if _, err := pipeline.PartitionerOf(k.Partitioner); err != nil && k.Partitioner != AutoPartitioner {
		f.add("kafka.partitioner", "must be auto, murmur2 (Java, kafka-python, kafkajs, franz-go), crc32 (librdkafka), fnv1a (Sarama) or any, is %q", k.Partitioner)
	}
	if k.SASL.Username != "" && k.SASL.Mechanism == "" {
		f.add("kafka.sasl.mechanism", "must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, since kafka.sasl.username is set: without it nobody says who they are")
	}
	f.positive("kafka.partitions", k.Partitions)
	f.positive("kafka.replication", k.Replication)
	if k.HeartbeatInterval <= 0 || k.SessionTimeout < 3*k.HeartbeatInterval {
		f.add("kafka.session_timeout", "must be at least three times kafka.heartbeat_interval (%s), is %s", k.HeartbeatInterval, k.SessionTimeout)
	}
	if k.RebalanceTimeout <= k.HeartbeatInterval {
		f.add("kafka.rebalance_timeout", "must be above kafka.heartbeat_interval (%s), is %s", k.HeartbeatInterval, k.RebalanceTimeout)
	}
}

// mostCatchUp is the longest time in which alerts are looked for afterwards: a year.
const mostCatchUp = 365 * 24 * time.Hour

func (f *faults) alerts(c *Config) {
	kinds, err := c.ScopeKinds()
	if err != nil { // which Settings tells
		return
	}
	if err := c.Alerts.Rules.Check(kinds.Names()); err != nil {
		*f = append(*f, err)
	}
	web := func(key, text, what string) {
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			f.add(key, "must be a URL, as https://host:port/path%s", what)
		}
	}
	for _, text := range c.Alerts.Alertmanager.URLs {
		web("alerts.alertmanager.urls", text, "") // it may hold a secret, and is not told
	}
	if c.Alerts.PageURL != "" {
		web("alerts.page_url", c.Alerts.PageURL, fmt.Sprintf(", is %q", c.Alerts.PageURL))
	}
	if c.Alerts.Webhook.URL != "" {
		web("alerts.webhook.url", c.Alerts.Webhook.URL, "") // as above
		if err := deliver.CheckSecret(c.Alerts.Webhook.Secret); err != nil {
			f.add("alerts.webhook.secret", "%v", err)
		}
	}
	if d := c.Alerts.CatchUp; d < 0 || d > mostCatchUp {
		f.add("alerts.catch_up", "must be 0s to %s, is %s", mostCatchUp, d)
	}
	if r := c.Alerts.Alertmanager.Resend; r < time.Second || r > time.Hour {
		f.add("alerts.alertmanager.resend", "must be 1s to 1h, is %s", r)
	}
}

// CheckKafka says what is wrong with the part that those need who only send events.
func (c *Config) CheckKafka() error {
	var f faults
	f.kafka(&c.Kafka)
	return errors.Join(f...)
}

// Settings gives the pipeline's part of the configuration, for a process that owns so many partitions.
func (c *Config) Settings(partitions int) (*pipeline.Settings, error) {
	s := &pipeline.Settings{Promise: c.Measures.Promise, ByCategory: map[string]time.Duration{}, Model: customer.DefaultModel(),
		Ceiling:   pipeline.Ceiling{Window: c.DeadLetter.Window, Share: c.DeadLetter.MaxShare},
		RawTables: c.ClickHouse.RawTables, Partitions: partitions,
		PaneLimit: max(1000, c.Memory.Panes/max(partitions, 1)/2), NameLimit: max(10_000, c.Memory.Panes/max(partitions, 1)/2)}
	var err error
	if s.Zone, err = time.LoadLocation(c.Measures.TimeZone); err != nil {
		return nil, fmt.Errorf("measures.time_zone: %w", err)
	}
	if s.Zone == time.Local {
		return nil, fmt.Errorf("measures.time_zone: must be a name that ClickHouse knows too, as Europe/Berlin, is %q", c.Measures.TimeZone)
	}
	if s.Kinds, err = c.ScopeKinds(); err != nil {
		return nil, err
	}
	if c.Measures.Promise < time.Second {
		return nil, fmt.Errorf("measures.promise: must be at least 1s, is %s", c.Measures.Promise)
	}
	for category, text := range c.Measures.PromiseByCategory {
		d, err := time.ParseDuration(text)
		if err != nil || d < time.Second {
			return nil, fmt.Errorf("measures.promise_by_category.%s: must be a duration of at least 1s, as 48h, is %q", category, text)
		}
		if event.Code(event.Categories, category) == 0 {
			return nil, fmt.Errorf("measures.promise_by_category.%s: no such category: one of %s", category, strings.Join(event.Categories, ", "))
		}
		s.ByCategory[category] = d
	}
	if c.Measures.ChurnWeightsFile != "" {
		if s.Model, err = customer.LoadModel(c.Measures.ChurnWeightsFile); err != nil {
			return nil, fmt.Errorf("measures.churn_weights_file: %w", err)
		}
	}
	if err := s.Model.SetWeights(c.Measures.ChurnWeights); err != nil {
		return nil, fmt.Errorf("measures.churn_weights: %w", err)
	}
	return s, nil
}

// Company gives what views say of the company.
func (c *Config) Company() (company schemas.Company, err error) {
	standards, err := service.LoadStandards(c.Service.Standards)
	if err != nil {
		return company, fmt.Errorf("service.standards: %w", err)
	}
	beliefs, err := service.LoadBeliefs(c.Service.Beliefs)
	if err != nil {
		return company, fmt.Errorf("service.beliefs: %w", err)
	}
	gaps, err := service.LoadGaps()
	if err != nil {
		return company, err
	}
	for key, v := range map[string]float64{"value.default_margin": c.Value.DefaultMargin, "value.referral_rate": c.Value.ReferralRate} {
		if !(v >= 0 && v <= 1) {
			return company, fmt.Errorf("%s: must be 0 to 1, is %v", key, v)
		}
	}
	return schemas.NewCompany(c.Value.DefaultMargin, c.Value.ReferralRate, standards, beliefs, gaps), nil
}

// RaterWeights gives the weights of the RATER dimensions.
func (c *Config) RaterWeights() (map[string]float64, error) {
	weights := maps.Clone(clickhouse.DefaultRaterWeights)
	for name, w := range c.Measures.RaterWeights {
		if _, found := weights[name]; !found {
			return nil, fmt.Errorf("measures.rater_weights.%s: no such dimension: one of %s", name, strings.Join(event.RaterDimensions, ", "))
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("measures.rater_weights.%s: must be a number and not negative, is %v", name, w)
		}
		weights[name] = w
	}
	return weights, nil
}
