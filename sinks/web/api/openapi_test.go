package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"csatflow/deploy/trial/openapitest"
	"csatflow/sinks/web/api"
)

func TestTheOpenAPIDocumentPassesRedoclysRecommendedRules(t *testing.T) {
	a := ask(t, api.Options{Database: "csat", Zone: time.UTC, Log: slog.New(slog.DiscardHandler)})
	res, err := http.Get(a.URL + "/api/openapi.json")
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
	if len(openapitest.Redocly(t, []byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{}}`))) == 0 {
		t.Error("redocly finds nothing in a document without servers and security")
	}
}
