// Package profile writes the profiles of a running command for go tool pprof.
package profile

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// Heap writes a heap profile whenever the heap has grown by a tenth, until it is stopped.
func Heap(file string, failed func(error)) (stop func()) {
	done := make(chan struct{})
	go func() {
		largest := uint64(0)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Second):
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapInuse < largest+largest/10 {
				continue
			}
			largest = m.HeapInuse
			if err := writeHeap(file); err != nil {
				failed(err)
			}
		}
	}()
	return func() { close(done) }
}

func writeHeap(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// CPU writes a CPU profile until it is stopped.
func CPU(file string) (stop func(), err error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // the profile is complete by then
	}, nil
}
