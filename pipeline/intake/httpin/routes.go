package httpin

import (
	"net/http"
	"slices"
	"strings"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"csatflow/schemas/feeds"
)

// unsafeString is a text that shares the memory of bytes, which nobody changes.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/events/{topic}", func(w http.ResponseWriter, r *http.Request) {
		topic := r.PathValue("topic")
		switch {
		case !slices.Contains(feeds.Names(), topic):
			s.absent(w, "no events of the kind %q: there are %s", topic, strings.Join(feeds.Names(), ", "))
		case !s.Producer.Has(topic):
			s.absent(w, "%s are not read here (kafka.topics.%s is empty)", topic, topic)
		default:
			s.take(w, r, topic, nil)
		}
	})
	mux.HandleFunc("/v1/feeds/{name}", func(w http.ResponseWriter, r *http.Request) {
		feed := s.Feeds[r.PathValue("name")]
		if feed == nil {
			s.absent(w, "no feed %q: declare it in intake.feeds", r.PathValue("name"))
			return
		}
		s.take(w, r, "", feed)
	})
	metrics := promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 10})
	for path, answer := range map[string]http.HandlerFunc{
		"/openapi.json": func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, "application/json", Document(s.feedNames(), s.Words))
		},
		"/metrics": metrics.ServeHTTP,
		"/healthz": func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") },
		"/readyz":  s.ready,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				p := problem(http.StatusMethodNotAllowed, "this is asked by GET")
				p.allow = "GET, HEAD"
				p.write(w)
				return
			}
			answer(w, r)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.absent(w, "nothing is at %q: /openapi.json says what there is", r.URL.Path)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) absent(w http.ResponseWriter, format string, args ...any) {
	p := problem(http.StatusNotFound, format, args...)
	p.write(w)
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.ending.Load() {
		writeText(w, http.StatusServiceUnavailable, "ending\n")
		return
	}
	if s.Unready != nil {
		if why := s.Unready(); why != "" {
			writeText(w, http.StatusServiceUnavailable, why+"\n")
			return
		}
	}
	writeText(w, http.StatusOK, "ready\n")
}

func (s *Server) feedNames() (names []string) {
	for name := range s.Feeds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
