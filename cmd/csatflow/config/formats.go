package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"csatflow/pipeline"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/intake/wire"
	"csatflow/schemas/feeds"
)

// Registry is how to reach a schema registry.
type Registry struct {
	URL          string `koanf:"url" format:"url" example:"http://127.0.0.1:8081" help:"Where the registry has Confluent's API; of Apicurio, with /apis/ccompat/v7."`
	Username     string `koanf:"username" example:"csatflow" help:"User of the registry (basic authentication); of Confluent Cloud, the API key."`
	Password     string `koanf:"password" secret:"true" example:"a long password" help:"Password of that user."`
	PasswordFile string `koanf:"password_file"`
	Token        string `koanf:"token" secret:"true" example:"a token" help:"Bearer token, in the place of user and password."`
	TokenFile    string `koanf:"token_file"`
	CAFile       string `koanf:"ca_file" example:"/etc/csatflow/registry-ca.pem" help:"Certificate authorities of the registry's certificate; those of the system when empty."`
}

// The keys of the registries, and of the formats of the input topics.
const (
	kafkaRegistryKey  = "kafka.registry"
	intakeRegistryKey = "intake.registry"
	FormatKey         = "kafka.format"
	formatsKey        = "kafka.formats"
)

// wire is the configuration of a client of the registry; key is where it stands.
func (r *Registry) wire(key string) wire.RegistryConfig {
	return wire.RegistryConfig{URL: r.URL, Username: r.Username, Password: r.Password, Token: r.Token, CAFile: r.CAFile, Key: key}
}

// SchemaRegistry is the registry of the input topics; its URL is empty where there is none.
func (k *Kafka) SchemaRegistry() wire.RegistryConfig { return k.Registry.wire(kafkaRegistryKey) }

// SchemaRegistry is the registry of topics of others; its URL is empty where there is none.
func (c *Config) SchemaRegistry() wire.RegistryConfig {
	if c.Intake.Registry.URL == "" {
		return c.Kafka.SchemaRegistry()
	}
	return c.Intake.Registry.wire(intakeRegistryKey)
}

// ReadFormats are the formats of the input topics, by [pipeline.Topic]; "" of a topic that is not read.
func (k *Kafka) ReadFormats() (formats [pipeline.Topics]string) {
	for topic, name := range k.Topics.Read() {
		if name != "" {
			formats[topic] = cmp.Or(k.Formats[pipeline.Topic(topic).String()], k.Format)
		}
	}
	return formats
}

// NeedsSchema reports whether a format, "" for none, has its schemas in a registry.
func NeedsSchema(format string) bool {
	return format != wire.JSON && slices.Contains(wire.Formats(), format)
}

// formats checks the formats of the input topics.
func (f *faults) formats(k *Kafka) {
	for _, name := range slices.Sorted(maps.Keys(k.Formats)) {
		if !slices.Contains(feeds.Names(), name) {
			f.add(formatsKey, "%v", dimension.Unknown("topic", name, feeds.Names()))
		}
		if format := k.Formats[name]; !slices.Contains(wire.Formats(), format) {
			f.add(formatsKey+"."+name, "must be one of %s, is %q", strings.Join(wire.Formats(), ", "), format)
		}
	}
	for topic, format := range k.ReadFormats() {
		if NeedsSchema(format) && k.Registry.URL == "" {
			f.add(kafkaRegistryKey+".url", "must be set: the schemas of %s (%s) are in a registry", k.Topics.Read()[topic], format)
			break
		}
	}
	f.registry(kafkaRegistryKey, &k.Registry)
}

func (f *faults) registry(key string, r *Registry) {
	if r.Username != "" && r.Token != "" {
		f.add(key+".token", "must be empty where username is set: there is one way to log in")
	}
}
