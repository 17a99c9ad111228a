package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// open reports whether the other side has left a silent connection open.
func open(t *testing.T, c net.Conn) bool {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to be: " + what)
		}
	}
}

func TestOneClientCannotTakeAllConnections(t *testing.T) {
	s := serve(t, func() {})
	var idle []net.Conn
	for range mostOfClient + 20 {
		idle = append(idle, dial(t, s.Addr()))
	}
	eventually(t, "those beyond the bound are closed", func() bool { return !open(t, idle[len(idle)-1]) })
	b := s.listener.(*bounded)
	b.mu.Lock()
	held := b.all
	b.mu.Unlock()
	if held > mostOfClient || mostOfClient > mostConnections/2 {
		t.Errorf("one client holds %d connections of %d", held, mostConnections)
	}
	if c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", s.Addr()); err != nil || !open(t, c) {
		t.Errorf("another client is not let in (%v)", err)
	} else {
		_ = c.Close()
	}
	for _, c := range idle {
		_ = c.Close()
	}
	eventually(t, "the client is let in again", func() bool {
		res, err := http.Get("http://" + s.Addr() + "/healthz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// stream opens the stream of news.
func stream(t *testing.T, s *Server) (status int, header http.Header, body io.Reader) {
	t.Helper()
	res, err := (&http.Client{Transport: &http.Transport{}}).Get("http://" + s.Addr() + "/api/v1/live")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res.StatusCode, res.Header, res.Body
}

func TestOneClientCannotTakeAllStreams(t *testing.T) {
	s := serve(t, func() {})
	for range s.Streams {
		if status, _, _ := stream(t, s); status != http.StatusOK {
			t.Fatalf("a stream is answered %d", status)
		}
	}
	status, header, body := stream(t, s)
	if text, err := io.ReadAll(body); err != nil || status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || !strings.Contains(string(text), "page.streams") {
		t.Errorf("one more is answered %d, %v, %s (%v)", status, header, text, err)
	}
}

func TestWhoDoesNotReadIsLetGoAndAStreamGoesOn(t *testing.T) {
	former := answerTime
	answerTime = 500 * time.Millisecond
	t.Cleanup(func() { answerTime = former })
	s := serve(t, func() {})
	_, _, listening := stream(t, s)
	lazy := dial(t, s.Addr())
	go func() { // far more than the kernel keeps
		for range 200 {
			if _, err := fmt.Fprintf(lazy, "GET /vendor/echarts.js HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
				return
			}
		}
	}()
	b := s.listener.(*bounded)
	held := func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.all
	}
	eventually(t, "both are there", func() bool { return held() == 2 })
	eventually(t, "the one that does not read is let go", func() bool { return held() == 1 })
	begun, beats := time.Now(), 0
	lines := bufio.NewScanner(listening)
	for beats < 2 && lines.Scan() {
		if lines.Text() == "event: beat" {
			beats++
		}
	}
	if beats < 2 || time.Since(begun) < 4*answerTime {
		t.Errorf("%d beats in %v: %v", beats, time.Since(begun), lines.Err())
	}
}
