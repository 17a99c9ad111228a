package httpin

import (
	"io"
	"net/http"
	"testing"

	"csatflow/deploy/trial/openapitest"
)

func TestTheOpenAPIDocumentPassesRedoclysRecommendedRules(t *testing.T) {
	s := serve(t, nil)
	res, err := http.Get("http://" + s.Addr() + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	document, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range openapitest.Redocly(t, document) {
		t.Error(finding)
	}
}

// TestTheServerAnswersAsItsDocumentSays: Schemathesis sends what the document allows and what it forbids.
func TestTheServerAnswersAsItsDocumentSays(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of requests")
	}
	s := serve(t, nil)
	said, cases, found := openapitest.Schemathesis(t, "http://"+s.Addr()+"/openapi.json", "--workers", "2", "--phases", "coverage,fuzzing", "--max-examples", "10", "--suppress-health-check", "all")
	if found {
		t.Errorf("it says\n%s", said)
	}
	if cases < 200 {
		t.Errorf("it sent %d requests only:\n%s", cases, said)
	}
	t.Logf("%d cases, %d events taken, %d dead letters", cases, len(s.kafka.events), len(s.kafka.dead))
}
