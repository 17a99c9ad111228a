package clickhouse

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ClickHouse/ch-go/compress"

	"csatflow/deploy/local/chdb"
)

// streamedFormats are formats whose chunks, concatenated, are the whole answer. The others have a head or a foot, and are
// sent when the result is complete.
var streamedFormats = map[string]bool{
	"native": true, "tabseparated": true, "tsv": true, "tabseparatedraw": true, "tsvraw": true, "csv": true,
	"jsoneachrow": true, "jsonlines": true, "ndjson": true, "rowbinary": true,
}

// answer runs the statement of a request. After the first byte of a result, an error goes to the end of the body, see
// [httpWriter.fail].
func (s *server) answer(w http.ResponseWriter, r *http.Request, q *httpQuery) error {
	session, giveBack, err := s.sessionOf(r, q)
	if err != nil {
		return err
	}
	clean := false
	defer func() { giveBack(clean) }()
	if err := session.oneStatement(q.text); err != nil {
		clean = true
		return err
	}
	if q.readOnly && !session.conn.ReadOnly(q.text) {
		// This includes text that does not parse: let the engine say why.
		if _, _, err := session.conn.Query("EXPLAIN AST "+q.text, "Null", q.params...); err != nil {
			if e := asException(err); e.code == codeSyntax {
				return e.withoutTag("EXPLAIN AST ")
			}
		}
		return newException(codeReadOnly, "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries. (READONLY)")
	}
	if err := session.staysInData(q.text); err != nil {
		clean = true
		return err
	}
	undo, err := session.apply(q.settings)
	if err != nil {
		clean = true
		return err
	}
	if q.rows != nil {
		err = insertHTTP(w, session, q)
	} else {
		err = s.runHTTP(w, r, session, q)
	}
	named := r.URL.Query().Get("session_id") != ""
	if named && err == nil {
		session.ran(q.text)
	}
	undoErr := undo()
	clean = undoErr == nil && (named || !sessionText.MatchString(q.text))
	return errors.Join(err, undoErr)
}

// sessionOf is the session that a request names, or one for this request alone.
func (s *server) sessionOf(r *http.Request, q *httpQuery) (*session, func(clean bool), error) {
	if p := r.URL.Query(); p.Get("session_id") != "" {
		session, done, err := s.sessions.take(s.engine, p)
		if err != nil || q.database == "" {
			return session, done, err
		}
		// The database of a request does not change that of its session.
		before, err := session.current()
		if err == nil {
			err = session.use(q.database)
		}
		if err != nil {
			done(true)
		}
		return session, func(clean bool) { done(session.use(before) == nil && clean) }, err
	}
	session, err := s.engine.acquire(q.database)
	return session, func(clean bool) {
		if clean {
			s.engine.release(session)
		} else {
			session.close()
		}
	}, err
}

func insertHTTP(w http.ResponseWriter, s *session, q *httpQuery) error {
	into := parseInsert(q.text)
	insert, err := s.conn.Insert(into.text, into.format, q.params...)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{insert}, q.rows, make([]byte, readStep))
	var refused *chdb.Error
	if err != nil && !errors.As(err, &refused) { // the client has stopped
		insert.Cancel()
		return fmt.Errorf("reading the rows: %w", err)
	}
	stats, err := insert.Done() // after a refusal it returns the cause
	if err == nil && refused != nil {
		err = refused
	}
	if err != nil {
		return err
	}
	w.Header().Set("X-ClickHouse-Summary", summary(stats))
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	return nil
}

func summary(s chdb.Stats) string {
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","result_rows":"%d"}`,
		s.ReadRows, s.ReadBytes, s.WrittenRows, s.WrittenBytes, s.Rows)
}

