package clickhouse

import (
	"crypto/rand"
	"fmt"
	"net/http"
)

// exceptionTag is the header with the word by which a client knows an error at the end of a body from what it asked for.
const exceptionTag = "X-ClickHouse-Exception-Tag"

// newExceptionTag is a random word of the length that a server's has.
func newExceptionTag() string {
	const letters = 16
	var b [letters]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = 'a' + b[i]%26
	}
	return string(b[:])
}

// told is an error as it stands in a body.
func (s *server) told(e *exception) string {
	return fmt.Sprintf("Code: %d. %s: %s (version %s)\n", e.code, e.name, e.text, s.engine.version)
}

// fail ends a body that has begun with an error, as a server does: between marks, with the tag of the header and its length.
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

// send lets the client have what has been written, unless it waits for more to be compressed with it.
func (h *httpWriter) send() error {
	if h.zip != nil || h.q.framed || !h.began {
		return nil
	}
	return http.NewResponseController(h.to).Flush()
}
