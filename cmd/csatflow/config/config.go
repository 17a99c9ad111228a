// Package config declares the configuration: keys, defaults and checks, and how it is read from file and environment.
// It knows nothing of how the values are used. Start at [Config] and [Load].
package config

import (
	"time"

	"csatflow/pipeline"
	"csatflow/schemas/keys"
	"csatflow/schemas/ruleset"
)

//go:generate go run ./generate ../../../schemas/CONFIGURATION.md

// Config is the whole configuration. Each key can be set in the file, and by an environment variable: CSATFLOW_ and the key in
// capitals with "_" for "." (CSATFLOW_KAFKA_BROKERS). A key is declared only here: package keys explains the tags. Checks
// between keys are in check.go.
type Config struct {
	Kafka      Kafka      `koanf:"kafka" help:"Where events come from."`
	Intake     Intake     `koanf:"intake" help:"How events come in over HTTP and from files, and what feeds become."`
	ClickHouse ClickHouse `koanf:"clickhouse" help:"Where rows go, over the native protocol."`
	Listen     string     `koanf:"listen" default:"127.0.0.1:8080" example:"127.0.0.1:9080" required:"" format:"host:port" help:"Address of the page, /metrics, /healthz and /readyz."`
	Insecure   bool       `koanf:"insecure" help:"Allows an address that other machines reach without users in web_config_file."`
	WebConfig  string     `koanf:"web_config_file" example:"/etc/csatflow/web.yml" help:"File of certificates and users for that address, in the format of Prometheus's exporter-toolkit; empty for plain HTTP."`
	Flush      Flush      `koanf:"flush" help:"When rows are written."`
	Memory     Memory     `koanf:"memory" help:"What is kept in memory."`
	DeadLetter DeadLetter `koanf:"dead_letters" help:"When so many messages are bad that run takes the whole feed for broken and stops."`
	Measures   Measures   `koanf:"measures" help:"What an owner chooses about the measures. Everything except weights is kept with the tables, and cannot change for them."`
	Service    Service    `koanf:"service" help:"Standards of service: the company's own files instead of those of this release, and how they are applied."`
	Value      Value      `koanf:"value" help:"Parameters of customer value."`
	Alerts     Alerts     `koanf:"alerts" help:"Which alerts are looked for, and where they go."`
	Metrics    Metrics    `koanf:"metrics" help:"Bounds of /metrics."`
	Page       Page       `koanf:"page" help:"What the page shows, and to whom."`
	Log        Log        `koanf:"log" help:"What is logged, and how."`
}

// Kafka is where events come from.
type Kafka struct {
	Brokers           []string          `koanf:"brokers" example:"[127.0.0.1:9092]" required:"" format:"host:port" help:"One or more brokers of the cluster."`
	Group             string            `koanf:"group" default:"csatflow" example:"csatflow-test" required:"" help:"Consumer group of the processes that share the work."`
	Topics            Topics            `koanf:"topics" help:"Names of the topics; one with an empty name is not read."`
	Format            string            `koanf:"format" default:"json" enum:"json,avro,protobuf,json_schema" help:"How producers write the events into the topics that are read: as JSON, or in Confluent's wire format by the schemas of a registry, with the same names of fields. A JSON object is read in any of them."`
	Formats           map[string]string `koanf:"formats" example:"{purchases: avro}" help:"Other formats of some of these topics, by their keys in kafka.topics."`
	Registry          Registry          `koanf:"registry" help:"The schema registry of topics whose format is not json."`
	Partitions        int               `koanf:"partitions" default:"8" example:"32" min:"1" unit:"partitions" help:"Partitions of each topic that migrate --topics creates; the number cannot change later."`
	Replication       int               `koanf:"replication" default:"1" example:"3" min:"1" unit:"replicas" help:"Replicas of each topic that migrate --topics creates."`
	Partitioner       string            `koanf:"partitioner" default:"auto" enum:"auto,murmur2,crc32,fnv1a,any" help:"How producers find the partition of a key: murmur2 (Java, kafka-python, kafkajs, franz-go), crc32 (librdkafka), fnv1a (Sarama), any to trust them, auto to learn it from the topics. Kept with the tables."`
	TLS               TLS               `koanf:"tls" help:"Encryption of the connection."`
	SASL              SASL              `koanf:"sasl" help:"Login to Kafka."`
	HeartbeatInterval time.Duration     `koanf:"heartbeat_interval" default:"1s" example:"3s" help:"Between heartbeats of a member of the group; at most a third of session_timeout."`
	SessionTimeout    time.Duration     `koanf:"session_timeout" default:"15s" example:"45s" help:"After how long without a heartbeat a member counts as dead, and others take its partitions."`
	RebalanceTimeout  time.Duration     `koanf:"rebalance_timeout" default:"30s" example:"1m" help:"How long members may take to flush and join again; above heartbeat_interval."`
}

