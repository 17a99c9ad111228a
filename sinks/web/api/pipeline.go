package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"csatflow/schemas/catalogue"
	"csatflow/schemas/reasons"
)

// family is a metric of this process.
type family struct {
	Name    string   `json:"name"`
	Help    string   `json:"help"`
	Type    string   `json:"type"` // counter, gauge, histogram
	Samples []sample `json:"samples"`
}

type sample struct {
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`           // for a histogram, its sum
	Count  uint64            `json:"count,omitempty"` // for a histogram
}

// pipeline answers /api/v1/pipeline: the metrics of this process, as in /metrics.
func (s *Server) pipeline(w http.ResponseWriter, r *http.Request) {
	families, err := s.gather()
	if err != nil {
		s.Log.Warn("gathering metrics", "err", err)
		fail(w, http.StatusInternalServerError, "metrics cannot be gathered; the log of csatflow says more", "")
		return
	}
	writeChanged(w, r, families, map[string]any{"at": time.Now().UTC(), "metrics": families})
}

func (s *Server) gather() ([]family, error) {
	s.Tick()
	gathered, err := s.Gatherer.Gather()
	if err != nil {
		return nil, err
	}
	list := []family{}
	for _, g := range gathered {
		if !strings.HasPrefix(g.GetName(), "csatflow_") {
			continue
		}
		f := family{Name: g.GetName(), Help: g.GetHelp(), Type: strings.ToLower(g.GetType().String())}
		for _, m := range g.GetMetric() {
			one := sample{Labels: map[string]string{}, Value: m.GetCounter().GetValue() + m.GetGauge().GetValue()}
			if g.GetType() == dto.MetricType_HISTOGRAM {
				one.Value, one.Count = m.GetHistogram().GetSampleSum(), m.GetHistogram().GetSampleCount()
			}
			for _, l := range m.GetLabel() {
				one.Labels[l.GetName()] = l.GetValue()
			}
			f.Samples = append(f.Samples, one)
		}
		list = append(list, f)
	}
	return list, nil
}

// letter is a message that could not be applied, without its content.
type letter struct {
	ID     string    `json:"id"` // topic/partition/offset of the message
	Topic  string    `json:"topic"`
	At     time.Time `json:"at"`
	Field  string    `json:"field"`
	Code   string    `json:"code"`   // of the reason; "" for one of another release
	Reason string    `json:"reason"` // in the language asked for
}

const mostLetters = 200

// deadLetters answers /api/v1/deadletters?limit=50&lang=en: the newest first.
func (s *Server) deadLetters(w http.ResponseWriter, r *http.Request) {
	limit := 50
	if sent := r.URL.Query(); sent.Has("limit") {
		n, err := strconv.Atoi(sent.Get("limit"))
		if err != nil || n < 1 || n > mostLetters {
			fail(w, http.StatusBadRequest, "limit: must be 1 to "+strconv.Itoa(mostLetters), "limit")
			return
		}
		limit = n
	}
	lang, ok := language(w, r)
	if !ok {
		return
	}
	list, err := s.letters(r.Context())
	if err != nil {
		s.Log.Warn("reading dead letters", "err", err)
		fail(w, http.StatusServiceUnavailable, "Kafka does not answer; the log of csatflow says more", "")
		return
	}
	list = list[:min(len(list), limit)]
	if lang == catalogue.Chinese {
		list = slices.Clone(list)
		for i := range list {
			list[i].Reason = reasons.Chinese(list[i].Reason)
		}
	}
	writeChanged(w, r, list, map[string]any{"letters": list})
}

// lettersEvery is the least time between two reads of the dead-letter topic, however many clients ask.
const lettersEvery = 5 * time.Second

// heldLetters are the dead letters last read.
type heldLetters struct {
	list []letter
	at   time.Time
}

func (s *Server) letters(ctx context.Context) ([]letter, error) {
	if s.DeadLetters == nil {
		return []letter{}, nil
	}
	if h := s.held.Load(); h != nil && time.Since(h.at) < lettersEvery {
		return h.list, nil
	}
	read, err, _ := s.looks.Do("letters", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
		defer cancel()
		letters, err := s.DeadLetters(ctx, mostLetters)
		if err != nil {
			return nil, err
		}
		h := &heldLetters{list: []letter{}, at: time.Now()}
		for i := range letters {
			l := &letters[i]
			one := letter{ID: l.String(), Topic: l.Topic, At: l.At.UTC(), Field: s.ofField(l.Field), Reason: s.without(l.Reason)}
			if r, _ := reasons.Read(one.Reason); r != nil {
				one.Code = r.Code
			}
			h.list = append(h.list, one)
		}
		s.held.Store(h)
		return h.list, nil
	})
	if err != nil {
		return nil, err
	}
	return read.([]letter), nil
}
