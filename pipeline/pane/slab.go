package pane

// slab holds the counters of many panes, in words, in a few large pieces of memory without pointers, so that the
// garbage collector has nothing to scan. Freed runs are reused.
type slab struct {
	pieces     [][]uint64
	piece, end int        // where the next run goes
	free       [][]uint32 // freed runs, by length
}

const (
	pieceBits = 11
	pieceLen  = 1 << pieceBits
)

// take returns the address of a run of n words, not cleared; n is at most pieceLen.
func (s *slab) take(n int) uint32 {
	if n < len(s.free) {
		if f := s.free[n]; len(f) > 0 {
			at := f[len(f)-1]
			s.free[n] = f[:len(f)-1]
			return at
		}
	}
	if s.end+n > pieceLen {
		s.piece, s.end = s.piece+1, 0
	}
	if s.piece >= len(s.pieces) {
		s.pieces = append(s.pieces, make([]uint64, pieceLen))
	}
	at := uint32(s.piece)<<pieceBits | uint32(s.end)
	s.end += n
	return at
}

// run returns the n words at an address.
func (s *slab) run(at uint32, n int) []uint64 {
	from := int(at & (pieceLen - 1))
	return s.pieces[at>>pieceBits][from : from+n : from+n]
}

func (s *slab) give(at uint32, n int) {
	for len(s.free) <= n {
		s.free = append(s.free, nil)
	}
	s.free[n] = append(s.free[n], at)
}

// reset frees all runs at once and keeps the memory.
func (s *slab) reset() {
	s.piece, s.end = 0, 0
	for n := range s.free {
		s.free[n] = s.free[n][:0]
	}
}
