package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline/event"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/records"
	"csatflow/pipeline/intake/wire"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/deadletter"
)

// remapper maps payloads of dead letters again, by the feeds of a configuration, and sends their events.
type remapper struct {
	config   *config.Config
	words    event.Words // that the owner adds to the enumerations of events
	producer *kafka.Producer
	feeds    map[string]*intake.Feed
	registry *wire.Registry // opened for the first payload that needs it
}

// payload is the payload of a dead letter as its feed saw it.
func (m *remapper) payload(ctx context.Context, l *deadletter.Letter, b []byte) (*intake.Payload, error) {
	p, err := m.plain(ctx, l, b)
	if err != nil || l.Place == "" {
		return p, err
	}
	at, err := deadletter.ParseID(l.Place)
	if err != nil {
		return nil, fmt.Errorf("the header %s: %w", deadletter.HeaderPlace, err)
	}
	p.Place = intake.Place(at)
	return p, nil
}

// plain decodes what has a schema in the registry, and everything else by its media type.
func (m *remapper) plain(ctx context.Context, l *deadletter.Letter, b []byte) (*intake.Payload, error) {
	format, known := wire.FormatOf(l.Kind)
	if !known || format == wire.JSON || json.Valid(b) { // retry --file has what was mended as JSON
		return payloadOf(l, b)
	}
	if m.registry == nil {
		var err error
		if m.registry, err = wire.OpenRegistry(m.config.SchemaRegistry()); err != nil {
			return nil, err
		}
	}
	d, err := wire.New(format, m.registry)
	if err != nil {
		return nil, err
	}
	msg, err := d.Decode(ctx, b)
	if err != nil {
		return nil, err
	}
	return withHeaders(l, &intake.Payload{Message: msg})
}

// Map maps the payload of a dead letter of the intake, see [deadletter.Repair].
func (m *remapper) Map(ctx context.Context, l *deadletter.Letter, payload []byte) (send func() error, err error) {
	name, _ := l.Feed()
	f := m.feeds[name]
	if f == nil {
		if f, err = m.config.Intake.Feed(name, m.words, discarded); err != nil {
			return nil, err
		}
		m.feeds[name] = f
	}
	p, err := m.payload(ctx, l, payload)
	if err != nil {
		return nil, err
	}
	events, err := f.Map(p)
	if err != nil {
		return nil, err
	}
	list := make([]kafka.Message, 0, len(events))
	for _, e := range events {
		if !m.producer.Has(e.Topic) {
			return nil, fmt.Errorf("there is no topic for %s (kafka.topics.%s)", e.Topic, e.Topic)
		}
		list = append(list, kafka.Message{Feed: e.Topic, Key: e.Key, Value: e.Value, Headers: mappingHeader(f.Name, f.Version)})
	}
	return func() error {
		if len(list) == 0 { // when passes it over now
			return nil
		}
		return errors.Join(m.producer.Produce(ctx, list, func() {})...)
	}, nil
}

// payloadOf is the payload of a dead letter as its feed saw it.
func payloadOf(l *deadletter.Letter, b []byte) (*intake.Payload, error) {
	format := records.JSON
	switch {
	case strings.HasPrefix(l.Kind, "application/cloudevents"):
		format = records.Cloud
	case l.Kind == "application/x-www-form-urlencoded":
		format = records.Form
		var text string // of retry --file, where it is JSON
		if len(b) > 0 && b[0] == '"' && json.Unmarshal(b, &text) == nil {
			b = []byte(text)
		}
	}
	p, err := records.Payload(format, b)
	if err != nil {
		return nil, err
	}
	return withHeaders(l, p)
}

// withHeaders adds the headers of the request to a payload, where they were kept.
func withHeaders(l *deadletter.Letter, p *intake.Payload) (_ *intake.Payload, err error) {
	if l.Request == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(l.Request), &p.Headers); err != nil {
		return nil, fmt.Errorf("the header %s: %w", deadletter.HeaderRequest, err)
	}
	if p.Headers[intake.CloudHeader+"specversion"] != "" && p.Cloud == nil {
		p.Cloud, err = intake.CloudAttributes(p.Headers)
	}
	return p, err
}
