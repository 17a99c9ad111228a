// Package wire reads the values of messages in the formats in which others write them, and makes of each what expressions of feeds look
// at (maps, lists, texts, numbers, as [csatflow/pipeline/intake.DecodeJSON] makes it): JSON, and in Confluent's wire format (a zero byte, the
// id of a schema in four bytes, for Protobuf the path of the message in its file, then the data) Avro, Protobuf and JSON Schema, whose
// schemas a registry has. Start at [New]; [NewEvents] makes JSON of csatflow's own events in those forms. It knows no Kafka client.
package wire

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"csatflow/pipeline/intake"
	"csatflow/schemas/reasons"
)

// Names of the formats, in the configuration.
const (
	JSON       = "json"
	Avro       = "avro"
	Protobuf   = "protobuf"
	JSONSchema = "json_schema"
)

// Formats are all formats.
func Formats() []string { return []string{JSON, Avro, Protobuf, JSONSchema} }

// kindPrefix begins the media types of formats whose schemas a registry has; the format follows.
const kindPrefix = "application/vnd.csatflow.registry-"

const kindJSON = "application/json"

// Decoder reads values of one format. Many goroutines use it.
type Decoder interface {
	// Decode reads a value. A [*RegistryError] says that the registry did not answer, and that it is to be tried again; any other error
	// is of the value, for ever.
	Decode(ctx context.Context, value []byte) (any, error)
	// Kind is the media type that dead letters have; [FormatOf] is its inverse.
	Kind() string
}

// FormatOf returns the format of a media type that [Decoder.Kind] gave.
func FormatOf(kind string) (format string, ok bool) {
	if kind == kindJSON {
		return JSON, true
	}
	format, ok = strings.CutPrefix(kind, kindPrefix)
	return format, ok && slices.Contains(Formats(), format)
}

// New returns the decoder of a format; registry may be nil for JSON alone.
func New(format string, registry *Registry) (Decoder, error) {
	if format == JSON {
		return plain{}, nil
	}
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("no format %q: one of %s", format, strings.Join(Formats(), ", "))
	}
	if registry == nil {
		return nil, fmt.Errorf("the format %s needs the schema registry: give its URL (intake.registry.url, or kafka.registry.url)", format)
	}
	return &registered{format: format, registry: registry}, nil
}

// plain is JSON without a schema.
type plain struct{}

func (plain) Kind() string { return kindJSON }

func (plain) Decode(_ context.Context, value []byte) (any, error) {
	if len(value) > 5 && value[0] == 0 {
		return nil, fmt.Errorf("not JSON: it begins like Confluent's wire format: is the topic's format %s, %s or %s?", Avro, Protobuf, JSONSchema)
	}
	return intake.DecodeJSON(value)
}

// registered are values whose schemas a registry has.
type registered struct {
	format   string
	registry *Registry
}

func (d *registered) Kind() string { return kindPrefix + d.format }

func (d *registered) Decode(ctx context.Context, value []byte) (any, error) {
	return d.registry.read(ctx, value, d.format, topicsKey, &reading{})
}

// topicsKey is where the configuration has the formats of topics of others.
const topicsKey = "intake.kafka"

// read reads a value of a format, which the configuration gives under key.
func (r *Registry) read(ctx context.Context, value []byte, format, key string, as *reading) (any, error) {
	id, data, err := header(value)
	if err != nil {
		return nil, err
	}
	s, err := r.schema(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.format != format {
		return nil, errors.New(reasons.OtherFormat.Text(reasons.Number(id), s.format, format, key))
	}
	v, err := s.read(data, as)
	if err != nil {
		return nil, errors.New(reasons.NotOfSchema.Text(reasons.Number(id), err.Error()))
	}
	return v, nil
}
