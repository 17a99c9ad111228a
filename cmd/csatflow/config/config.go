// Package config is what an owner writes in the configuration file: its keys, defaults, checks, and how it is read from
// file and environment. Start at [Config] and [Load].
package config

import (
	"time"

	"csatflow/sinks/alert/watch"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/metrics"
	"csatflow/sinks/web/api"
)

// Config is the whole configuration. Each key can be set in the file and by the environment variable CSATFLOW_ and the
// key in capitals with "_" for "." (CSATFLOW_KAFKA_BROKERS). A key that ends in _file names a file, and so does one tagged path.
type Config struct {
	Kafka      Kafka      `koanf:"kafka"`
	ClickHouse ClickHouse `koanf:"clickhouse"`
	Listen     string     `koanf:"listen"` // address of the page, /metrics, /healthz and /readyz
	// Insecure lets that address be one that other machines reach though nobody has to say who they are.
	Insecure bool `koanf:"insecure"`
	// WebConfig is a file of certificates and users for that address, as Prometheus's exporter-toolkit has them; empty for plain HTTP.
	WebConfig  string     `koanf:"web_config_file"`
	Flush      Flush      `koanf:"flush"`
	Memory     Memory     `koanf:"memory"`
	DeadLetter DeadLetter `koanf:"dead_letters"`
	Measures   Measures   `koanf:"measures"`
	Service    Service    `koanf:"service"`
	Value      Value      `koanf:"value"`
	Alerts     Alerts     `koanf:"alerts"`
	Metrics    Metrics    `koanf:"metrics"`
	Page       Page       `koanf:"page"`
	Log        Log        `koanf:"log"`
}

// Kafka is where events come from.
type Kafka struct {
	Brokers     []string `koanf:"brokers"`
	Group       string   `koanf:"group"`
	Topics      Topics   `koanf:"topics"`
	Partitions  int      `koanf:"partitions"`  // of topics that migrate --topics creates
	Replication int      `koanf:"replication"` // of those
	// Partitioner is how producers find the partition of a key: murmur2, crc32, fnv1a, any, or auto to learn it from the topics.
	Partitioner       string        `koanf:"partitioner"`
	TLS               TLS           `koanf:"tls"`
	SASL              SASL          `koanf:"sasl"`
	HeartbeatInterval time.Duration `koanf:"heartbeat_interval"`
	SessionTimeout    time.Duration `koanf:"session_timeout"`
	RebalanceTimeout  time.Duration `koanf:"rebalance_timeout"`
}

// AutoPartitioner learns how producers find partitions from what is in the topics.
const AutoPartitioner = "auto"

// Topics are the names of the topics.
type Topics struct {
	Responses  string `koanf:"responses"`
	Complaints string `koanf:"complaints"`
	// An empty name is a topic that is not read.
	Purchases    string `koanf:"purchases"`
	Observations string `koanf:"observations"`
	Departures   string `koanf:"departures"`
	DeadLetter   string `koanf:"deadletter"`
	Actions      string `koanf:"actions"` // what is to be done for whom; empty for none
}

// TLS is the encryption of the connection to Kafka.
type TLS struct {
	Enabled    bool   `koanf:"enabled"`
	CAFile     string `koanf:"ca_file"`
	CertFile   string `koanf:"cert_file"`
	KeyFile    string `koanf:"key_file"`
	ServerName string `koanf:"server_name"`
}

// SASL is who we are to Kafka.
type SASL struct {
	Mechanism string `koanf:"mechanism"`
	Username  string `koanf:"username"`
	Password  string `koanf:"password" secret:"true"`
	// A key that ends in _file names a file with the value of the key without it, which is then left empty.
	PasswordFile string `koanf:"password_file"`
}

