package clickhouseserver

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// body returns as much of an HTTP body as arrived, decompressed, with the tag of its header replaced.
func (s side) body(ctx context.Context, query, statement, encoding string) (status int, text string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.http+"/?"+query, strings.NewReader(statement))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept-Encoding", encoding) // so that the transport does not decompress
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	b, err := io.ReadAll(answer.Body)
	if answer.Header.Get("Content-Encoding") == "gzip" {
		z, bad := gzip.NewReader(bytes.NewReader(b))
		if bad != nil {
			return answer.StatusCode, "", bad
		}
		b, _ = io.ReadAll(z) // it has no end, like the body
	}
	tag := answer.Header.Get("X-ClickHouse-Exception-Tag")
	if !regexp.MustCompile(`^[a-z]{16}$`).MatchString(tag) {
		return answer.StatusCode, "", fmt.Errorf("tag %q", tag)
	}
	return answer.StatusCode, strings.ReplaceAll(string(b), tag, "TAG"), err
}

var (
	midway  = regexp.MustCompile(`\r\n__exception__\r\nTAG\r\n(?s:(Code: .*\n))(\d+) TAG\r\n__exception__\r\n$`)
	elapsed = regexp.MustCompile(`elapsed [\d.]+ ms`)
)

func TestAnErrorAfterTheFirstRowsStandsAtTheEndOfTheBodyOverHTTP(t *testing.T) {
	b := startBoth(t)
	const slow = "SELECT sleepEachRow(0.2), number FROM numbers(30)"
	for name, c := range map[string]struct {
		query, statement, encoding string
		kill                       bool
		words                      string
	}{
		"KILL QUERY":       {"max_block_size=1&max_threads=1", slow, "", true, "Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)"},
		"KILL QUERY, JSON": {"max_block_size=1&max_threads=1&default_format=JSONEachRow", slow, "", true, "Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)"},
		"over its time":    {"max_block_size=1&max_threads=1&max_execution_time=1", slow, "", false, "Code: 159. DB::Exception: Timeout exceeded"},
		"a row that fails": {"max_threads=1", "SELECT throwIf(number = 3000000), number FROM numbers(4000000)", "", false, "Code: 395. DB::Exception: Value passed to 'throwIf' function is non-zero"},
		"compressed":       {"max_threads=1&enable_http_compression=1", "SELECT throwIf(number = 3000000), number FROM numbers(4000000)", "gzip", false, "Code: 395. DB::Exception: Value passed to 'throwIf' function is non-zero"},
	} {
		t.Run(name, func(t *testing.T) {
			var ends []string
			for of, s := range map[string]side{"own handlers": b.own, "front": b.front} {
				id := fmt.Sprintf("midway %d", time.Now().UnixNano())
				if c.kill {
					go func() {
						time.Sleep(700 * time.Millisecond)
						s.ask(within(t), http.MethodPost, "", "KILL QUERY WHERE query_id = '"+id+"' ASYNC")
					}()
				}
				status, text, err := s.body(within(t), c.query+"&query_id="+strings.ReplaceAll(id, " ", "+"), c.statement, c.encoding)
				end := midway.FindStringSubmatch(text)
				if status != http.StatusOK || !strings.HasPrefix(text, "0\t0\n") && !strings.HasPrefix(text, "{") || end == nil {
					t.Fatalf("%s: %d, %v: %.100q … %q", of, status, err, text, text[max(0, len(text)-300):])
				}
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%s: the body ends as a whole one: %v", of, err)
				}
				if !strings.HasPrefix(end[1], c.words) || end[2] != fmt.Sprint(len(end[1])) {
					t.Errorf("%s: %s bytes of %q", of, end[2], end[1])
				}
				ends = append(ends, elapsed.ReplaceAllString(end[1], ""))
			}
			if ends[0] != ends[1] {
				t.Errorf("two ends: %q", ends)
			}
		})
	}
}
