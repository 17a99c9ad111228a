package records

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"csatflow/pipeline/intake"
)

// csv reads lines of values. A payload is a map from the names in the header to texts.
func (r *Reader) csv(from io.Reader) error {
	b := bufio.NewReaderSize(from, 1<<20)
	skipBOM(b)
	start, _ := b.Peek(64 << 10) // a short file is all of it
	header, _, _ := strings.Cut(string(start), "\n")
	c := csv.NewReader(b)
	c.FieldsPerRecord = -1
	c.Comma = separator(header)
	names, err := c.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("is empty: the first line has the names of the columns")
	}
	if err != nil {
		return err
	}
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if slices.Contains(names[:i], names[i]) {
			return fmt.Errorf("two columns are called %q", names[i])
		}
	}
	r.At = 1
	r.next = func() (*intake.Payload, error) {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			r.At = int64(bad.StartLine)
			return nil, &BadError{bad.Err}
		}
		if err != nil {
			return nil, err
		}
		line, _ := c.FieldPos(0)
		r.At = int64(line)
		if len(row) != len(names) {
			return nil, &BadError{fmt.Errorf("has %d columns, and the header %d", len(row), len(names))}
		}
		m := make(map[string]any, len(names))
		for i, v := range row {
			if !utf8.ValidString(v) {
				return nil, &BadError{fmt.Errorf("column %s is not UTF-8: convert the file (iconv -f windows-1252 -t utf-8)", names[i])}
			}
			m[names[i]] = v
		}
		return &intake.Payload{Message: m}, nil
	}
	return nil
}

// separator is the one of comma, semicolon and tab that the header has most often.
func separator(header string) rune {
	best := ','
	for _, c := range ";\t" {
		if strings.Count(header, string(c)) > strings.Count(header, string(best)) {
			best = c
		}
	}
	return best
}
