package httpin

import (
	"errors"
	"io"
	"sync/atomic"
)

// budget is the memory that bodies may take together, bytes.
type budget struct {
	most int64
	used atomic.Int64
}

// take takes n bytes, if there are so many.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) > b.most {
		b.used.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// share is what a request has taken of a budget.
type share struct {
	of *budget
	n  int64
}

func (s *share) release() {
	s.of.give(s.n)
	s.n = 0
}

var (
	errNoMemory = errors.New("bodies of other requests take all the memory for them (intake.memory)")
	errTooLong  = errors.New("the body is too long")
)

// readAll reads at most most bytes, of which about hint are expected (-1 if unknown); it takes memory as it reads.
func (s *share) readAll(r io.Reader, hint, most int64) ([]byte, error) {
	const first = 4 << 10
	size := int64(first)
	if hint >= 0 {
		size = min(hint, most) + 1 // one more, to see the end without growing
	}
	if !s.of.take(size) {
		return nil, errNoMemory
	}
	s.n += size
	b := make([]byte, 0, size)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > most {
			return nil, errTooLong
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if len(b) < cap(b) {
			continue
		}
		more := min(int64(cap(b)), most+1-int64(cap(b)))
		if !s.of.take(more) {
			return nil, errNoMemory
		}
		s.n += more
		grown := make([]byte, len(b), int64(cap(b))+more)
		copy(grown, b)
		b = grown
	}
}
