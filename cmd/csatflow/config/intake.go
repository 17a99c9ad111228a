package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/v2"
	"github.com/prometheus/exporter-toolkit/web"
	goyaml "go.yaml.in/yaml/v3"

	"csatflow/pipeline/event"
	"csatflow/pipeline/intake"
	"csatflow/schemas/keys"
	"csatflow/sinks/alert/endpoint"
)

// Intake is how events come in that tills and call systems do not send to Kafka themselves.
type Intake struct {
	Listen         string              `koanf:"listen" default:"127.0.0.1:8090" example:"127.0.0.1:9090" required:"" format:"host:port" help:"Address of csatflow intake."`
	WebConfig      string              `koanf:"web_config_file" example:"/etc/csatflow/intake-web.yml" help:"File of certificates for that address, in the format of Prometheus's exporter-toolkit; empty for plain HTTP."`
	Events         IntakeEvents        `koanf:"events" help:"Who may send events in csatflow's own form, to /v1/events."`
	Feeds          intake.Declarations `koanf:"feeds" example:"{kiosk: {to: responses, fields: {event_id: msg.id, occurred_at: millis(msg.ts), terminal_id: msg.device, grade: stars(msg.stars)}}}" help:"Feeds by name: how what others send becomes events. README, Getting events in."`
	Scales         intake.Scales       `koanf:"scales" example:"{ces: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7}}" help:"Tables from scales that people use to the seven grades, beside stars, nps and smileys, or in place of them."`
	Lookups        map[string]string   `koanf:"lookups" example:"{stores: stores.csv}" help:"CSV files in which lookup(name, key) looks; the first column is the key. Read again when they change."`
	HashSecret     string              `koanf:"hash_secret" secret:"true" example:"what openssl rand -base64 32 says" help:"Key of the function hash, 16 characters or more."`
	HashSecretFile string              `koanf:"hash_secret_file"`
	Kafka          []IntakeTopic       `koanf:"kafka" example:"[{topic: tills, feed: kiosk, format: avro}]" help:"Topics of others that are read, of the same Kafka: topic, feed, format (json, avro, protobuf, json_schema; json when left out) and group (csatflow-intake when left out)."`
	Registry       Registry            `koanf:"registry" help:"The schema registry of those topics whose format is not json; that of kafka.registry when url is empty."`
	Ahead          time.Duration       `koanf:"ahead" default:"1h" example:"10m" min:"0s" help:"How far the time of an event may be ahead of this machine's clock; later ones are refused, or dead letters of a feed."`
	Behind         time.Duration       `koanf:"behind" default:"87600h" example:"26280h" min:"0s" help:"How far it may be behind, 0 for any: what is older has a time in another unit than its feed says, more likely than not."`
	Origins        []string            `koanf:"origins" example:"[https://shop.example]" format:"url" help:"Pages that may send from a browser (CORS)."`
	MaxBody        int                 `koanf:"max_body" default:"4194304" example:"1048576" min:"1024" max:"67108864" unit:"bytes" help:"Largest body of a request, unpacked."`
	Memory         int                 `koanf:"memory" default:"67108864" example:"268435456" min:"1048576" unit:"bytes" help:"Bodies of all requests at a time, unpacked; more are told to come back."`
	Requests       int                 `koanf:"requests" default:"256" example:"1000" min:"1" unit:"requests" help:"Requests at a time; more are told to come back."`
	Timeout        time.Duration       `koanf:"timeout" default:"10s" example:"5s" min:"100ms" max:"1m" help:"How long Kafka may take for a request."`
}

// IntakeTopic is a topic of others.
type IntakeTopic struct {
	Topic  string `koanf:"topic"`
	Group  string `koanf:"group"`  // the consumer group that reads it
	Feed   string `koanf:"feed"`   // that maps its messages
	Format string `koanf:"format"` // of its values, one of wire.Formats
}

// IntakeEvents says who may send to /v1/events.
type IntakeEvents struct {
	TokenHashes       []string `koanf:"token_hashes" example:"[\"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"]" help:"Hashes of bearer tokens; csatflow intake token makes both."`
	Insecure          bool     `koanf:"insecure" help:"Everybody may, also from other machines."`
	WebhookSecret     string   `koanf:"webhook_secret" secret:"true" example:"whsec_ and 32 bytes in base64" help:"Key of signatures by Standard Webhooks: 24 bytes or more, or whsec_ and these bytes in base64."`
	WebhookSecretFile string   `koanf:"webhook_secret_file"`
}

// Access returns who may send to /v1/events.
func (e *IntakeEvents) Access() intake.Access {
	return intake.Access{TokenHashes: e.TokenHashes, Insecure: e.Insecure, WebhookSecret: e.WebhookSecret}
}

// Accesses returns who may send to each feed and, as "", to /v1/events.
func (i *Intake) Accesses() map[string]intake.Access {
	all := map[string]intake.Access{"": i.Events.Access()}
	for name, d := range i.Feeds {
		all[name] = d.Access
	}
	return all
}

// accessKey is the key below which the access of a feed stands.
func accessKey(feed string) string {
	if feed == "" {
		return "intake.events"
	}
	return feedsKey + "." + feed
}

const (
	feedsKey   = "intake.feeds"
	scalesKey  = "intake.scales"
	lookupsKey = "intake.lookups"
)

// declared are the parts of the configuration that their own package reads, from YAML with its lines.
type declared struct {
	feeds  intake.Declarations
	scales intake.Scales
}

