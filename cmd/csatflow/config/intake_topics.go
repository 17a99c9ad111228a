package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/intake/wire"
)

const topicsKey = "intake.kafka"

// usualIntakeGroup is the consumer group of topics of others that name none.
const usualIntakeGroup = "csatflow-intake"

const topicsExample = "like [{topic: tills, feed: kiosk, format: json}]"

// checkIntakeTopics refuses members of intake.kafka that would have no effect. value is the parsed list.
func checkIntakeTopics(value any) error {
	list, ok := value.([]any)
	if !ok && value != nil {
		return fmt.Errorf("%s: must be a list, %s", topicsKey, topicsExample)
	}
	known := []string{"topic", "group", "feed", "format"}
	for i, item := range list {
		members, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("%s[%d]: must be %s", topicsKey, i, topicsExample)
		}
		for key := range members {
			if !slices.Contains(known, key) {
				return fmt.Errorf("%s[%d]: %w", topicsKey, i, dimension.Unknown("key", key, known))
			}
		}
	}
	return nil
}

// usual fills in what topics of others leave out.
func (i *Intake) usual() {
	for n := range i.Kafka {
		t := &i.Kafka[n]
		t.Group, t.Format = cmp.Or(t.Group, usualIntakeGroup), cmp.Or(t.Format, wire.JSON)
	}
}

// intakeTopics checks the topics of others.
func (f *faults) intakeTopics(c *Config) {
	own := append(c.Kafka.Topics.all(), c.Kafka.Topics.DeadLetter, c.Kafka.Topics.Actions)
	seen := map[string]bool{}
	for n, t := range c.Intake.Kafka {
		key := fmt.Sprintf("%s[%d]", topicsKey, n)
		switch {
		case t.Topic == "":
			f.add(key+".topic", "must not be empty: the name of a topic of others")
		case slices.Contains(own, t.Topic):
			f.add(key+".topic", "%s is one of csatflow's own topics (kafka.topics): its events would be taken in again and again", t.Topic)
		case seen[t.Topic]:
			f.add(key+".topic", "%s is read already: one feed maps a topic, to several events if need be (events, each)", t.Topic)
		}
		seen[t.Topic] = true
		if t.Group == c.Kafka.Group {
			f.add(key+".group", "must not be kafka.group (%s), in which the processors share their work", t.Group)
		}
		if c.Intake.Feeds[t.Feed] == nil {
			f.add(key+".feed", "%v", dimension.Unknown("feed", t.Feed, slices.Sorted(maps.Keys(c.Intake.Feeds))))
		}
		if !slices.Contains(wire.Formats(), t.Format) {
			f.add(key+".format", "must be one of %s, is %q", strings.Join(wire.Formats(), ", "), t.Format)
		} else if NeedsSchema(t.Format) && c.SchemaRegistry().URL == "" {
			f.add(intakeRegistryKey+".url", "must be set, or kafka.registry.url: the schemas of %s (%s) are in a registry", t.Topic, t.Format)
		}
	}
	f.registry(intakeRegistryKey, &c.Intake.Registry)
}

func (t *Topics) all() []string {
	list := t.Read()
	return list[:]
}
