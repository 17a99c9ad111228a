// Package lines reads files with one event per line, finds their topic, and checks each event as the pipeline would. Start at
// [Open] and [Checker].
package lines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"csatflow/pipeline/event"
	"csatflow/schemas/feeds"
)

// Reader reads a file with one JSON object per line.
type Reader struct {
	Name string
	Size int64 // bytes, 0 if unknown
	Line int   // number of the last line, from 1
	At   int64 // bytes read so far
	r    *bufio.Reader
	c    io.Closer
}

// Open opens a file; "-" is standard input.
func Open(name string, stdin io.Reader) (*Reader, error) {
	if name == "-" {
		return &Reader{Name: "standard input", r: bufio.NewReaderSize(stdin, 1<<20), c: io.NopCloser(nil)}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening events: %w", err)
	}
	l := &Reader{Name: name, r: bufio.NewReaderSize(f, 1<<20), c: f}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		l.Size = info.Size()
	}
	return l, nil
}

// Close closes the file.
func (l *Reader) Close() error { return l.c.Close() }

// Next returns the next line that is not blank, without its end; it is valid until the next call. io.EOF at the end.
func (l *Reader) Next() ([]byte, error) {
	for {
		line, err := l.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long := append([]byte(nil), line...)
			var rest []byte
			rest, err = l.r.ReadBytes('\n')
			line = append(long, rest...)
		}
		l.At += int64(len(line))
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading %s: %w", l.Name, err)
		}
		if len(line) == 0 {
			return nil, io.EOF
		}
		l.Line++
		if line = bytes.TrimRight(line, "\r\n"); len(bytes.TrimSpace(line)) > 0 {
			return line, nil
		}
	}
}

// FeedOf returns a file's topic: told if set, else by the file's name, else by its first events.
func (l *Reader) FeedOf(told string) (string, error) {
	if told != "" {
		return told, nil
	}
	base := strings.TrimPrefix(filepath.Base(l.Name), "csat.")
	for _, f := range feeds.Names() {
		if strings.HasPrefix(base, f) {
			return f, nil
		}
	}
	const enough = 64 << 10
	start, err := l.r.Peek(enough)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading %s: %w", l.Name, err)
	}
	for line := range bytes.Lines(start) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(line, &fields) != nil {
			continue
		}
		if feed := tells(fields); feed != "" {
			return feed, nil
		}
	}
	return "", fmt.Errorf("%s: cannot tell which topic it is for: pass --topic (one of %s)", l.Name, strings.Join(feeds.Names(), ", "))
}

// tells returns the feed with most of its own required fields in an event, "" if none has any.
func tells(fields map[string]json.RawMessage) (feed string) {
	most := 0
	for _, f := range feeds.All {
		n := 0
		for _, name := range f.Telling() {
			if _, found := fields[name]; found {
				n++
			}
		}
		if n > most {
			feed, most = f.Name, n
		}
	}
	return feed
}

// Checker checks events of one topic with the pipeline's decoder, which agrees with the schemas.
type Checker struct {
	Feed    string
	Words   event.Words // that the owner adds to the enumerations of events
	decoder event.Decoder
}

// Check returns an event's error, and its key if that can be read.
func (c *Checker) Check(line []byte) (key []byte, err error) {
	c.decoder.Words = c.Words
	if key, _, err = c.decoder.KeyOf(c.Feed, line); err == nil {
		return key, nil
	}
	return LooseKey(line), err
}

// LooseKey returns the key of a bad event, so that it goes to the partition of its customer or store.
func LooseKey(line []byte) []byte {
	var fields map[string]any
	if json.Unmarshal(line, &fields) != nil {
		return nil
	}
	for _, f := range feeds.All {
		for _, name := range f.Key {
			if id, _ := fields[name].(string); id != "" {
				return []byte(id)
			}
		}
	}
	return nil
}
