// Package logtest has what tests read logs with.
package logtest

import (
	"strings"
	"sync"
)

// Buffer collects what several goroutines write, and can be read meanwhile.
type Buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Count returns how often words were written so far.
func (b *Buffer) Count(words string) int { return strings.Count(b.String(), words) }
