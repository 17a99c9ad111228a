package clickhouse

import (
	"crypto/rand"
	"fmt"
	"net/http"
)

// exceptionTag is the header with the word by which a client tells an error at the end of a body from data.
const exceptionTag = "X-ClickHouse-Exception-Tag"

// newExceptionTag is a random word as long as a server's.
func newExceptionTag() string {
	const letters = 16
	var b [letters]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = 'a' + b[i]%26
	}
	return string(b[:])
}

// told is the text of an error in a body.
func (s *server) told(e *exception) string {
	return fmt.Sprintf("Code: %d. %s: %s (version %s)\n", e.code, e.name, e.text, s.engine.version)
}

// fail ends a started body with an error, like a server: between marks, with the tag of the header and the length.
func (h *httpWriter) fail(message string) error {
	tag := h.to.Header().Get(exceptionTag)
	if err := h.frame(fmt.Appendf(nil, "\r\n__exception__\r\n%s\r\n%s%d %[1]s\r\n__exception__\r\n", tag, message, len(message))); err != nil {
		return err
	}
	if z, ok := h.zip.(interface{ Flush() error }); ok {
		if err := z.Flush(); err != nil {
			return fmt.Errorf("compressing the answer: %w", err)
		}
	}
	return http.NewResponseController(h.to).Flush()
}

// send flushes what has been written, except what the compressor still holds.
func (h *httpWriter) send() error {
	if h.zip != nil || h.q.framed || !h.began {
		return nil
	}
	return http.NewResponseController(h.to).Flush()
}