// ClickHouse is where rows go.
type ClickHouse struct {
	Address      []string `koanf:"address"`
	Database     string   `koanf:"database"`
	Username     string   `koanf:"username"`
	Password     string   `koanf:"password" secret:"true"`
	PasswordFile string   `koanf:"password_file"`
	TLS          bool     `koanf:"tls"`
	CAFile       string   `koanf:"ca_file"`
	Compression  string   `koanf:"compression"`
	// InsertQuorum is how many replicas of a table have a row when its insert is acknowledged: a number, or auto for more than half.
	InsertQuorum string `koanf:"insert_quorum"`
	Migrate      bool   `koanf:"migrate"`    // bring tables and views up to this release when run starts
	RawTables    bool   `koanf:"raw_tables"` // keep events as received
	RawDays      int    `koanf:"raw_days"`   // how long
}

// Flush is when rows are written.
type Flush struct {
	// Interval between flushes; ten times as long for a partition that has more to read than ten intervals' worth.
	Interval time.Duration `koanf:"interval"`
	Rows     int           `koanf:"rows"` // flush earlier when so many wait, of all partitions together
}

// Memory bounds what is kept in memory.
type Memory struct {
	// Panes of all partitions together, about; older ones are read back when an event needs them. Names of stores, employees
	// and such are kept half as many.
	Panes int `koanf:"panes"`
}

// DeadLetter says when so many messages are bad that the feed as a whole is taken for broken and run stops.
type DeadLetter struct {
	Window   int     `koanf:"window"`    // messages of a topic's partition that follow one another; 0 never to stop
	MaxShare float64 `koanf:"max_share"` // of a window, 0 to 1
}

// Measures are what an owner chooses about the measures.
type Measures struct {
	TimeZone          string             `koanf:"time_zone"`           // of days
	Dimensions        []Dimension        `koanf:"dimensions"`          // of the owner's own: attributes of the events
	Crossings         [][]string         `koanf:"crossings"`           // dimensions to cross, as [[store, source]]
	Promise           time.Duration      `koanf:"promise"`             // to recovery
	PromiseByCategory map[string]string  `koanf:"promise_by_category"` // complaint category to duration
	RaterWeights      map[string]float64 `koanf:"rater_weights"`
	ChurnWeights      map[string]float64 `koanf:"churn_weights"`      // by input, and bias
	ChurnWeightsFile  string             `koanf:"churn_weights_file"` // as csatflow churn fit writes it; churn_weights go before it
}

// Service are files of the company's own in place of those of this release; "" for those.
type Service struct {
	Standards string `koanf:"standards" path:"true"` // as schemas/service/standards.yaml
	Beliefs   string `koanf:"beliefs" path:"true"`   // as schemas/service/beliefs.yaml
}

// Value is what the value of customers is reckoned with.
type Value struct {
	Currency      string  `koanf:"currency"`       // of all amounts, for people
	DefaultMargin float64 `koanf:"default_margin"` // share of the amount, for purchases that do not say their margin
	ReferralRate  float64 `koanf:"referral_rate"`  // what one who recommends brings, as a share of their own value
}

// Alerts say what is looked for, and who is told.
type Alerts struct {
	Enabled bool `koanf:"enabled"`
	// CatchUp is the longest time that is looked at afterwards, of event time, when events came at once or csatflow was away.
	CatchUp      time.Duration `koanf:"catch_up"`
	PageURL      string        `koanf:"page_url"` // of the page, for links in alerts; http:// and listen when empty
	Rules        watch.Rules   `koanf:"rules"`
	Alertmanager Alertmanager  `koanf:"alertmanager"`
	Webhook      Webhook       `koanf:"webhook"`
}

// Alertmanager is where alerts go, over its API of version 2.
type Alertmanager struct {
	URLs         []string      `koanf:"urls" secret:"url"` // of all members of its cluster; none when empty
	Username     string        `koanf:"username"`
	Password     string        `koanf:"password" secret:"true"`
	PasswordFile string        `koanf:"password_file"`
	Token        string        `koanf:"token" secret:"true"`
	TokenFile    string        `koanf:"token_file"`
	CAFile       string        `koanf:"ca_file"`
	Resend       time.Duration `koanf:"resend"` // how often what fires is told again
}

