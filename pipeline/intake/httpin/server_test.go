package httpin

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"

	"csatflow/pipeline/event"
	"csatflow/pipeline/intake"
)

// memory is a Kafka in memory.
type memory struct {
	mu     sync.Mutex
	events []intake.Message
	dead   []intake.Unmapped
	fail   func(i int, m *intake.Message) error // of a message; may be nil
	hold   chan struct{}                        // if not nil, it acknowledges when this is closed
	absent map[string]bool
}

func (m *memory) Has(topic string) bool { return !m.absent[topic] }

func (m *memory) Produce(ctx context.Context, list []intake.Message, released func()) []error {
	defer released()
	if m.hold != nil {
		select {
		case <-m.hold:
		case <-ctx.Done():
			errs := make([]error, len(list))
			for i := range errs {
				errs[i] = ctx.Err()
			}
			return errs
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	for i := range list {
		if m.fail != nil {
			if err := m.fail(i, &list[i]); err != nil {
				if errs == nil {
					errs = make([]error, len(list))
				}
				errs[i] = err
				continue
			}
		}
		c := list[i]
		c.Value, c.Key = bytes.Clone(c.Value), bytes.Clone(c.Key)
		m.events = append(m.events, c)
	}
	return errs
}

func (m *memory) Bury(_ context.Context, list []intake.Unmapped) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range list {
		u.Payload = bytes.Clone(u.Payload)
		m.dead = append(m.dead, u)
	}
	return nil
}

const kiosk = `kiosk:
  when: msg.type == "rating"
  to: responses
  fields: {event_id: msg.id, occurred_at: millis(msg.ts), terminal_id: msg.device, grade: stars(msg.stars), store_id: 'headers[?"x-store"]'}
`

const (
	good    = `{"event_id":"1","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-7","grade":6}`
	pressed = `{"type":"rating","id":"k-1","ts":1772445600000,"device":"till-7","stars":5}`
)

func feedsOf(t testing.TB, text string) intake.Feeds {
	t.Helper()
	d, err := intake.ReadText("test", "feeds", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	all, err := intake.Compile("feeds", d, intake.Options{Scales: intake.DefaultScales()})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// serving is a server with its Kafka.
type serving struct {
	*Server
	kafka *memory
}

func serve(t testing.TB, change func(*Options)) *serving {
	t.Helper()
	k := &memory{}
	o := Options{Listen: "127.0.0.1:0", Feeds: feedsOf(t, kiosk), Access: map[string]Access{}, MaxBody: 1 << 20, Memory: 8 << 20, Requests: 64, Timeout: 5 * time.Second, Producer: k,
		Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&o)
	}
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test may have closed it
	return &serving{s, k}
}

// answered is an answer of the server.
type answered struct {
	status int
	header http.Header
	kind   string
	body   string
	Problem
	Passed int `json:"passed_over"`
}

func (s *serving) send(t testing.TB, path, body string, headers ...string) answered {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://"+s.Addr()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	return do(t, r)
}

func do(t testing.TB, r *http.Request) answered {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answered{status: res.StatusCode, header: res.Header, kind: res.Header.Get("Content-Type"), body: string(b)}
	if strings.Contains(a.kind, "json") {
		if err := json.Unmarshal(b, &a); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
	}
	return a
}

func (a *answered) taken() int {
	if a.Taken == nil {
		return -1
	}
	return *a.Taken
}

func TestOneObjectAnArrayAndLinesAreTaken(t *testing.T) {
	second := strings.Replace(good, `"1"`, `"2"`, 1)
	for _, c := range []struct {
		kind, body string
		want       int
	}{
		{"application/json", good, 1},
		{"application/json; charset=UTF-8", "\n [" + good + ",\n" + second + "] ", 2},
		{"application/json", "[]", 0},
		{"application/x-ndjson", good + "\r\n\n" + second, 2},
		{"application/jsonl", good, 1},
	} {
		s := serve(t, nil)
		a := s.send(t, "/v1/events/responses", c.body, "Content-Type", c.kind)
		if a.status != http.StatusAccepted || a.taken() != c.want || a.kind != "application/json" || len(s.kafka.events) != c.want {
			t.Errorf("%s %s: %d %s, %d in Kafka", c.kind, c.body, a.status, a.body, len(s.kafka.events))
		}
		for _, m := range s.kafka.events {
			if m.Topic != "responses" || string(m.Key) != "till-7" || !strings.HasPrefix(string(m.Value), `{"event_id"`) {
				t.Errorf("%s: %q of %s", m.Key, m.Value, m.Topic)
			}
		}
	}
}

func TestTheRestIsTakenAndWhatIsRefusedIsListed(t *testing.T) {
	s := serve(t, nil)
	body := "[" + good + "," + strings.Replace(good, `"grade":6`, `"grade":9`, 1) + "," + strings.Replace(good, `"1"`, `"3"`, 1) + ",7]"
	a := s.send(t, "/v1/events/responses", body)
	if a.status != http.StatusAccepted || a.kind != "application/problem+json" || a.taken() != 2 || len(a.Refused) != 2 || len(s.kafka.events) != 2 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if r := a.Refused[0]; r.Index != 1 || r.Field != "grade" || !strings.Contains(r.Reason, "1 to 7") {
		t.Errorf("%+v", r)
	}
	if r := a.Refused[1]; r.Index != 3 || r.Reason == "" {
		t.Errorf("%+v", r)
	}
	if a := s.send(t, "/v1/events/responses?strict=true", body); a.status != http.StatusUnprocessableEntity || a.taken() != 0 || len(s.kafka.events) != 2 {
		t.Errorf("strict: %d %s", a.status, a.body)
	}
	if a := s.send(t, "/v1/events/responses", `{"event_id":"1"}`); a.status != http.StatusUnprocessableEntity || a.Refused[0].Field != "occurred_at" {
		t.Errorf("all refused: %d %s", a.status, a.body)
	}
	if a := s.send(t, "/v1/events/responses", good+"\n{\n"+good, "Content-Type", "application/x-ndjson"); a.status != http.StatusAccepted || len(a.Refused) != 1 || a.Refused[0].Index != 1 {
		t.Errorf("a bad line: %d %s", a.status, a.body)
	}
}

func TestAFeedsPayloadIsMappedAndCarriesTheVersionOfItsMapping(t *testing.T) {
	s := serve(t, nil)
	a := s.send(t, "/v1/feeds/kiosk", "["+pressed+`,{"type":"heartbeat"}]`, "X-Store", "s-1")
	if a.status != http.StatusAccepted || a.taken() != 1 || a.Passed != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	m := s.kafka.events[0]
	if string(m.Value) != `{"event_id":"k-1","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-7","grade":7,"store_id":"s-1","grade_from":"stars"}` || m.Feed != "kiosk" || len(m.Mapping) != 12 {
		t.Errorf("%+v %s", m, m.Value)
	}
	form := "type=rating&id=k-2&ts=1772445600000&device=till-7&stars=4"
	if a := s.send(t, "/v1/feeds/kiosk", form, "Content-Type", "application/x-www-form-urlencoded"); a.status != http.StatusAccepted || a.taken() != 1 || !strings.Contains(string(s.kafka.events[1].Value), `"grade":6`) {
		t.Errorf("a form: %d %s", a.status, a.body)
	}
	for _, body := range []string{pressed, "[" + pressed + "]"} { // as curl -d says
		if a := s.send(t, "/v1/feeds/kiosk", body, "Content-Type", "application/x-www-form-urlencoded"); a.status != http.StatusUnsupportedMediaType || !strings.Contains(a.Detail, "--json") {
			t.Errorf("JSON as a form: %d %s", a.status, a.body)
		}
	}
}

func TestAPayloadThatDoesNotMapIsADeadLetterUnchanged(t *testing.T) {
	s := serve(t, nil)
	bad := strings.Replace(pressed, `"stars":5`, `"stars" : 9`, 1)
	a := s.send(t, "/v1/feeds/kiosk", "["+bad+","+pressed+"]", "X-Store", "s-1", "Authorization", "Bearer hush")
	if a.status != http.StatusAccepted || a.taken() != 1 || a.DeadLetters == nil || *a.DeadLetters != 1 || len(s.kafka.dead) != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	u := s.kafka.dead[0]
	if string(u.Payload) != bad || u.Feed != "kiosk" || u.Field != "grade" || u.Expression != "stars(msg.stars)" || !strings.Contains(u.Reason, "not on the scale") || u.Kind != "application/json" {
		t.Errorf("%+v %s", u, u.Payload)
	}
	if !strings.Contains(u.Request, `"x-store":"s-1"`) || strings.Contains(u.Request, "hush") {
		t.Errorf("its headers: %s", u.Request)
	}
	if a := s.send(t, "/v1/feeds/kiosk?strict=true", bad); a.status != http.StatusUnprocessableEntity || len(s.kafka.dead) != 1 {
		t.Errorf("strict: %d %s, %d dead letters", a.status, a.body, len(s.kafka.dead))
	}
}

func packed(t testing.TB, encoding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if encoding == "zstd" {
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPackedBodiesAreUnpackedAndBombsRefused(t *testing.T) {
	s := serve(t, nil)
	for _, encoding := range []string{"gzip", "zstd"} {
		if a := s.send(t, "/v1/events/responses", packed(t, encoding, "["+good+"]"), "Content-Encoding", encoding); a.status != http.StatusAccepted || a.taken() != 1 {
			t.Errorf("%s: %d %s", encoding, a.status, a.body)
		}
		if a := s.send(t, "/v1/events/responses", packed(t, encoding, strings.Repeat(" ", 50<<20)), "Content-Encoding", encoding); a.status != http.StatusRequestEntityTooLarge {
			t.Errorf("a bomb in %s: %d %s", encoding, a.status, a.body)
		}
		if a := s.send(t, "/v1/events/responses", "nonsense", "Content-Encoding", encoding); a.status != http.StatusBadRequest {
			t.Errorf("nonsense in %s: %d %s", encoding, a.status, a.body)
		}
	}
	if used := s.memory.used.Load(); used != 0 {
		t.Errorf("%d bytes are still counted", used)
	}
}

func TestEachRefusalHasItsStatusAndIsAProblem(t *testing.T) {
	s := serve(t, func(o *Options) { o.Producer.(*memory).absent = map[string]bool{"departures": true} })
	big := `{"comment":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, c := range []struct {
		path, body string
		headers    []string
		want       int
	}{
		{"/v1/events/responses", "", nil, 400},
		{"/v1/events/responses", "{", nil, 400},
		{"/v1/events/responses", good + good, nil, 400},
		{"/v1/events/responses?strict=yes", good, nil, 400},
		{"/v1/events/visits", good, nil, 404},
		{"/v1/events/departures", good, nil, 404},
		{"/v1/feeds/other", good, nil, 404},
		{"/", good, nil, 404},
		{"/v1/events/responses", big, nil, 413},
		{"/v1/events/responses", strings.Repeat("1\n", mostItems+1), []string{"Content-Type", "application/x-ndjson"}, 413},
		{"/v1/events/responses", good, []string{"Content-Type", "text/plain"}, 415},
		{"/v1/events/responses", good, []string{"Content-Type", ""}, 415},
		{"/v1/events/responses", good, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"/v1/events/responses", good, []string{"Content-Type", "application/json; charset=latin1"}, 415},
		{"/v1/events/responses", good, []string{"Content-Encoding", "br"}, 415},
		{"/v1/events/responses", good, []string{"Origin", "https://evil.example"}, 403},
		{"/metrics", good, nil, 405},
	} {
		a := s.send(t, c.path, c.body, c.headers...)
		if a.status != c.want || a.kind != "application/problem+json" || a.Status != c.want || a.Title == "" || a.Detail == "" {
			t.Errorf("%s %.40s %v: %d %s, want %d", c.path, c.body, c.headers, a.status, a.body, c.want)
		}
	}
	r, err := http.NewRequest(http.MethodGet, "http://"+s.Addr()+"/v1/events/responses", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := do(t, r); a.status != 405 || a.header.Get("Allow") != "POST" {
		t.Errorf("GET: %d, Allow %q", a.status, a.header.Get("Allow"))
	}
	if len(s.kafka.events) != 0 {
		t.Errorf("%d events arrived", len(s.kafka.events))
	}
	if used := s.memory.used.Load(); used != 0 {
		t.Errorf("%d bytes are still counted", used)
	}
}

func TestWhoMaySend(t *testing.T) {
	const token = "csat_secret"
	key := bytes.Repeat([]byte{7}, 32)
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := serve(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Access = map[string]Access{"": {Hashes: [][32]byte{sha256.Sum256([]byte("other")), sha256.Sum256([]byte(token))}}, "kiosk": {WebhookKey: key, HMAC: intake.HMAC{Header: "X-Sign", Algorithm: "sha1", Encoding: "hex", Prefix: "sha1=", Content: "v0:{header:X-Time}:{body}", Timestamp: "X-Time", Secret: "hush"}}}
	})
	webhook := func(at time.Time, key []byte, body string) []string {
		stamp := strconv.FormatInt(at.Unix(), 10)
		m := hmac.New(sha256.New, key)
		fmt.Fprintf(m, "msg_1.%s.%s", stamp, body)
		return []string{"webhook-id", "msg_1", "webhook-timestamp", stamp, "webhook-signature", "v1,AAAA v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))}
	}
	generic := func(at time.Time, secret, body string) []string {
		stamp := at.Format(time.RFC3339)
		m := hmac.New(sha1.New, []byte(secret))
		fmt.Fprintf(m, "v0:%s:%s", stamp, body)
		return []string{"X-Time", stamp, "X-Sign", "sha1=" + hex.EncodeToString(m.Sum(nil))}
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("anybody:"+token))
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		want       int
	}{
		"no token":                      {"/v1/events/responses", good, nil, 401},
		"a wrong token":                 {"/v1/events/responses", good, []string{"Authorization", "Bearer csat_secreT"}, 401},
		"the token":                     {"/v1/events/responses", good, []string{"Authorization", "Bearer " + token}, 202},
		"the token as a password":       {"/v1/events/responses", good, []string{"Authorization", basic}, 202},
		"the token of another":          {"/v1/feeds/kiosk", pressed, []string{"Authorization", "Bearer " + token}, 401},
		"no signature":                  {"/v1/feeds/kiosk", pressed, nil, 401},
		"a webhook":                     {"/v1/feeds/kiosk", pressed, webhook(now.Add(-4*time.Minute), key, pressed), 202},
		"a webhook of another key":      {"/v1/feeds/kiosk", pressed, webhook(now, bytes.Repeat([]byte{8}, 32), pressed), 401},
		"a webhook of another body":     {"/v1/feeds/kiosk", pressed + " ", webhook(now, key, pressed), 401},
		"an old webhook":                {"/v1/feeds/kiosk", pressed, webhook(now.Add(-6*time.Minute), key, pressed), 401},
		"a webhook of the future":       {"/v1/feeds/kiosk", pressed, webhook(now.Add(6*time.Minute), key, pressed), 401},
		"a signature":                   {"/v1/feeds/kiosk", pressed, generic(now, "hush", pressed), 202},
		"a signature of another secret": {"/v1/feeds/kiosk", pressed, generic(now, "husH", pressed), 401},
		"an old signature":              {"/v1/feeds/kiosk", pressed, generic(now.Add(-time.Hour), "hush", pressed), 401},
	} {
		a := s.send(t, c.path, c.body, c.headers...)
		if a.status != c.want || strings.Contains(a.body, "hush") {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.body, c.want)
		}
		if c.want == 401 && a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: is not asked who it is", name)
		}
	}
	if len(s.kafka.events) != 4 {
		t.Errorf("%d events arrived", len(s.kafka.events))
	}
}

func TestPagesOfNamedOriginsMaySend(t *testing.T) {
	s := serve(t, func(o *Options) { o.Origins = []string{"https://shop.example"} })
	r, err := http.NewRequest(http.MethodOptions, "http://"+s.Addr()+"/v1/events/responses", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://shop.example")
	r.Header.Set("Access-Control-Request-Method", "POST")
	if a := do(t, r); a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := s.send(t, "/v1/events/responses", good, "Origin", "https://shop.example"); a.status != 202 || a.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.send(t, "/v1/events/responses", good, "Origin", "https://evil.example"); a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestCloudEventsInEveryMode(t *testing.T) {
	bare := `{"terminal_id":"till-7","grade":6}`
	envelope := `{"specversion":"1.0","id":"ce-1","source":"/till","type":"rating","time":"2026-03-02T10:00:00Z","data":` + bare + `}`
	binary := []string{"ce-specversion", "1.0", "ce-id", "ce%2D1", "ce-source", "/till", "ce-type", "rating", "ce-time", "2026-03-02T10:00:00Z"}
	for name, c := range map[string]struct {
		body    string
		headers []string
		want    int
	}{
		"structured":      {envelope, []string{"Content-Type", "application/cloudevents+json"}, 1},
		"batched":         {"[" + envelope + "," + envelope + "]", []string{"Content-Type", "application/cloudevents-batch+json"}, 2},
		"binary":          {bare, binary, 1},
		"base64":          {strings.Replace(envelope, `"data":`+bare, `"data_base64":"`+base64.StdEncoding.EncodeToString([]byte(bare))+`"`, 1), []string{"Content-Type", "application/cloudevents+json"}, 1},
		"without a type":  {strings.Replace(envelope, `"type":"rating",`, "", 1), []string{"Content-Type", "application/cloudevents+json"}, 0},
		"of version 0.3":  {strings.Replace(envelope, "1.0", "0.3", 1), []string{"Content-Type", "application/cloudevents+json"}, 0},
		"binary, no id":   {bare, append(append([]string{}, binary...), "ce-id", ""), 0},
		"no batch at all": {envelope, []string{"Content-Type", "application/cloudevents-batch+json"}, -1},
	} {
		s := serve(t, nil)
		a := s.send(t, "/v1/events/responses", c.body, c.headers...)
		want := map[bool]int{true: 202, false: 422}[c.want > 0]
		if c.want < 0 {
			want = 400
		}
		if a.status != want || len(s.kafka.events) != max(c.want, 0) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		for _, m := range s.kafka.events {
			if string(m.Value) != `{"event_id":"ce-1","occurred_at":"2026-03-02T10:00:00Z",`+bare[1:] {
				t.Errorf("%s: %s", name, m.Value)
			}
		}
	}
	s := serve(t, func(o *Options) {
		o.Feeds = feedsOf(t, "kiosk: {when: 'ce.type == \"rating\"', to: responses, fields: {event_id: ce.id, occurred_at: ce.time, terminal_id: msg.terminal_id, grade: msg.grade}}")
	})
	for _, h := range [][]string{binary, {"Content-Type", "application/cloudevents+json"}} {
		body := bare
		if len(h) == 2 {
			body = envelope
		}
		if a := s.send(t, "/v1/feeds/kiosk", body, h...); a.status != 202 || a.taken() != 1 {
			t.Errorf("to a feed: %d %s", a.status, a.body)
		}
	}
	if a := s.send(t, "/v1/feeds/kiosk", `{"grade":9}`, binary...); a.status != 202 || len(s.kafka.dead) != 1 || !strings.Contains(s.kafka.dead[0].Request, `"ce-id":"ce%2D1"`) {
		t.Errorf("a dead letter: %d %s %+v", a.status, a.body, s.kafka.dead)
	}
}

func TestASlowKafkaAndTooManyRequestsAreToldToComeBack(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(o *Options) {
		o.Producer.(*memory).hold, o.Requests, o.Timeout = hold, 2, 300*time.Millisecond
	})
	answers := make(chan answered, 3)
	for range 3 {
		go func() { answers <- s.send(t, "/v1/events/responses", good) }()
	}
	for range 3 {
		if a := <-answers; a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || a.kind != "application/problem+json" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	close(hold)
	if a := s.send(t, "/v1/events/responses", good); a.status != 202 {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	s.kafka.mu.Lock()
	s.kafka.fail = func(int, *intake.Message) error { return errors.New("connection refused") }
	s.kafka.mu.Unlock()
	if a := s.send(t, "/v1/events/responses", good); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || strings.Contains(a.body, "refused\"") {
		t.Errorf("without Kafka: %d %s", a.status, a.body)
	}
}

func TestBodiesTakeNoMoreMemoryThanTheyMay(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(o *Options) {
		o.Producer.(*memory).hold, o.Memory, o.MaxBody = hold, 1<<20, 1<<20
	})
	body := strings.TrimSuffix(good, "}") + `,"comment":"` + strings.Repeat("x", 9000) + `"}`
	body = "[" + strings.Repeat(body+",", 59) + body + "]" // about 550 kB
	first := make(chan answered, 1)
	go func() { first <- s.send(t, "/v1/events/responses", body) }()
	for s.memory.used.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if a := s.send(t, "/v1/events/responses", body); a.status != http.StatusTooManyRequests || !strings.Contains(a.Detail, "intake.memory") {
		t.Errorf("a second: %d %s", a.status, a.body)
	}
	close(hold)
	if a := <-first; a.status != 202 || a.taken() != 60 {
		t.Errorf("the first: %d %s", a.status, a.body)
	}
	if a := s.send(t, "/v1/events/responses", body); a.status != 202 {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
}

func TestWhatIsTooLargeForItsTopicIsRefusedByItsPlaceInTheBody(t *testing.T) {
	s := serve(t, nil)
	s.kafka.fail = func(i int, m *intake.Message) error {
		if bytes.Contains(m.Value, []byte(`"3"`)) {
			return &intake.TooLarge{Reason: "is larger than csat.responses takes"}
		}
		return nil
	}
	body := good + "\nnonsense\n" + strings.Replace(good, `"1"`, `"3"`, 1)
	a := s.send(t, "/v1/events/responses", body, "Content-Type", "application/x-ndjson")
	if a.status != 202 || a.taken() != 1 || len(a.Refused) != 2 || a.Refused[1].Index != 2 || !strings.Contains(a.Refused[1].Reason, "larger") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAnEndingServerAnswersWhatIsUnderWay(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(o *Options) { o.Producer.(*memory).hold = hold })
	first := make(chan answered, 1)
	go func() { first <- s.send(t, "/v1/events/responses", good) }()
	for s.memory.used.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Close() }()
	time.Sleep(50 * time.Millisecond)
	close(hold)
	if a := <-first; a.status != 202 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(s.kafka.events) != 1 {
		t.Errorf("%d events", len(s.kafka.events))
	}
}

func TestHealthReadinessAndMetrics(t *testing.T) {
	why := ""
	s := serve(t, func(o *Options) { o.Unready = func() string { return why } })
	get := func(path string) answered {
		r, err := http.NewRequest(http.MethodGet, "http://"+s.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return do(t, r)
	}
	s.send(t, "/v1/events/responses", "["+good+",{}]")
	s.send(t, "/v1/feeds/kiosk", pressed)
	s.send(t, "/v1/feeds/kiosk", `{}`)
	if a := get("/metrics"); !strings.Contains(a.body, `csatflow_intake_events_total{feed="",result="taken"} 1`) || !strings.Contains(a.body, `csatflow_intake_events_total{feed="",result="refused"} 1`) ||
		!strings.Contains(a.body, `csatflow_intake_events_total{feed="kiosk",result="dead_letter"} 1`) || !strings.Contains(a.body, `csatflow_intake_requests_total{feed="kiosk",status="202"} 2`) {
		t.Errorf("%s", a.body)
	}
	if a := get("/healthz"); a.status != 200 {
		t.Error(a.status)
	}
	if a := get("/readyz"); a.status != 200 {
		t.Error(a.status)
	}
	why = "Kafka is away"
	if a := get("/readyz"); a.status != 503 || !strings.Contains(a.body, why) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// FuzzBody: whatever a body is, the server answers with a status that it declares, and what it takes the pipeline's decoder takes.
func FuzzBody(f *testing.F) {
	for i, body := range []string{good, "[" + good + "]", good + "\n" + good, pressed, `{"specversion":"1.0","id":"1","source":"s","type":"t","data":` + good + `}`, "[[]]", `["]`, `{"a":"\"]"}`, "type=rating&id=1"} {
		f.Add(i, body)
	}
	k := &memory{}
	all := feedsOf(f, kiosk)
	s := &Server{Options: Options{Feeds: all, Access: map[string]Access{}, MaxBody: 1 << 20, Memory: 8 << 20, Requests: 64, Timeout: time.Second, Producer: k, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Now: time.Now},
		memory: budget{most: 8 << 20}, slots: make(chan struct{}, 64)}
	s.metrics = newMetrics(s.Registry, s)
	h := s.routes()
	kinds := []string{kindJSON, kindLines, kindCloud, kindBatch, kindForm}
	decoder := &event.Decoder{}
	f.Fuzz(func(t *testing.T, kind int, body string) {
		for _, path := range []string{"/v1/events/responses", "/v1/feeds/kiosk"} {
			k.events, k.dead = nil, nil
			r, err := http.NewRequest(http.MethodPost, path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kinds[uint(kind)%uint(len(kinds))])
			w := &discard{header: http.Header{}}
			h.ServeHTTP(w, r)
			switch w.status {
			case 202, 400, 413, 415, 422:
			default:
				t.Errorf("%s: %d", path, w.status)
			}
			for _, m := range k.events {
				if _, _, err := decoder.KeyOf(m.Topic, m.Value); err != nil {
					t.Errorf("%s is in Kafka: %v", m.Value, err)
				}
			}
			if s.memory.used.Load() != 0 {
				t.Error("memory is still counted")
			}
		}
	})
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