// AutoPartitioner learns the producers' partitioner from the topics.
const AutoPartitioner = "auto"

// Topics are the names of the topics.
type Topics struct {
	Responses    string `koanf:"responses" default:"csat.responses" example:"shop.responses" required:"" help:"Satisfaction responses."`
	Complaints   string `koanf:"complaints" default:"csat.complaints" example:"shop.complaints" required:"" help:"Steps of complaints."`
	Purchases    string `koanf:"purchases" default:"csat.purchases" example:"shop.purchases" help:"Purchases, for values."`
	Observations string `koanf:"observations" default:"csat.observations" example:"shop.observations" help:"Observations of service, for standards and mystery shoppers."`
	Departures   string `koanf:"departures" default:"csat.departures" example:"shop.departures" help:"Who left, and why."`
	Asked        string `koanf:"asked" default:"csat.asked" example:"shop.asked" help:"Who was asked, for how many of them answer."`
	DeadLetter   string `koanf:"deadletter" default:"csat.deadletter" example:"shop.deadletter" required:"" help:"Written: messages that could not be applied."`
	Actions      string `koanf:"actions" default:"csat.actions" example:"shop.actions" help:"Written: actions to take for customers."`
}

// Read gives the names of the input topics, by [pipeline.Topic].
func (t *Topics) Read() [pipeline.Topics]string {
	return [...]string{t.Responses, t.Complaints, t.Purchases, t.Observations, t.Departures, t.Asked}
}

// TLS is the encryption of the connection to Kafka.
type TLS struct {
	Enabled    bool   `koanf:"enabled" help:"Speak TLS."`
	CAFile     string `koanf:"ca_file" example:"/etc/csatflow/ca.pem" help:"Certificate authorities of the brokers' certificates; those of the system when empty."`
	CertFile   string `koanf:"cert_file" example:"/etc/csatflow/client.pem" help:"Client certificate, if brokers require one."`
	KeyFile    string `koanf:"key_file" example:"/etc/csatflow/client.key" help:"Key of the client certificate."`
	ServerName string `koanf:"server_name" example:"kafka.example" help:"Name in the brokers' certificate, if it differs from their address."`
}

// SASL is the login to Kafka.
type SASL struct {
	Mechanism    string `koanf:"mechanism" enum:"PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER,AWS_MSK_IAM," help:"Mechanism of the login; empty for none. AWS_MSK_IAM takes the credentials that AWS's tools find."`
	Username     string `koanf:"username" example:"csatflow" help:"User of Kafka."`
	Password     string `koanf:"password" secret:"true" example:"a long password" help:"Password of that user."`
	PasswordFile string `koanf:"password_file"`
	OAuth        OAuth  `koanf:"oauth" help:"Where the tokens of OAUTHBEARER come from (OAuth 2.0, client credentials)."`
	Region       string `koanf:"region" example:"eu-central-1" help:"Region of the cluster, for AWS_MSK_IAM; that of AWS's own configuration when empty."`
}

// OAuth says where tokens come from.
type OAuth struct {
	TokenURL         string            `koanf:"endpoint" format:"url" example:"https://login.example/oauth2/token" help:"Token end-point. A token is replaced a minute before it ends."`
	ClientID         string            `koanf:"client_id" example:"csatflow" help:"Client that asks for tokens."`
	ClientSecret     string            `koanf:"client_secret" secret:"true" example:"a long secret" help:"Secret of that client."`
	ClientSecretFile string            `koanf:"client_secret_file"`
	Scopes           []string          `koanf:"scopes" example:"[kafka]" help:"Scopes to ask for."`
	Extensions       map[string]string `koanf:"extensions" example:"{logicalCluster: lkc-1, identityPoolId: pool-1}" help:"SASL extensions that go with the token; Confluent Cloud wants these two."`
}

