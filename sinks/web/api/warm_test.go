package api

import (
	"net/url"
	"testing"
	"time"

	"csatflow/pipeline/dimension"
)

func TestTheFirstViewAsksWhatThereIs(t *testing.T) {
	for _, path := range FirstView {
		u, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		q := QuestionsOf(dimension.Usual()).Of(u.Path)
		if q == nil {
			t.Fatalf("%s: there is no such question", path)
		}
		if _, err := q.bind(u.Query(), "csat", time.Now(), time.UTC, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
