package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestChaos runs three processes on a real Apache Kafka and ClickHouse's engine while events arrive, and breaks processes,
// servers, the network between them, and the disk. In the end every count must be right. CSATFLOW_TEST_CHAOS=short takes
// some minutes, =long about an hour; without it the test is left out (make chaos runs it). CSATFLOW_TEST_FAULTS picks
// faults by a regular expression.
func TestChaos(t *testing.T) {
	times := map[string]int{"short": 1, "long": 12}[os.Getenv("CSATFLOW_TEST_CHAOS")]
	if times == 0 {
		t.Skip("CSATFLOW_TEST_CHAOS is not set to short or long")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 9))
	a := newCluster(t)
	events := 100_000 * times
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", fmt.Sprint(events), "--seed", "23", "--duplicates", "0.03", "--late", "0.1", "--bad", "0.001", "--start", longAgo(), "--duration", "96h", "--side-topics")
	sent := a.send(t, dir, time.Duration(times)*time.Duration(len(a.faults(r, 1)))*3500*time.Millisecond)
	for range 3 {
		a.keep(t)
	}
	faults := a.faults(r, times)
	for i, f := range faults {
		time.Sleep(pause(r))
		t.Logf("%s fault %d of %d: %s", time.Now().Format("15:04:05"), i+1, len(faults), f.name)
		if err := f.do(); err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		a.count[f.name]++
		if err := a.trouble(); err != nil {
			t.Fatal(err)
		}
	}
	sent()
	applied := a.applied(t)
	a.stop(t)
	must(t, "run", "--config", a.file, "--until-end")
	total := a.logEnds(t)
	t.Logf("%d messages in the topics, %d of them processed while things broke; %d starts of run", total, applied, a.starts.Load())
	for name, n := range a.count {
		t.Logf("%4d × %s", n, name)
	}
	if applied < total/4 {
		t.Errorf("only %d of %d messages were processed while things broke: too few to have tried anything", applied, total)
	}
	a.everyMessageIsThere(t, total)
	compareWithRaw(t, a.connect(t))
	t.Log(must(t, "audit", "--config", a.file))
}

// pause is the time before a fault: often too short to recover from the last one.
func pause(r *rand.Rand) time.Duration {
	if r.IntN(3) == 0 {
		return time.Duration(100+r.IntN(900)) * time.Millisecond
	}
	return time.Duration(2000+r.IntN(4000)) * time.Millisecond
}

// fault breaks something and, unless it passes by itself, repairs it.
type fault struct {
	name string
	do   func() error
}

// faults returns the faults of one run, in random order.
func (a *cluster) faults(r *rand.Rand, times int) (list []fault) {
	add := func(n int, name string, do func() error) {
		for range n * times {
			list = append(list, fault{name, do})
		}
	}
	kills := 50
	if times == 1 {
		kills = 25
	}
	some := func() *keeper { return a.keepers[r.IntN(len(a.keepers))] }
	add(kills, "SIGKILL of a process", func() error { return some().signal(syscall.SIGKILL) })
	add(3, "SIGSTOP of a process for longer than its session", func() error {
		k := some()
		if err := k.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		time.Sleep(sessionTimeout + 2*time.Second)
		return k.signal(syscall.SIGCONT)
	})
	add(2, "SIGKILL of Kafka", func() error {
		if err := a.broker.Kill(); err != nil {
			return err
		}
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
		return a.broker.Restart(a.ctx)
	})
	add(3, "SIGKILL of ClickHouse", func() error {
		if err := a.engine.Kill(); err != nil {
			return err
		}
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
		return a.startEngine()
	})
	if a.disk != "" {
		add(2, "no space left on ClickHouse's disk", func() error {
			filler := filepath.Join(a.disk, "filler")
			if err := fill(filler, a.disk); err != nil {
				return err
			}
			time.Sleep(8 * time.Second)
			return os.Remove(filler)
		})
	}
	for name, toxic := range map[string]string{
		"slow network":                          `{"type": "latency", "attributes": {"latency": 300, "jitter": 200}}`,
		"narrow network":                        `{"type": "bandwidth", "attributes": {"rate": 50}}`,
		"connections reset":                     `{"type": "reset_peer", "attributes": {"timeout": 200}}`,
		"connections cut after some data":       `{"type": "limit_data", "attributes": {"bytes": 30000}}`,
		"network that swallows all":             `{"type": "timeout", "attributes": {"timeout": 0}}`,
		"network in slices that swallows later": `{"type": "slicer", "attributes": {"average_size": 100, "size_variation": 50, "delay": 1000}}`,
	} {
		for server, proxy := range a.proxies {
			add(1, name+" ("+server+")", func() error {
				return proxy.spoil([]string{"upstream", "downstream"}[r.IntN(2)], toxic, 4*time.Second)
			})
		}
	}
	only := regexp.MustCompile(os.Getenv("CSATFLOW_TEST_FAULTS"))
	list = slices.DeleteFunc(list, func(f fault) bool { return !only.MatchString(f.name) })
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