// ClickHouse is where rows go.
type ClickHouse struct {
	Address      []string `koanf:"address" example:"[127.0.0.1:9000]" required:"" format:"host:port" help:"Replicas of one shard; the first that answers is used."`
	Database     string   `koanf:"database" default:"csat" example:"csat_test" required:"" help:"Database of the tables and views."`
	Username     string   `koanf:"username" default:"default" example:"csatflow" help:"User of ClickHouse, who may read and write there."`
	Password     string   `koanf:"password" secret:"true" example:"a long password" help:"Password of that user."`
	PasswordFile string   `koanf:"password_file"`
	TLS          bool     `koanf:"tls" help:"Speak TLS."`
	CAFile       string   `koanf:"ca_file" example:"/etc/csatflow/clickhouse-ca.pem" help:"Certificate authorities of the server's certificate; those of the system when empty."`
	Compression  string   `koanf:"compression" default:"lz4" enum:"lz4,zstd,none" help:"Compression of network traffic."`
	InsertQuorum string   `koanf:"insert_quorum" default:"auto" example:"2" help:"How many replicas of a table have a row when its insert is acknowledged: a number from 2, auto for more than half, 0 for none."`
	Migrate      bool     `koanf:"migrate" default:"true" help:"Bring tables and views up to this release when run starts."`
	RawTables    bool     `koanf:"raw_tables" default:"true" help:"Keep events as received; benchmark, importance, loyalty, and gaps by dimension and their intervals come from them."`
	RawDays      int      `koanf:"raw_days" default:"400" example:"90" min:"1" unit:"days" help:"How long events are kept as received."`
}

// Flush is when rows are written.
type Flush struct {
	Interval      time.Duration `koanf:"interval" default:"1s" example:"200ms" min:"50ms" max:"1m" help:"Between flushes of what people watch: panes of minutes, and complaints. A partition that is more than ten intervals' worth of events behind writes everything at every tenth."`
	StateInterval time.Duration `koanf:"state_interval" default:"15s" example:"5s" min:"50ms" max:"5m" help:"Between flushes of everything: hours and days, scopes without minutes, customers, events as received, and the position. A restart reads as much of the log again. No longer than interval: everything at every flush."`
	Rows          int           `koanf:"rows" default:"500000" example:"100000" min:"1" unit:"rows" help:"Flush earlier when this many rows wait, over all partitions."`
}

// Memory bounds what is kept in memory.
type Memory struct {
	Panes int `koanf:"panes" default:"1000000" example:"200000" min:"1" unit:"panes" help:"Approximate number over all partitions; older panes are read back when an event needs them. Of names of stores, employees and the like, half as many are kept."`
}

// DeadLetter says when so many messages are bad that run takes the whole feed for broken and stops.
type DeadLetter struct {
	Window   int     `koanf:"window" default:"1000" example:"10000" min:"0" unit:"messages" help:"Number of consecutive messages of a topic's partition; 0 never stops."`
	MaxShare float64 `koanf:"max_share" default:"0.5" example:"0.1" min:"0" max:"1" unit:"share" help:"Share of bad messages in a window above which run stops."`
}

