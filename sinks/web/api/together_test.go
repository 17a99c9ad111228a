package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/webtest"
	"csatflow/sinks/web/api"
)

// reply is a line of the answer to several questions.
type reply struct {
	Asked   string
	Tag     string
	Answer  *answer
	Status  int
	Failure *struct{ Error, Parameter string }
	Version string
	Moved   bool
}

func (a *asker) together(t *testing.T, tag string, asked ...string) (status int, header http.Header, lines []reply) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/api/v1/answers?"+url.Values{"ask": asked}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		req.Header.Set("If-None-Match", tag)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	in := bufio.NewReader(res.Body)
	for {
		text, err := in.ReadBytes('\n')
		if err != nil {
			return res.StatusCode, res.Header, lines
		}
		var one reply
		if err := json.Unmarshal(text, &one); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines = append(lines, one)
	}
}

// asTogether asks the first view: each answer is that of the question alone, in the order asked; what has not changed does not come again, and what has
// comes whole.
func asTogether(t *testing.T, w *webtest.Company, a *asker) {
	var view []string
	for _, asked := range api.FirstView {
		view = append(view, strings.ReplaceAll(asked, "24h", "7d")) // the response below is older than a day
	}
	status, header, lines := a.together(t, "", view...)
	if status != http.StatusOK || len(lines) != len(view)+1 || header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d %v: %d lines", status, header, len(lines))
	}
	last := lines[len(lines)-1]
	if last.Version == "" || last.Moved || last.Tag == "" {
		t.Errorf("it ends with %+v", last)
	}
	for i, asked := range view {
		alone := a.question(t, asked)
		if lines[i].Asked != asked || fmt.Sprint(lines[i].Answer.Rows) != fmt.Sprint(alone.Rows) || lines[i].Answer.SQL != alone.SQL {
			t.Errorf("%s is answered %+v, alone %+v", asked, lines[i], alone)
		}
	}
	if status, header, again := a.together(t, last.Tag, view...); status != http.StatusNotModified || len(again) != 0 || header.Get("Answers-Version") != last.Version {
		t.Errorf("unchanged it answers %d with %d lines, version %s", status, len(again), header.Get("Answers-Version"))
	}
	w.Respond(t, fmt.Sprintf(`{"event_id":"together","occurred_at":%q,"customer_id":"late-customer","grade":2,"store_id":%q}`, w.Alert.Start.Format(time.RFC3339), w.Alert.ID))
	changed := func() (is []string, version string) {
		for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
			status, _, now := a.together(t, last.Tag, view...)
			if status == http.StatusNotModified {
				continue
			}
			for i := range view {
				if now[i].Tag != lines[i].Tag {
					is = append(is, view[i])
				}
			}
			return is, now[len(now)-1].Version
		}
		return nil, ""
	}
	if is, version := changed(); version == last.Version || len(is) == 0 || slices.Contains(is, "alert_coverage") || slices.Contains(is, "calls") || !slices.Contains(is, "grades?range=7d") {
		t.Errorf("after a response %q are new, as of %s after %s", is, version, last.Version)
	}
	// What is wrong with one question says nothing of the others.
	_, _, mixed := a.together(t, "", "risk", "trend?range=3d", "customer?customer=nobody", "trend?range=7d&format=csv")
	if len(mixed) != 5 || mixed[0].Answer == nil || mixed[1].Status != http.StatusBadRequest || mixed[1].Failure.Parameter != "range" || mixed[2].Status != http.StatusNotFound || mixed[3].Status != http.StatusBadRequest {
		t.Errorf("it answers %+v", mixed)
	}
	for _, bad := range [][]string{nil, {"nothing"}, make([]string, 41)} {
		if status, _, _ := a.together(t, "", bad...); status != http.StatusBadRequest {
			t.Errorf("%q is answered %d", bad, status)
		}
	}
}

// squeezed asks for what is sent compressed, and for what is sent once only.
func squeezed(t *testing.T, a *asker) {
	for _, path := range []string{"/api/v1/places?range=7d", "/api/v1/answers?ask=trend%3Frange%3D7d&ask=places%3Frange%3D7d", "/api/v1/names", "/api/openapi.json", "/api/v1/pipeline"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s comes as %q", path, res.Header.Get("Content-Encoding"))
		}
	}
	for _, path := range []string{"/api/v1/deadletters", "/api/v1/pipeline"} {
		res, err := http.Get(a.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", res.Header.Get("ETag"))
		if res, err = http.DefaultClient.Do(req); err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotModified {
			t.Errorf("%s comes again: %d", path, res.StatusCode)
		}
	}
}
