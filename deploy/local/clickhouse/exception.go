package clickhouse

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// ClickHouse's error codes that this package returns or handles.
const (
	codeNoSuchColumn   = 16
	codeIllegalColumn  = 44
	codeSyntax         = 62
	codeUnknownFormat  = 73
	codeNotImplemented = 48
	codeIncorrectData  = 117
	codeReadOnly       = 164
	codeAuthentication = 516

	codeRequiredPassword = 194
	codeAccessDenied     = 497
	codeUnknownFailure   = 1002
	codeUnknownPacket    = 99
	codeSameID           = 216
	codeCancelled        = 394
)

// exception is an error in ClickHouse's wording.
type exception struct {
	code int
	name string // "DB::Exception"
	text string
}

func (e *exception) Error() string { return fmt.Sprintf("Code: %d. %s: %s", e.code, e.name, e.text) }

func newException(code int, format string, args ...any) *exception {
	return &exception{code: code, name: "DB::Exception", text: fmt.Sprintf(format, args...)}
}

var (
	exceptionText = regexp.MustCompile(`(?s)Code: (\d+)\. (DB::[\w:]+): (.*)`)
	// positionText matches the position in a syntax error, which includes our tag.
	positionText = regexp.MustCompile(`failed at position (\d+)`)
)

// asException parses an error of the engine.
func asException(err error) *exception {
	if e, ok := err.(*exception); ok { //nolint:errorlint // a wrapped one keeps its wrapping, below
		return e
	}
	m := exceptionText.FindStringSubmatch(err.Error())
	if m == nil {
		return newException(codeUnknownFailure, "%v", err)
	}
	code, _ := strconv.Atoi(m[1]) // digits, by the pattern
	text := strings.TrimSpace(m[3])
	if code == codeAccessDenied { // there is one user, and no administrator to ask
		text = strings.Replace(text, "Not enough privileges. ", "Not enough privileges. The embedded server gives this right to nobody. ", 1)
	}
	return &exception{code: code, name: m[2], text: text}
}

// notStreamable reports whether the engine only refused to stream: the statement looks like a SELECT, but is none (WITH ...
// INSERT).
func notStreamable(err error) bool {
	return err != nil && strings.Contains(err.Error(), "Streaming query is not supported")
}

// oneStatement refuses, like a server, no statement and several in one text.
func (s *session) oneStatement(text string) error {
	if strings.TrimSpace(text) == "" {
		return newException(codeSyntax, "Syntax error: failed at position 1 (end of query): . Empty query. (SYNTAX_ERROR)")
	}
	if s.conn.Statements(text) <= 1 {
		return nil
	}
	bare := quotedText.ReplaceAllStringFunc(text, func(quoted string) string { return strings.Repeat(" ", len(quoted)) })
	at := strings.IndexByte(bare, ';')
	if at < 0 {
		if _, err := s.written(text); err == nil { // statements joined by PARALLEL WITH are one
			return nil
		}
		at = len(text)
	}
	before, rest := text[:at], text[at:]
	const shown = 200
	if len(rest) > shown {
		rest = strings.ToValidUTF8(rest[:shown], "") + "..."
	}
	return newException(codeSyntax, "Syntax error (Multi-statements are not allowed): failed at position %d (end of query) (line %d, col %d): %s. (SYNTAX_ERROR)",
		at+1, 1+strings.Count(before, "\n"), at-strings.LastIndexByte(before, '\n'), rest)
}

// intoOutfile is the error for INTO OUTFILE, which is a matter of clients.
func intoOutfile() error {
	return newException(codeNotImplemented, "INTO OUTFILE is not supported by the server. (NOT_IMPLEMENTED)")
}

// withoutTag reduces the position in a syntax error by the length of the tag before the statement.
func (e *exception) withoutTag(tag string) *exception {
	c := *e
	c.text = positionText.ReplaceAllStringFunc(e.text, func(s string) string {
		n, _ := strconv.Atoi(s[strings.LastIndexByte(s, ' ')+1:])
		return fmt.Sprintf("failed at position %d", max(1, n-len(tag)))
	})
	c.text = strings.ReplaceAll(c.text, tag, "")
	return &c
}

// httpStatus is the status of ClickHouse's HTTP interface for an error code.
func httpStatus(code int) int {
	switch code {
	case 46, 47, 50, 56, 60, 63, 78, 81, 115, 336, codeUnknownFormat: // unknown function, identifier, type, ..., setting, format
		return http.StatusNotFound
	case codeNotImplemented:
		return http.StatusNotImplemented
	case codeRequiredPassword:
		return http.StatusUnauthorized
	case codeAuthentication, codeAccessDenied:
		return http.StatusForbidden
	case 159, 160, 209:
		return http.StatusRequestTimeout
	case 6, 25, 26, 27, 36, 38, 41, 42, 43, 53, codeSyntax, 69, 70, 72, codeIncorrectData, 386: // cannot parse or convert
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