// Measures are what an owner chooses about the measures.
type Measures struct {
	TimeZone          string             `koanf:"time_zone" default:"UTC" example:"Europe/Berlin" required:"" help:"Time zone of days."`
	Dimensions        []Dimension        `koanf:"dimensions" example:"[{name: till, label: {en: Till, zh: 收银台}, topics: [responses, complaints]}]" help:"The owner's own dimensions, at most 16: attributes of the events."`
	Sources           []Word             `koanf:"sources" example:"[{name: whatsapp, label: {en: WhatsApp, zh: WhatsApp}}]" help:"Sources that the owner adds to those of events, at most 32."`
	Categories        []Word             `koanf:"categories" example:"[{name: billing, label: {en: Billing, zh: 账单}, like: price}]" help:"Categories of complaints that the owner adds, at most 32; like is the known one with which panes, risk and promise count each."`
	Steps             []Word             `koanf:"steps" example:"[{name: assigned, label: {en: Assigned, zh: 已分派}, like: none}]" help:"Steps of complaints that the owner adds, at most 32; like is the known one that each counts as, none for one that changes nothing."`
	Crossings         [][]string         `koanf:"crossings" example:"[[store, source]]" help:"Lists of dimensions; the combinations of each list are scopes too."`
	Resolutions       map[string]string  `koanf:"resolutions" example:"{employee: 1m, customer_type: 1d}" help:"Finest panes of scope kinds: 1m (usual), 1h (usual of employee) or 1d. The coarser ones are there too. A crossing has those of its coarsest dimension."`
	Promise           time.Duration      `koanf:"promise" default:"24h" example:"48h" min:"1s" help:"Promised time from complaint to recovery."`
	PromiseByCategory map[string]string  `koanf:"promise_by_category" example:"{delivery: 48h}" help:"Other promises for some categories of complaints."`
	RaterWeights      map[string]float64 `koanf:"rater_weights" example:"{responsiveness: 0.3}" help:"Weights of RATER dimensions that differ from this release's."`
	ChurnWeights      map[string]float64 `koanf:"churn_weights" example:"{bias: -2.5}" help:"Weights of the churn score that differ from this release's, by input, and bias."`
	ChurnWeightsFile  string             `koanf:"churn_weights_file" example:"churn-weights.yaml" help:"File of weights from csatflow churn fit; churn_weights override it."`
}

// Service names the company's own files, "" for those of this release, and says how they are applied.
type Service struct {
	Standards string `koanf:"standards" path:"true" example:"standards.yaml" help:"Service standards, in the format of schemas/service/standards.yaml."`
	Beliefs   string `koanf:"beliefs" path:"true" example:"beliefs.yaml" help:"What management believes that customers expect, in the format of schemas/service/beliefs.yaml."`
	// One or two visits are one shopper's impression of one day; three are what a visit a month gives in the 90 days that count.
	MysteryVisits int `koanf:"mystery_visits" default:"3" example:"6" min:"2" unit:"visits" help:"Fewest mystery visits in 90 days after which somebody is rewarded or visited again."`
	// Customers who leave a shop one after another take some seconds each; ten in half a minute are one hand.
	BurstPresses int           `koanf:"burst_presses" default:"10" example:"20" min:"0" max:"1000" unit:"presses" help:"So many responses without a customer at one terminal within burst_within are a burst: shown apart, with satisfaction as it is without them. 0 for none."`
	BurstWithin  time.Duration `koanf:"burst_within" default:"30s" example:"1m" min:"1s" max:"1h" help:"Time of a burst."`
	// AnswerWindow is that of the views of invitations.
	AnswerWindow time.Duration `koanf:"answer_window" default:"168h" example:"72h" min:"1m" max:"720h" help:"Time after an invitation (csat.asked) within which a response answers it."`
}

// Value has the parameters of customer value.
type Value struct {
	Currency      string  `koanf:"currency" default:"EUR" example:"CNY" help:"Currency of all amounts, only for display."`
	DefaultMargin float64 `koanf:"default_margin" default:"0.25" example:"0.4" min:"0" max:"1" unit:"share" help:"Margin as a share of the amount, for purchases without one."`
	ReferralRate  float64 `koanf:"referral_rate" default:"0.1" example:"0.2" min:"0" max:"1" unit:"share" help:"Value that a recommending customer brings, as a share of their own value."`
}

// Alerts says which alerts are looked for, and where they go.
type Alerts struct {
	Enabled      bool          `koanf:"enabled" default:"true" help:"Look for alerts."`
	CatchUp      time.Duration `koanf:"catch_up" default:"672h" example:"168h" min:"0s" max:"8760h" help:"How far back, in event time, alerts are looked for after a load or an outage."`
	PageURL      string        `koanf:"page_url" example:"https://csat.example" format:"url" help:"Address of the page for links in alerts; http:// and listen when empty."`
	Rules        ruleset.Rules `koanf:"rules" help:"Alert rules; each has a section."`
	Alertmanager Alertmanager  `koanf:"alertmanager" help:"Where alerts go, over its API of version 2."`
	Webhook      Webhook       `koanf:"webhook" help:"Where each change of an alert is posted, signed by Standard Webhooks."`
}

