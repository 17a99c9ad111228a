package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/schemas"
	"csatflow/schemas/feeds"
	"csatflow/schemas/keys"
	"csatflow/schemas/service"
	"csatflow/sinks/alert/endpoint"
)

// faults collects errors, each with its key.
type faults []error

func (f *faults) add(key, format string, args ...any) {
	*f = append(*f, fmt.Errorf("%s: "+format, append([]any{key}, args...)...))
}

// Check returns all errors of the configuration, each with its key: first by the declarations of single keys, then between keys
// and in files.
func (c *Config) Check() error {
	f := faults(keys.Check(c, ""))
	f.kafka(&c.Kafka)
	if err := web.Validate(c.WebConfig); err != nil {
		f.add("web_config_file", "must be a file in the format of https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md: %v", err)
	} else if !c.Insecure && reachable(c.Listen) && !guarded(c.WebConfig) {
		f.add("listen", "other machines reach %q, and everybody there could read the page: listen on 127.0.0.1, or name users in web_config_file (basic_auth_users, or client certificates), or set insecure: true if something in front of it keeps others out", c.Listen)
	}
	switch secret := c.Page.PseudonymSecret; {
	case secret == "":
	case len(secret) < 16:
		f.add("page.pseudonym_secret", "must have at least 16 characters, or be empty for a new secret at each start")
	case distinct(secret) < 8:
		f.add("page.pseudonym_secret", "can be guessed, since it has fewer than 8 different characters: openssl rand -base64 32 makes a good one")
	}
	if c.Page.ClickHouse.Password != "" && c.Page.ClickHouse.Username == "" {
		f.add("page.clickhouse.username", "must be set, since page.clickhouse.password is")
	}
	if n, err := strconv.ParseUint(c.ClickHouse.InsertQuorum, 10, 16); c.ClickHouse.InsertQuorum != "auto" && (err != nil || n == 1) {
		f.add("clickhouse.insert_quorum", "must be auto (more than half of the replicas), a number from 2, or 0 for none, is %q", c.ClickHouse.InsertQuorum)
	}
	f.alerts(c)
	f.intake(c)
	if _, err := c.Settings(1); err != nil {
		f = append(f, err)
	}
	if _, err := c.PlaceNames(); err != nil {
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

// distinct is the number of different bytes in a text.
func distinct(text string) int {
	set := map[byte]bool{}
	for i := range len(text) {
		set[text[i]] = true
	}
	return len(set)
}

// topicKeys are the keys of the topics: those that are read, and those that are written.
var topicKeys = append(feeds.Names(), "deadletter", "actions")

func (f *faults) kafka(k *Kafka) {
	t := &k.Topics
	read := t.Read()
	names := append(read[:], t.DeadLetter, t.Actions)
	for i, name := range names {
		if first := slices.Index(names, name); name != "" && first < i {
			f.add("kafka.topics."+topicKeys[i], "must be a topic of its own, %q is kafka.topics.%s already", name, topicKeys[first])
		}
	}
	f.formats(k)
	if o := &k.SASL.OAuth; k.SASL.Mechanism == "OAUTHBEARER" {
		for _, x := range [][2]string{{"endpoint", o.TokenURL}, {"client_id", o.ClientID}, {"client_secret", o.ClientSecret}} {
			if x[1] == "" {
				f.add("kafka.sasl.oauth."+x[0], "must be set, since kafka.sasl.mechanism is OAUTHBEARER")
			}
		}
	}
	if k.SASL.Username != "" && k.SASL.Mechanism == "" {
		f.add("kafka.sasl.mechanism", "must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, since kafka.sasl.username is set: without it the user is not sent")
	}
	if k.HeartbeatInterval <= 0 || k.SessionTimeout < 3*k.HeartbeatInterval {
		f.add("kafka.session_timeout", "must be at least three times kafka.heartbeat_interval (%s), is %s", k.HeartbeatInterval, k.SessionTimeout)
	}
	if k.RebalanceTimeout <= k.HeartbeatInterval {
		f.add("kafka.rebalance_timeout", "must be above kafka.heartbeat_interval (%s), is %s", k.HeartbeatInterval, k.RebalanceTimeout)
	}
}

func (f *faults) alerts(c *Config) {
	if kinds, err := c.ScopeKinds(); err == nil { // otherwise Settings returns the error
		*f = append(*f, c.Alerts.Rules.CheckNames(kinds.Names())...)
		*f = append(*f, c.watched(kinds)...)
	}
	if c.Alerts.Webhook.URL != "" {
		if _, err := endpoint.Key(c.Alerts.Webhook.Secret); err != nil {
			f.add("alerts.webhook.secret", "%v", err)
		}
	}
}

// CheckKafka returns the errors of the part that commands need which only send events.
func (c *Config) CheckKafka() error {
	f := faults(keys.Check(&c.Kafka, "kafka."))
	f.kafka(&c.Kafka)
	return errors.Join(f...)
}

// CheckDryRun returns the errors of the parts that a run needs which writes nothing: it may have no ClickHouse.
func (c *Config) CheckDryRun() error {
	dry := *c
	if len(dry.ClickHouse.Address) == 0 {
		dry.ClickHouse.Address = []string{"127.0.0.1:9000"} // is not reached
	}
	return dry.Check()
}

// Zone returns the time zone of days and of hours of the week.
func (c *Config) Zone() (*time.Location, error) {
	zone, err := time.LoadLocation(c.Measures.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("measures.time_zone: %w", err)
	}
	if zone == time.Local {
		return nil, fmt.Errorf("measures.time_zone: must be a name that ClickHouse knows too, like Europe/Berlin, is %q", c.Measures.TimeZone)
	}
	return zone, nil
}

// Settings returns the pipeline's part of the configuration, for a process that owns this many partitions.
func (c *Config) Settings(partitions int) (*pipeline.Settings, error) {
	s := &pipeline.Settings{Promise: c.Measures.Promise, ByCategory: map[string]time.Duration{}, Model: customer.DefaultModel(),
		Ceiling:   pipeline.Ceiling{Window: c.DeadLetter.Window, Share: c.DeadLetter.MaxShare},
		RawTables: c.ClickHouse.RawTables, Partitions: partitions,
		PaneLimit: max(1000, c.Memory.Panes/max(partitions, 1)/2), NameLimit: max(10_000, c.Memory.Panes/max(partitions, 1)/2)}
	var err error
	if s.Zone, err = c.Zone(); err != nil {
		return nil, err
	}
	if s.Kinds, err = c.ScopeKinds(); err != nil {
		return nil, err
	}
	s.Words = c.Words()
	for category, text := range c.Measures.PromiseByCategory {
		d, err := time.ParseDuration(text)
		if err != nil || d < time.Second {
			return nil, fmt.Errorf("measures.promise_by_category.%s: must be a duration of at least 1s, like 48h, is %q", category, text)
		}
		if event.Code(event.Categories, category) == 0 && s.Words[event.CategoryWords].Of(category) == nil {
			return nil, fmt.Errorf("measures.promise_by_category.%s: no such category: one of %s, or a word of %s", category, strings.Join(event.Categories, ", "), event.CategoryWords)
		}
		s.ByCategory[category] = d
	}
	if s.Model, err = c.model(); err != nil {
		return nil, err
	}
	return s, nil
}

// Company returns the company's part of the configuration, for views.
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
	company = schemas.NewCompany(schemas.Company{DefaultMargin: c.Value.DefaultMargin, ReferralRate: c.Value.ReferralRate, MysteryVisits: c.Service.MysteryVisits,
		AnswerSeconds: int(c.Service.AnswerWindow / time.Second), Burst: schemas.Burst{Presses: c.Service.BurstPresses, Within: c.Service.BurstWithin}}, standards, beliefs, gaps)
	// Settings tells of weights that cannot be read.
	if model, err := c.model(); err == nil {
		company.Buying, err = buying(&model.Buying)
		if err != nil {
			return company, fmt.Errorf("measures.churn_weights_file: %w", err)
		}
	}
	return company, nil
}

// buying returns what views compute of the model; nil for nothing.
func buying(b *customer.Buying) (*schemas.Buying, error) {
	p, w := b.Purchasing, b.Weights
	if !b.Any() && p.R == 0 {
		return nil, nil
	}
	v := &schemas.Buying{Recency: w[0], Frequency: w[1], Tenure: w[2], Silence: w[3], Horizon: b.Horizon}
	if p.R == 0 {
		return v, nil
	}
	rule, err := p.Rule()
	if err != nil {
		return nil, err
	}
	v.R, v.Alpha, v.A, v.B, v.P, v.Q, v.V, v.Nodes, v.NodeWeights = p.R, p.Alpha, p.A, p.B, b.Spending.P, b.Spending.Q, b.Spending.V, rule.Nodes, rule.Weights
	return v, nil
}

// PlaceNames returns the names of scopes that the page shows; nil if there are none.
func (c *Config) PlaceNames() (dimension.Labels, error) {
	if c.Page.NamesFile == "" {
		return nil, nil
	}
	set, err := c.Dimensions()
	if err != nil {
		return nil, err
	}
	labels, err := dimension.ReadLabels(c.Page.NamesFile, set.OfResponses())
	if err != nil {
		return nil, fmt.Errorf("page.names_file: %w", err)
	}
	return labels, nil
}

// model returns the weights of the risk.
func (c *Config) model() (m customer.Model, err error) {
	m = customer.DefaultModel()
	if c.Measures.ChurnWeightsFile != "" {
		if m, err = customer.LoadModel(c.Measures.ChurnWeightsFile); err != nil {
			return m, fmt.Errorf("measures.churn_weights_file: %w", err)
		}
	}
	if err := m.SetWeights(c.Measures.ChurnWeights); err != nil {
		return m, fmt.Errorf("measures.churn_weights: %w", err)
	}
	return m, nil
}

// RaterWeights returns the weights of the RATER dimensions.
func (c *Config) RaterWeights() (map[string]float64, error) {
	weights := maps.Clone(schemas.DefaultRaterWeights)
	for name, w := range c.Measures.RaterWeights {
		if _, found := weights[name]; !found {
			return nil, fmt.Errorf("measures.rater_weights.%s: no such dimension: one of %s", name, strings.Join(event.RaterNames, ", "))
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("measures.rater_weights.%s: must be a number and not negative, is %v", name, w)
		}
		weights[name] = w
	}
	return weights, nil
}
