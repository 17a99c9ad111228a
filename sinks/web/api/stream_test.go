package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/webtest"
)

func told(t *testing.T, a *asker) {
	for lang, want := range map[string]string{"en": "Satisfaction index", "zh": "满意度指数"} {
		_, body := a.get(t, "/api/v1/names?lang="+lang)
		var got struct {
			Measures map[string]struct{ Label, Unit string }
			Texts    map[string]string
			Zone     string
		}
		if err := json.Unmarshal(body, &got); err != nil || got.Measures["csat_index"].Label != want || got.Measures["csat_index"].Unit != "index" || got.Texts["view_now"] == "" || got.Zone != "UTC" {
			t.Errorf("%s: %v %.300s", lang, err, body)
		}
	}
	if status, body := a.get(t, "/api/v1/names?lang=fr"); status != http.StatusBadRequest || !bytes.Contains(body, []byte("en, zh")) {
		t.Errorf("%d %s", status, body)
	}
	if _, body := a.get(t, "/api/v1/pipeline"); !bytes.Contains(body, []byte(`"name":"csatflow_lag_records"`)) || !bytes.Contains(body, []byte(`"partition":"3"`)) {
		t.Errorf("%.300s", body)
	}
	_, body := a.get(t, "/api/v1/deadletters?limit=3")
	if !bytes.Contains(body, []byte("csat.responses/3/1201")) || !bytes.Contains(body, []byte("must be 1 to 7")) || bytes.Contains(body, []byte("hush")) {
		t.Errorf("%s", body)
	}
	if _, body := a.get(t, "/api/v1/deadletters?lang=zh"); !bytes.Contains(body, []byte(`"code":"outside","reason":"须在 1 至 7 之间"`)) || !bytes.Contains(body, []byte(`"code":"other_key","reason":"消息的键必须与此相同"`)) {
		t.Errorf("%s", body)
	}
	if status, body := a.get(t, "/api/v1/deadletters?lang=fr"); status != http.StatusBadRequest || !bytes.Contains(body, []byte("en, zh")) {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := a.get(t, "/api/v1/deadletters?limit=0"); status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
}

// streamed listens, writes a response, and expects news within two seconds.
func streamed(t *testing.T, w *webtest.Company, a *asker) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("it is %s", got)
	}
	type news struct {
		Events uint64
		Latest string
		Behind float64
	}
	heard := make(chan news, 10)
	go func() {
		defer close(heard)
		lines := make([]byte, 4096)
		for {
			n, err := res.Body.Read(lines)
			if err != nil {
				return
			}
			for line := range strings.SplitSeq(string(lines[:n]), "\n") {
				var one news
				if text, is := strings.CutPrefix(line, "data: "); is && json.Unmarshal([]byte(text), &one) == nil {
					heard <- one
				}
			}
		}
	}()
	first := <-heard
	if first.Events == 0 || first.Latest == "" || first.Behind != 0 {
		t.Errorf("it says %+v", first)
	}
	w.Respond(t, fmt.Sprintf(`{"event_id":"new","occurred_at":%q,"customer_id":"late-customer","grade":2,"store_id":%q}`, w.Alert.Start.Format(time.RFC3339), w.Alert.ID))
	begun := time.Now()
	second := <-heard
	t.Logf("heard after %v", time.Since(begun))
	if second.Events != first.Events+1 {
		t.Errorf("after %+v it says %+v", first, second)
	}
	w.Behind(40)
	if third := <-heard; third.Behind != 40 {
		t.Errorf("with 40 records waiting it says %+v", third)
	}
}
