package clickhouse

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"csatflow/deploy/local/chdb"
)

// notSettings are the parameters of a URL that are not settings: the interface handles or ignores them.
var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "client_protocol_version": true, "compress": true, "decompress": true,
	"user": true, "password": true, "quota_key": true, "query_id": true, "session_id": true, "session_timeout": true,
	"session_check": true, "close_session": true, "wait_end_of_query": true, "buffer_size": true, "role": true, "stacktrace": true,
	"add_http_cors_header": true, "http_write_exception_in_output_format": true, "enable_http_compression": true,
}

// httpQuery is a parsed request.
type httpQuery struct {
	id       string
	text     string
	readOnly bool // GET may change nothing
	database string
	format   string // of the answer, if the text has no FORMAT
	params   []chdb.Param
	settings []chdb.Param
	rows     io.Reader // of an INSERT with its rows in the body; nil otherwise
	revision int       // of blocks in format Native
	compress compress.Method
	framed   bool   // answer in ClickHouse's own compressed frames
	encoding string // Content-Encoding of the answer
}

func (s *server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	s.web.Add(1)
	defer s.web.Done()
	w.Header().Set("X-ClickHouse-Server-Display-Name", "csatflow")
	w.Header().Set("X-ClickHouse-Timezone", s.engine.timezone)
	id := r.URL.Query().Get("query_id")
	if id == "" {
		id = newID()
	}
	w.Header().Set("X-ClickHouse-Query-Id", id)
	w.Header().Set(exceptionTag, newExceptionTag())
	switch {
	case !toLoopback(r):
		http.Error(w, "this server answers under the names of its own machine only, like 127.0.0.1", http.StatusMisdirectedRequest)
		return
	case r.URL.Path == "/ping", r.URL.Path == "/" && r.URL.RawQuery == "" && !r.URL.ForceQuery && r.Method != http.MethodPost:
		_, _ = io.WriteString(w, "Ok.\n") // a client that left needs no answer
		return
	case r.URL.Path != "/":
		http.Error(w, "There is no handle "+r.URL.Path, http.StatusNotFound)
		return
	case foreign(r):
		http.Error(w, "requests of pages of another origin are not served", http.StatusForbidden)
		return
	}
	if user, password := credentials(r); !s.authentic(user, password) {
		if user == "" || user == defaultUser { // a browser then asks for another user
			w.Header().Set("WWW-Authenticate", `Basic realm="ClickHouse server HTTP API"`)
			s.failHTTP(w, newException(codeRequiredPassword, authenticationText+" (REQUIRED_PASSWORD)", cmp.Or(user, defaultUser)))
			return
		}
		s.failHTTP(w, authenticationFailed(user))
		return
	}
	q, err := parseHTTP(w, r)
	if err == nil {
		q.id = id
		err = s.answer(w, r, q)
	}
	if err != nil {
		s.failHTTP(w, err)
	}
}

// toLoopback reports whether a request names this machine. Any other name belongs to a page that was pointed at it.
func toLoopback(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// foreign reports whether a page of another origin sent the request through the user's browser.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != r.Host
}

func credentials(r *http.Request) (user, password string) {
	if user, password, ok := r.BasicAuth(); ok {
		return user, password
	}
	if user := r.Header.Get("X-ClickHouse-User"); user != "" {
		return user, r.Header.Get("X-ClickHouse-Key")
	}
	return r.URL.Query().Get("user"), r.URL.Query().Get("password")
}

func (s *server) failHTTP(w http.ResponseWriter, err error) {
	e := asException(err)
	h := w.Header()
	h.Del("Content-Encoding")
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.code))
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(httpStatus(e.code))
	_, _ = io.WriteString(w, s.told(e)) // a client that left needs no answer
}

func parseHTTP(w http.ResponseWriter, r *http.Request) (*httpQuery, error) {
	p := r.URL.Query()
	q := &httpQuery{
		text: p.Get("query"), database: p.Get("database"), format: p.Get("default_format"),
		readOnly: r.Method == http.MethodGet || r.Method == http.MethodHead,
		framed:   p.Get("compress") == "1", compress: compress.LZ4,
	}
	if p.Get("enable_http_compression") == "1" {
		q.encoding = acceptedEncoding(r.Header.Get("Accept-Encoding"))
	}
	if v := p.Get("client_protocol_version"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, newException(codeIncorrectData, "client_protocol_version %q is not a number", v)
		}
		q.revision = min(n, revision)
	}
	if strings.EqualFold(p.Get("network_compression_method"), "ZSTD") {
		q.compress = compress.ZSTD
	}
	if q.database == "" {
		q.database = r.Header.Get("X-ClickHouse-Database")
	}
	if q.format == "" {
		q.format = r.Header.Get("X-ClickHouse-Format")
	}
	if q.format == "" {
		q.format = "TabSeparated"
	}
	for name, values := range p {
		if param, ok := strings.CutPrefix(name, "param_"); ok {
			q.params = append(q.params, chdb.Param{Name: param, Value: values[0]})
		} else if !notSettings[name] {
			q.settings = append(q.settings, chdb.Param{Name: name, Value: values[0]})
		}
	}
	body, err := plainBody(r)
	if err != nil {
		return nil, err
	}
	if q.text != "" && parseInsert(q.text) != nil {
		q.rows = body
		return q, nil
	}
	rest, err := io.ReadAll(http.MaxBytesReader(w, io.NopCloser(body), maxStatement))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	if q.text != "" && len(rest) > 0 {
		q.text += "\n"
	}
	q.text += string(rest)
	return q, nil
}

// plainBody undoes the compression of the body.
func plainBody(r *http.Request) (io.Reader, error) {
	var body io.Reader = r.Body
	var err error
	switch e := r.Header.Get("Content-Encoding"); e {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	case "lz4":
		body = lz4.NewReader(body)
	case "zstd":
		body, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxStatement))
	default:
		err = newException(codeNotImplemented, "Content-Encoding %q is not supported by the embedded server. (NOT_IMPLEMENTED)", e)
	}
	if err != nil {
		return nil, fmt.Errorf("body with Content-Encoding %q: %w", r.Header.Get("Content-Encoding"), err)
	}
	if r.URL.Query().Get("decompress") == "1" {
		body = framedReader{compress.NewReader(bufio.NewReaderSize(body, readBuffer))}
	}
	return body, nil
}

// acceptedEncoding is the first encoding that both sides know, in the server's order.
func acceptedEncoding(accepted string) string {
	for _, e := range []string{"zstd", "lz4", "gzip"} {
		if strings.Contains(accepted, e) {
			return e
		}
	}
	return ""
}

// encoder compresses an answer.
func encoder(encoding string, w io.Writer) (io.WriteCloser, error) {
	switch encoding {
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	case "lz4":
		return lz4.NewWriter(w), nil
	}
	return gzip.NewWriter(w), nil
}

// framedReader ends with io.EOF itself, as readers must; the frames' own reader wraps it.
type framedReader struct{ r io.Reader }

func (f framedReader) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
