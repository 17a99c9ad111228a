package churn

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// ReadLabels reads who left and when: lines of customer_id,time, or the truth file of a simulated feed.
func ReadLabels(file string) (map[string]time.Time, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading labels: %w", err)
	}
	left := map[string]time.Time{}
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		var truth struct {
			Left []struct {
				CustomerID string    `json:"customer_id"`
				At         time.Time `json:"at"`
			} `json:"left"`
		}
		if err := json.Unmarshal(b, &truth); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, l := range truth.Left {
			left[l.CustomerID] = l.At
		}
		return left, nil
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		i := strings.LastIndexByte(line, ',')
		if i < 0 {
			return nil, fmt.Errorf("%s:%d: must be customer_id,time, like c-7,2026-03-01T00:00:00Z", file, n)
		}
		at, err := time.Parse(time.RFC3339, line[i+1:])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %q is not a time like 2026-03-01T00:00:00Z", file, n, line[i+1:])
		}
		left[line[:i]] = at
	}
	return left, lines.Err()
}