// take moves the declared parts of a file out of f, and resolves the paths of look-up files from the file's folder.
func (d *declared) take(path string, f *koanf.Koanf, text []byte) error {
	if names, ok := f.Get(lookupsKey).(map[string]any); ok {
		for name, v := range names {
			if file, is := v.(string); is && file != "" && !filepath.IsAbs(file) {
				there, err := filepath.Abs(filepath.Join(filepath.Dir(path), file))
				if err != nil {
					return fmt.Errorf("%s.%s: %w", lookupsKey, name, err)
				}
				names[name] = there
			}
		}
		if err := f.Set(lookupsKey, names); err != nil {
			return fmt.Errorf("%s: %w", lookupsKey, err)
		}
	}
	var file struct {
		Intake struct {
			Feeds  goyaml.Node
			Scales goyaml.Node
		}
	}
	if !f.Exists(feedsKey) && !f.Exists(scalesKey) {
		return nil
	}
	if err := goyaml.Unmarshal(text, &file); err != nil {
		return err
	}
	if err := d.read(filepath.Base(path), filepath.Dir(path), &file.Intake.Feeds, &file.Intake.Scales); err != nil {
		return err
	}
	f.Delete(feedsKey)
	f.Delete(scalesKey)
	return nil
}

// fromEnvironment takes the declared parts out of the values of the environment.
func (d *declared) fromEnvironment(env map[string]any) error {
	var nodes [2]goyaml.Node
	for i, key := range []string{feedsKey, scalesKey} {
		if text, set := env[key].(string); set {
			if err := goyaml.Unmarshal([]byte(text), &nodes[i]); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			delete(env, key)
		}
	}
	return d.read("", "", &nodes[0], &nodes[1])
}

// read reads the nodes that are there, of a file in folder.
func (d *declared) read(file, folder string, feeds, scales *goyaml.Node) error {
	if feeds.Kind != 0 {
		list, err := intake.Read(file, feedsKey, feeds)
		if err == nil {
			err = list.SecretFiles(feedsKey, folder)
		}
		if err != nil {
			return err
		}
		d.feeds = list
	}
	if scales.Kind != 0 {
		if err := scales.Decode(&d.scales); err != nil {
			return fmt.Errorf("%s: %w", scalesKey, err)
		}
	}
	return nil
}

// Compile type-checks the feeds. words are what the owner adds to the enumerations of events. log hears of look-up files that cannot be read again later.
func (i *Intake) Compile(words event.Words, log *slog.Logger) (intake.Feeds, error) {
	lookups, err := intake.OpenLookups(i.Lookups, log)
	if err != nil {
		return nil, err
	}
	var placed []string
	for _, t := range i.Kafka {
		placed = append(placed, t.Feed)
	}
	return intake.Compile(feedsKey, i.Feeds, intake.Options{Placed: placed, Scales: intake.DefaultScales().With(i.Scales), Lookups: lookups, HashKey: []byte(i.HashSecret), Words: words})
}

// intake checks between the keys of the intake.
func (f *faults) intake(c *Config) {
	i := &c.Intake
	*f = append(*f, i.Scales.Check(scalesKey)...)
	if i.HashSecret != "" && len(i.HashSecret) < 16 {
		f.add("intake.hash_secret", "must have at least 16 characters: openssl rand -base64 32 makes a good one")
	}
	if i.Memory < i.MaxBody {
		f.add("intake.memory", "must be at least intake.max_body (%d), is %d", i.MaxBody, i.Memory)
	}
	for _, t := range i.Events.TokenHashes {
		if !intake.IsTokenHash(t) {
			f.add("intake.events.token_hashes", "must be hashes of tokens, sha256: and 64 hexadecimal digits; csatflow intake token prints them")
		}
	}
	for _, o := range i.Origins {
		if u, err := url.Parse(o); err == nil && (u.Path != "" || u.RawQuery != "") {
			f.add("intake.origins", "must be origins without a path, like https://shop.example, is %q", o)
		}
	}
	for feed, a := range i.Accesses() {
		if a.WebhookSecret != "" {
			if _, err := endpoint.Key(a.WebhookSecret); err != nil {
				f.add(accessKey(feed)+".webhook_secret", "%v", err)
			}
		}
		if reachable(i.Listen) && !a.Guarded() && !a.Insecure {
			f.add(accessKey(feed), "other machines reach %q, and everybody there could send: give it token_hashes (csatflow intake token %s makes one), webhook_secret or hmac, or set insecure: true if something in front of it keeps others out", i.Listen, cmp.Or(feed, "events"))
		}
	}
	f.intakeTopics(c)
	if err := web.Validate(i.WebConfig); err != nil {
		f.add("intake.web_config_file", "must be a file in the format of https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md: %v", err)
	}
	if _, err := i.Compile(c.Words(), slog.New(slog.DiscardHandler)); err != nil {
		*f = append(*f, err)
	}
}

// CheckIntake returns the errors of the parts that the intake needs.
func (c *Config) CheckIntake() error {
	f := faults(keys.Check(&c.Kafka, "kafka."))
	f = append(f, keys.Check(&c.Intake, "intake.")...)
	f.kafka(&c.Kafka)
	f.intake(c)
	return errors.Join(f...)
}

// Feed compiles one feed: of the configuration, or a ready one that it does not name.
func (i *Intake) Feed(name string, words event.Words, log *slog.Logger) (*intake.Feed, error) {
	one := *i
	d := i.Feeds[name]
	if d == nil {
		if _, err := intake.Ready(name); err != nil {
			if len(i.Feeds) > 0 {
				return nil, fmt.Errorf("no feed %q: intake.feeds has %s, and %w", name, strings.Join(slices.Sorted(maps.Keys(i.Feeds)), ", "), err)
			}
			return nil, fmt.Errorf("no feed %q in intake.feeds, and %w", name, err)
		}
		d = &intake.Declaration{Name: name, Use: name}
	}
	one.Feeds = intake.Declarations{name: d}
	all, err := one.Compile(words, log)
	return all[name], err
}
