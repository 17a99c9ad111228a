package pane

// slab holds the counters of many panes, in words, in a few large pieces of memory: nothing in it is of any interest to
// the garbage collector, and runs that are given back are used again.
type slab struct {
	pieces     [][]uint64
	piece, end int        // where the next run goes
	free       [][]uint32 // runs given back, by length
}

const (
	pieceBits = 11
	pieceLen  = 1 << pieceBits
)

// take gives the place of a run of n words, whatever is in them; n is at most pieceLen.
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

// run gives the n words at a place.
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

// reset gives all runs back at once; the memory stays for the next.
func (s *slab) reset() {
	s.piece, s.end = 0, 0
	for n := range s.free {
		s.free[n] = s.free[n][:0]
	}
}