func (s *server) runHTTP(w http.ResponseWriter, r *http.Request, session *session, q *httpQuery) error {
	text, format := q.text, q.format
	if streams(text) {
		if rest, f := cutFormat(text); f != "" {
			text, format = rest, f
		}
	} else if _, f := cutFormat(text); f != "" {
		format = f // for the header; the engine reads the clause itself
	}
	w.Header().Set("X-ClickHouse-Format", format)
	w.Header().Set("Content-Type", contentType(format))
	tag := s.engine.newTag()
	over, err := s.running.begin(q.id, tag)
	if err != nil {
		return err
	}
	defer over()
	text = s.running.translate(text)
	out := &httpWriter{to: w, q: q, native: strings.EqualFold(format, "Native")}
	end := s.engine.watchContext(r.Context(), tag)
	var stats chdb.Stats
	whole := !streams(text) || !streamedFormats[strings.ToLower(format)]
	if !whole {
		err = session.conn.Stream(tag+text, format, q.params, func(chunk []byte, _ chdb.Stats) error {
			if err := s.running.whole(tag); err != nil {
				return err // the engine may go on after a KILL QUERY
			}
			if err := out.write(chunk); err != nil {
				return err
			}
			return out.send()
		})
		whole = notStreamable(err)
	}
	if whole {
		var answer []byte
		if answer, stats, err = session.conn.Query(tag+text, format, q.params...); err == nil {
			if len(answer) == 0 && !streams(text) { // it has no result
				w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
				w.Header().Del("X-ClickHouse-Format")
			}
			w.Header().Set("X-ClickHouse-Summary", summary(stats))
			err = out.write(answer)
		}
	}
	end()
	if err == nil {
		err = s.running.whole(tag)
	}
	if err == nil {
		err = out.close()
	}
	switch {
	case err == nil:
		return nil
	case out.began:
		if told := out.fail(s.told(asException(err).withoutTag(tag))); told != nil {
			s.log.Warn("HTTP answer broken off", "err", err, "telling the client", told)
		}
		panic(http.ErrAbortHandler) // so that the body does not end like a complete one
	}
	return asException(err).withoutTag(tag)
}

func contentType(format string) string {
	f := strings.ToLower(format)
	switch {
	case f == "json" || f == "jsoncompact" || f == "jsonstrings":
		return "application/json; charset=UTF-8"
	case f == "jsoneachrow" || f == "ndjson" || f == "jsonlines":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "csvwithnames"):
		return "text/csv; charset=UTF-8; header=present"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=absent"
	case strings.HasPrefix(f, "tabseparated"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case f == "native" || strings.HasPrefix(f, "rowbinary") || f == "parquet" || strings.HasPrefix(f, "arrow"):
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}

// httpWriter sends a result as the client asked for it.
type httpWriter struct {
	to      http.ResponseWriter
	q       *httpQuery
	native  bool
	began   bool
	scratch []byte
	zip     io.WriteCloser
	deflate *compress.Writer
}

// write sends a chunk of the engine.
func (h *httpWriter) write(chunk []byte) error {
	if !h.native || h.q.revision == 0 {
		return h.frame(chunk)
	}
	var err error
	h.scratch, err = toClient(chunk, h.q.revision, h.scratch, h.frame)
	return err
}

func (h *httpWriter) frame(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if !h.began && h.q.encoding != "" {
		var err error
		if h.zip, err = encoder(h.q.encoding, h.to); err != nil {
			return fmt.Errorf("compressing the answer: %w", err)
		}
		h.to.Header().Set("Content-Encoding", h.q.encoding)
	}
	h.began = true
	if !h.q.framed {
		return h.raw(b)
	}
	if h.deflate == nil {
		h.deflate = compress.NewWriter(compress.LevelZero, h.q.compress)
	}
	for len(b) > 0 {
		n := min(len(b), frameBytes)
		if err := h.deflate.Compress(b[:n]); err != nil {
			return fmt.Errorf("compressing the answer: %w", err)
		}
		if err := h.raw(h.deflate.Data); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func (h *httpWriter) raw(b []byte) error {
	var w io.Writer = h.to
	if h.zip != nil {
		w = h.zip
	}
	_, err := w.Write(b)
	return err
}

func (h *httpWriter) close() error {
	if h.zip == nil {
		return nil
	}
	return h.zip.Close()
}