// Webhook is where each change of an alert is posted, signed.
type Webhook struct {
	URL        string `koanf:"url" secret:"url"`
	URLFile    string `koanf:"url_file"`
	Secret     string `koanf:"secret" secret:"true"` // 24 bytes or more; whsec_ before them in base64
	SecretFile string `koanf:"secret_file"`
}

// How the page shows customers.
const (
	ShowPseudonyms = "pseudonyms"
	ShowIDs        = "ids"
)

// Page says what the page shows.
type Page struct {
	Customers string `koanf:"customers"` // pseudonyms, or ids with what they wrote
	// PseudonymSecret keeps pseudonyms the same after a restart and among processes; a key of this start when empty.
	PseudonymSecret     string `koanf:"pseudonym_secret" secret:"true"`
	PseudonymSecretFile string `koanf:"pseudonym_secret_file"`
	// Hosts are names under which the page and /metrics are asked, beside those of listen, of alerts.page_url and of this machine.
	Hosts      []string       `koanf:"hosts"`
	Questions  int            `koanf:"questions"` // put to ClickHouse at once; each may take 2 GiB of its memory
	Streams    int            `koanf:"streams"`   // of one address; each open page has one
	ClickHouse PageClickHouse `koanf:"clickhouse"`
}

// PageClickHouse is who the page is to ClickHouse: a user who may only read, as csatflow migrate --page-user makes one. The
// writer's when empty.
type PageClickHouse struct {
	Username     string `koanf:"username"`
	Password     string `koanf:"password" secret:"true"`
	PasswordFile string `koanf:"password_file"`
}

// Metrics bounds /metrics.
type Metrics struct {
	MaxSeries int `koanf:"max_series"` // label sets of one domain metric; the rest is counted under "other"
	// Stores are names that always have a place, beside those that come first.
	Stores []string `koanf:"stores"`
	// Idle is after how long without an event a label set leaves when others need its place.
	Idle time.Duration `koanf:"idle"`
}

// Log is what is logged, and how.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn, error
	Format string `koanf:"format"` // text, json; auto is text on a terminal
}

// Default is the configuration of an owner who says nothing; brokers and the ClickHouse address must be said.
func Default() Config {
	return Config{
		Kafka: Kafka{Group: "csatflow", Topics: Topics{"csat.responses", "csat.complaints", "csat.purchases", "csat.observations", "csat.departures", "csat.deadletter", "csat.actions"}, Partitions: 8, Replication: 1, Partitioner: AutoPartitioner,
			HeartbeatInterval: time.Second, SessionTimeout: 15 * time.Second, RebalanceTimeout: 30 * time.Second},
		ClickHouse: ClickHouse{Database: "csat", Username: "default", Compression: "lz4", InsertQuorum: "auto", Migrate: true, RawTables: true, RawDays: 400},
		Listen:     "127.0.0.1:8080",
		Flush:      Flush{Interval: time.Second, Rows: 500_000},
		Memory:     Memory{Panes: 1_000_000},
		DeadLetter: DeadLetter{Window: 1000, MaxShare: 0.5},
		Measures: Measures{TimeZone: "UTC", Dimensions: []Dimension{}, Crossings: [][]string{}, Promise: 24 * time.Hour, PromiseByCategory: map[string]string{},
			RaterWeights: map[string]float64{}, ChurnWeights: map[string]float64{}},
		Page:    Page{Customers: ShowPseudonyms, Hosts: []string{}, Questions: api.DefaultQuestions, Streams: api.DefaultStreams},
		Value:   Value{Currency: "EUR", DefaultMargin: clickhouse.DefaultMargin, ReferralRate: clickhouse.DefaultReferralRate},
		Alerts:  Alerts{Enabled: true, CatchUp: 28 * 24 * time.Hour, Rules: watch.DefaultRules(), Alertmanager: Alertmanager{URLs: []string{}, Resend: time.Minute}},
		Metrics: Metrics{MaxSeries: 2000, Stores: []string{}, Idle: metrics.DefaultIdle},
		Log:     Log{Level: "info", Format: "auto"},
	}
}
