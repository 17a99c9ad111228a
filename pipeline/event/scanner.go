package event

import (
	"csatflow/schemas/reasons"

	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is the deepest nesting in skipped fields; encoding/json has the same limit.
const maxDepth = 10000

const mostScratch = 1 << 20

// maxNumber is the most characters of a number that is read: senders write about twenty, and an exact comparison of
// millions of digits takes hours.
const maxNumber = 100

// scanner reads one JSON document in a single pass without allocation. Its methods return an *Error without a field;
// the decoder fills in the field that it reads.
type scanner struct {
	b       []byte
	i       int
	scratch []byte // unescaped strings; kept within a document, so that earlier strings stay valid
	err     Error
}

func (s *scanner) fail(reason *reasons.Reason, values ...string) *Error {
	s.err = Error{Reason: reason.Text(values...)}
	return &s.err
}

func (s *scanner) reset(b []byte) {
	if cap(s.scratch) > mostScratch { // do not keep the memory of one huge message
		s.scratch = nil
	}
	s.b, s.i, s.scratch = b, 0, s.scratch[:0]
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// next skips white space and returns the byte that follows, 0 at the end.
func (s *scanner) next() byte {
	if s.i < len(s.b) && s.b[s.i] > ' ' {
		return s.b[s.i]
	}
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) unexpected(want string) *Error {
	if s.i >= len(s.b) {
		return s.fail(reasons.EndsEarly, want)
	}
	return s.fail(reasons.NotJSON, strconv.QuoteRune(rune(s.b[s.i])), strconv.Itoa(s.i), want)
}

// kind returns the type of the value that follows, for messages.
func (s *scanner) kind() string {
	switch c := s.next(); {
	case c == '{':
		return reasons.Object
	case c == '[':
		return reasons.Array
	case c == '"':
		return reasons.String
	case c == 't' || c == 'f':
		return reasons.Boolean
	case c == 'n':
		return reasons.Null
	case c == '-' || c >= '0' && c <= '9':
		return reasons.ANumber
	}
	return reasons.NoValue
}

// wrongType checks that the value is JSON at all before it reports its type.
func (s *scanner) wrongType(want string) *Error {
	is := s.kind()
	if e := s.skip(0); e != nil {
		return e
	}
	return s.fail(reasons.WrongType, want, is)
}

// members calls each for every member of the object that follows, with the scanner at the member's value.
func (s *scanner) members(each func(key []byte) *Error) *Error {
	if s.next() != '{' {
		return s.wrongType(reasons.Object)
	}
	s.i++
	if s.next() == '}' {
		s.i++
		return nil
	}
	for {
		if s.next() != '"' {
			return s.unexpected(reasons.Member)
		}
		key, e := s.str()
		if e != nil {
			return e
		}
		if s.next() != ':' {
			return s.unexpected(reasons.Colon)
		}
		s.i++
		if e := each(key); e != nil {
			return e
		}
		switch s.next() {
		case ',':
			s.i++
		case '}':
			s.i++
			return nil
		default:
			return s.unexpected(reasons.CommaBrace)
		}
	}
}

// elements calls each for every element of the array that follows.
func (s *scanner) elements(each func() *Error) *Error {
	if s.next() != '[' {
		return s.wrongType(reasons.Array)
	}
	s.i++
	if s.next() == ']' {
		s.i++
		return nil
	}
	for {
		if e := each(); e != nil {
			return e
		}
		switch s.next() {
		case ',':
			s.i++
		case ']':
			s.i++
			return nil
		default:
			return s.unexpected(reasons.CommaSquare)
		}
	}
}

// plain marks the bytes of a string that need no further check: printable ASCII except quote and backslash.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// str reads the string that follows. The result points into the document, or into scratch if it had escapes.
func (s *scanner) str() ([]byte, *Error) {
	if s.next() != '"' {
		return nil, s.wrongType(reasons.String)
	}
	start := s.i + 1
	i, b := start, s.b
	for i < len(b) && plain[b[i]] {
		i++
	}
	if i < len(b) && b[i] == '"' {
		s.i = i + 1
		return b[start:i], nil
	}
	return s.hardString(start)
}

func (s *scanner) hardString(start int) ([]byte, *Error) {
	b, from := s.b, start
	mark := len(s.scratch)
	for i := start; i < len(b); {
		switch c := b[i]; {
		case c == '"':
			s.i = i + 1
			if from == start {
				return b[start:i], nil
			}
			s.scratch = append(s.scratch, b[from:i]...)
			return s.scratch[mark:len(s.scratch):len(s.scratch)], nil
		case c == '\\':
			s.scratch = append(s.scratch, b[from:i]...)
			n := s.escape(b[i:])
			if n == 0 {
				return nil, s.fail(reasons.BadEscape, strconv.Itoa(i))
			}
			i += n
			from = i
		case c < 0x20:
			return nil, s.fail(reasons.Control, strconv.Itoa(i))
		case c < 0x80:
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				return nil, s.fail(reasons.NotUTF8, strconv.Itoa(i))
			}
			i += n
		}
	}
	return nil, s.fail(reasons.Unended)
}

// shortEscapes is what a backslash and a letter stand for.
var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape appends what the escape at the start of b stands for and returns its length, 0 if it is invalid. A lone
// surrogate becomes U+FFFD, as in encoding/json.
func (s *scanner) escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	if c := shortEscapes[b[1]]; c != 0 {
		s.scratch = append(s.scratch, c)
		return 2
	}
	r := hex4(b)
	if r < 0 {
		return 0
	}
	if utf16.IsSurrogate(r) {
		if full := utf16.DecodeRune(r, hex4(b[6:])); full != utf8.RuneError {
			s.scratch = utf8.AppendRune(s.scratch, full)
			return 12
		}
		r = utf8.RuneError
	}
	s.scratch = utf8.AppendRune(s.scratch, r)
	return 6
}

func hex4(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	v := rune(0)
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return -1
		}
	}
	return v
}

// skip skips any value, and checks that it is JSON.
func (s *scanner) skip(depth int) *Error {
	if depth > maxDepth {
		return s.fail(reasons.TooDeep, strconv.Itoa(maxDepth))
	}
	switch c := s.next(); {
	case c == '{':
		return s.members(func([]byte) *Error { return s.skip(depth + 1) })
	case c == '[':
		return s.elements(func() *Error { return s.skip(depth + 1) })
	case c == '"':
		_, e := s.str()
		return e
	case c == '-' || c >= '0' && c <= '9':
		_, e := s.number()
		return e
	}
	for _, word := range []string{"true", "false", "null"} {
		if len(s.b)-s.i >= len(word) && string(s.b[s.i:s.i+len(word)]) == word {
			s.i += len(word)
			return nil
		}
	}
	return s.unexpected(reasons.Value)
}

// clip returns the start of a value for a message.
func clip(b []byte) string {
	most := 40
	if len(b) > most {
		for !utf8.RuneStart(b[most]) {
			most--
		}
		return string(b[:most]) + "…"
	}
	return string(b)
}
