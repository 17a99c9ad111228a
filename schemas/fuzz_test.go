package schemas

import (
	"errors"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"csatflow/schemas/feeds"
)

// FuzzSchemas checks anything against every schema: it is good or it has a reason, without a panic.
func FuzzSchemas(f *testing.F) {
	var list []*jsonschema.Schema
	for _, topic := range feeds.Names() {
		s, err := CompileEvent(topic)
		if err != nil {
			f.Fatal(err)
		}
		list = append(list, s)
	}
	f.Add([]byte(`{"event_id":"1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":7}`))
	f.Add([]byte(`{"grade":1e999999999,"a":[[[[{}]]]]}`))
	f.Add([]byte("\xff{}"))
	f.Fuzz(func(t *testing.T, message []byte) {
		document, err := UnmarshalEvent(message)
		if err != nil {
			return
		}
		for _, s := range list {
			err := s.Validate(document)
			var v *jsonschema.ValidationError
			if err != nil && (!errors.As(err, &v) || v.Error() == "") {
				t.Errorf("%q: %v", message, err)
			}
		}
	})
}
