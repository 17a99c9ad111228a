// Package schemas embeds the contracts of csatflow: what the feeds send (events/*.schema.json and
// asyncapi.yaml) and what the database holds (clickhouse/).
//
// Start at [CompileEvent], or at events/responses.schema.json. The package knows no Kafka, no state and no clock; it
// reads nothing from the network.
package schemas

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"csatflow/schemas/feeds"
)

// Events holds the JSON Schemas (2020-12) of the events, as events/<topic>.schema.json.
//
//go:embed events/*.json
var Events embed.FS

// AsyncAPI is the AsyncAPI 3.0 document of the topics; its references are relative to this folder.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte

// eventsURL is the prefix of each schema's $id. Nothing is ever fetched from it: .invalid resolves nowhere.
const eventsURL = "https://csatflow.invalid/schemas/events/"

// CompileEvent returns the schema of one of the feeds (package feeds), with formats asserted and references resolved from
// the embedded files. Many goroutines may use it.
//
// It validates what [UnmarshalEvent] returns: numbers must be json.Number, or a grade a hair above the scale would
// pass. UnmarshalEvent keeps the last of a repeated field; the pipeline's decoder refuses such a message.
func CompileEvent(topicBase string) (*jsonschema.Schema, error) {
	if feeds.Of(topicBase) == nil {
		return nil, fmt.Errorf("no event schema %q: it must be one of %s", topicBase, strings.Join(feeds.Names(), ", "))
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noNetwork{})
	c.AssertFormat()
	names, err := fs.Glob(Events, "events/*.json")
	if err != nil {
		return nil, fmt.Errorf("listing event schemas: %w", err)
	}
	for _, name := range names {
		b, err := Events.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", name, err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("parsing schema %s: %w", name, err)
		}
		if err := c.AddResource(eventsURL+strings.TrimPrefix(name, "events/"), doc); err != nil {
			return nil, fmt.Errorf("adding schema %s: %w", name, err)
		}
	}
	s, err := c.Compile(eventsURL + topicBase + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", topicBase, err)
	}
	return s, nil
}

// noNetwork refuses references that the embedded files do not resolve.
type noNetwork struct{}

func (noNetwork) Load(url string) (any, error) {
	return nil, fmt.Errorf("schema %s is not embedded", url)
}
