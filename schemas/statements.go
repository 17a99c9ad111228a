package schemas

import "strings"

// Statements splits a text at the semicolons that end a statement, as ClickHouse does: within a line too, but not
// within quotes and comments. A server takes one statement at a time.
func Statements(text string) (list []string) {
	start, says := 0, false // something other than spaces and comments since start
	end := func(at int) {
		if says {
			list = append(list, strings.TrimSpace(text[start:at]))
		}
		start, says = at+1, false
	}
	for i := 0; i < len(text); {
		n, silent := token(text[i:])
		if text[i] == ';' {
			end(i)
		} else if !silent {
			says = true
		}
		i += n
	}
	end(len(text))
	return list
}

// token returns the length of the text's first token: a comment, something quoted, or one byte. Spaces and comments are silent.
func token(text string) (n int, silent bool) {
	switch c := text[0]; {
	case strings.HasPrefix(text, "--"):
		return through(text, "\n", 2), true
	case strings.HasPrefix(text, "/*"):
		return through(text, "*/", 2), true
	case c == '\'' || c == '"' || c == '`': // a doubled quote begins another quoted token right after this one
		for i := 1; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case c:
				return i + 1, false
			}
		}
		return len(text), false
	default:
		return 1, c == ' ' || c == '\n' || c == '\t' || c == '\r'
	}
}

// through returns the length of text up to and including the first end after from bytes.
func through(text, end string, from int) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}
