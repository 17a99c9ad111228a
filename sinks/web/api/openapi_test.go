package api_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"csatflow/deploy/trial/nodetest"
	"csatflow/sinks/web/api"
)

// redocly lints the document that a server gives, by Redocly's recommended rules, and returns the findings.
func redocly(t *testing.T, document []byte) (findings []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	out, failed := nodetest.Run(t, nodetest.Tool(t, "redocly"), "lint", "--extends=recommended", "--format=json", file)
	var said struct {
		Totals   struct{ Errors, Warnings int }
		Problems []struct {
			RuleID, Message string
			Location        []struct{ Pointer string }
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("redocly says %s (%v, %v)", out, err, failed)
	}
	for _, p := range said.Problems {
		at := ""
		for _, l := range p.Location {
			at += " " + l.Pointer
		}
		findings = append(findings, p.RuleID+at+": "+p.Message)
	}
	return findings
}

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
	for _, finding := range redocly(t, document) {
		t.Error(finding)
	}
	if len(redocly(t, []byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{}}`))) == 0 {
		t.Error("redocly finds nothing in a document without servers and security")
	}
}