// Alertmanager is where alerts go, over its API of version 2.
type Alertmanager struct {
	URLs         []string      `koanf:"urls" secret:"url" example:"[http://127.0.0.1:9093]" format:"url" help:"All members of its cluster; empty for none."`
	Username     string        `koanf:"username" example:"csatflow" help:"For basic authentication."`
	Password     string        `koanf:"password" secret:"true" example:"a long password" help:"Password of that user."`
	PasswordFile string        `koanf:"password_file"`
	Token        string        `koanf:"token" secret:"true" example:"a token" help:"Bearer token, instead of user and password."`
	TokenFile    string        `koanf:"token_file"`
	CAFile       string        `koanf:"ca_file" example:"/etc/csatflow/ca.pem" help:"Certificate authorities of its certificate; those of the system when empty."`
	Resend       time.Duration `koanf:"resend" default:"1m" example:"5m" min:"1s" max:"1h" help:"How often firing alerts are sent again."`
}

// Webhook is where each change of an alert is posted, signed.
type Webhook struct {
	URL        string `koanf:"url" secret:"url" example:"https://crm.example/hooks/csat" format:"url" help:"Receiver; empty for none."`
	URLFile    string `koanf:"url_file"`
	Secret     string `koanf:"secret" secret:"true" example:"whsec_ and 32 bytes in base64" help:"Key for signing messages: 24 bytes or more, or whsec_ and these bytes in base64."`
	SecretFile string `koanf:"secret_file"`
}

// Values of page.customers.
const (
	ShowPseudonyms = "pseudonyms"
	ShowIDs        = "ids"
)

// Page says what the page shows.
type Page struct {
	Customers           string         `koanf:"customers" default:"pseudonyms" enum:"pseudonyms,ids" help:"How customers are shown: by pseudonyms, or by ids with what they wrote."`
	PseudonymSecret     string         `koanf:"pseudonym_secret" secret:"true" example:"what openssl rand -base64 32 says" help:"Keeps pseudonyms and links the same after a restart and in all processes: 16 characters or more; a new key at each start when empty."`
	PseudonymSecretFile string         `koanf:"pseudonym_secret_file"`
	NamesFile           string         `koanf:"names_file" example:"names.csv" help:"CSV file of names for people, with the columns kind, id and name (store,store-001,Main Street): the page shows the name and the id. Read at the start."`
	Hosts               []string       `koanf:"hosts" example:"[csat.example]" help:"Names under which the page and /metrics answer, beside those of listen, of alerts.page_url and of this machine."`
	Questions           int            `koanf:"questions" default:"4" example:"8" min:"1" unit:"questions" help:"Questions that ClickHouse answers at once; each may take 2 GiB of its memory."`
	Streams             int            `koanf:"streams" default:"50" example:"500" min:"1" unit:"streams" help:"Streams of one address; each open page has one."`
	ClickHouse          PageClickHouse `koanf:"clickhouse" help:"The page's own login to ClickHouse: a user who may only read; migrate --page-user creates one. The writer's when empty."`
}

// PageClickHouse is the page's own login to ClickHouse.
type PageClickHouse struct {
	Username     string `koanf:"username" example:"csatflow_page" help:"User of ClickHouse, who may only read."`
	Password     string `koanf:"password" secret:"true" example:"a long password" help:"Password of that user."`
	PasswordFile string `koanf:"password_file"`
}

// Metrics bounds /metrics.
type Metrics struct {
	MaxSeries int           `koanf:"max_series" default:"2000" example:"10000" min:"1" unit:"label sets" help:"Label sets of one domain metric; the rest counts as \"other\"."`
	Stores    []string      `koanf:"stores" example:"[store-001, store-002]" help:"Stores that always keep their label sets, beside those that come first."`
	Idle      time.Duration `koanf:"idle" default:"1h" example:"24h" min:"1m" help:"After how long without an event a label set gives way when another needs room."`
}

// Log is what is logged, and how.
type Log struct {
	Level  string `koanf:"level" default:"info" enum:"debug,info,warn,error" help:"Lowest level that is logged."`
	Format string `koanf:"format" default:"auto" enum:"auto,text,json" help:"Format of log lines; auto is text on a terminal and json elsewhere."`
}

// Default returns the defaults of all keys; brokers and the ClickHouse address have none.
func Default() Config { return keys.Default[Config]() }
