package output

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a text from outside safe for a terminal: invisible characters become Go escapes, so that none moves the cursor,
// sets colours or titles, or changes the reading direction.
func Printable(text string) string { return shownAs(text, false) }

// PrintableText is Printable for a text of several lines.
func PrintableText(text string) string { return shownAs(text, true) }

func shownAs(text string, lines bool) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i])|0x100, 16)[1:])
		case unicode.IsPrint(r), lines && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// Escaping writes JSON, and escapes the control characters that JSON allows in strings (delete and U+0080 to U+009F).
type Escaping struct{ io.Writer }

func (e Escaping) Write(b []byte) (int, error) {
	var out bytes.Buffer
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r >= 0x7f && r <= 0x9f {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.Write(b[i : i+n])
		}
		i += n
	}
	if _, err := e.Writer.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}
