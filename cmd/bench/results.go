package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// result is a line of the peers' results.
type result struct {
	Peer      string  `json:"peer"`
	Guarantee string  `json:"guarantee"`
	Events    int64   `json:"events"`
	Wall      float64 `json:"wall_s"`
	CPU       float64 `json:"cpu_s"`
	Broker    float64 `json:"broker_cpu_s"`
	RSS       float64 `json:"rss_mib"`
	Check     string  `json:"check"`
}

// readPeers returns a row for each peer and guarantee, in the order of their first runs.
func readPeers(path string) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("results of the peers: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	var rows []row
	for d := json.NewDecoder(f); ; {
		var r result
		if err := d.Decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("results of the peers, %s: %w", path, err)
		}
		if r.Check == "DIFFERENT" {
			return nil, fmt.Errorf("results of the peers, %s: the outputs of %s %s are wrong", path, r.Peer, r.Guarantee)
		}
		name := strings.TrimSuffix(r.Peer+" "+r.Guarantee, " -")
		i := slices.IndexFunc(rows, func(row row) bool { return row.name == name })
		if i < 0 {
			i, rows = len(rows), append(rows, row{name: name})
		}
		rows[i].runs = append(rows[i].runs, r.figures())
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("results of the peers, %s: there are none", path)
	}
	return rows, nil
}

func (r *result) figures() *figures {
	return &figures{events: r.Events, wall: seconds(r.Wall), cpu: seconds(r.CPU), broker: seconds(r.Broker), rss: int64(r.RSS * (1 << 20))}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
