package identity

import (
	"encoding/binary"
	"math"
)

// log holds the states of millions of customers in a few large pieces of memory without pointers, so that a customer
// costs nothing in the garbage collector or in size classes. It is a log: a state that has grown moves to the end, and
// leaves a gap. When gaps take too much of the memory, the states of the piece with the most gaps move to the end too,
// and its memory is reused (as in RAMCloud: Rumble, Kejriwal, Ousterhout, "Log-structured Memory for DRAM-based Storage",
// FAST 2014).
type log struct {
	pieces     []piece
	unused     []uint32 // pieces without memory
	tail       uint32   // the piece that is appended to
	spare      []byte   // memory of a cleared piece
	live, held int      // bytes of runs, and of all pieces
	addressOf  func(owner uint32) *address
}

// piece is a part of the log. A long run has a piece of its own.
type piece struct {
	b    []byte
	live int // bytes that are not gaps
}

// address is where a run begins. Before its bytes stand twice its owner's number, plus 1 if it is a gap, and its length.
type address struct{ piece, at uint32 }

const (
	pieceSize = 1 << 17
	longRun   = pieceSize / 8
	gapsShare = 6 // gaps take at most about 1/6 of the memory; the piece with the most then has room for a run
)

var nowhere = address{math.MaxUint32, 0}

// newLog makes an empty log. addressOf returns where the caller keeps the address of an owner's run.
func newLog(addressOf func(owner uint32) *address) *log {
	r := &log{addressOf: addressOf}
	r.tail = r.piece(pieceSize)
	return r
}

// at returns the run at an address, and its length with what stands before it. It is valid until the next change.
func (r *log) at(p address) (run []byte, whole int) {
	b := r.pieces[p.piece].b[p.at:]
	_, n := binary.Uvarint(b)
	length, m := binary.Uvarint(b[n:])
	whole = n + m + int(length)
	return b[n+m : whole : whole], whole
}

// set replaces an owner's run. The new run must not share memory with the old one.
func (r *log) set(owner uint32, run []byte) {
	to := r.addressOf(owner)
	if *to != nowhere {
		was, whole := r.at(*to)
		if len(was) == len(run) {
			copy(was, run)
			return
		}
		r.leave(*to, whole)
	}
	var head [2 * binary.MaxVarintLen64]byte
	h := binary.AppendUvarint(binary.AppendUvarint(head[:0], uint64(owner)<<1), uint64(len(run)))
	n := len(h) + len(run)
	into := r.tail
	if n > longRun {
		into = r.piece(n)
	} else if len(r.pieces[into].b)+n > pieceSize {
		r.turn()
		into = r.tail
	}
	p := &r.pieces[into]
	*to = address{into, uint32(len(p.b))}
	p.b = append(append(p.b, h...), run...)
	p.live += n
	r.live += n
}

// leave turns the run at an address into a gap.
func (r *log) leave(at address, whole int) {
	p := &r.pieces[at.piece]
	p.b[at.at] |= 1
	p.live -= whole
	r.live -= whole
	switch {
	case at.piece == r.tail && int(at.at)+whole == len(p.b):
		p.b = p.b[:at.at] // the last one leaves no gap
	case at.piece != r.tail && p.live == 0:
		r.drop(at.piece)
	}
}

// turn begins a new piece, and clears an old one if there are too many gaps.
func (r *log) turn() {
	r.tail = r.piece(pieceSize)
	if (r.held-pieceSize-r.live)*gapsShare > r.held {
		r.clear()
	}
}

// piece returns the number of a new piece for n bytes.
func (r *log) piece(n int) uint32 {
	var b []byte
	if n == pieceSize && r.spare != nil {
		b, r.spare = r.spare, nil
	} else {
		b = make([]byte, 0, n)
	}
	r.held += n
	if last := len(r.unused) - 1; last >= 0 {
		i := r.unused[last]
		r.unused = r.unused[:last]
		r.pieces[i] = piece{b: b}
		return i
	}
	r.pieces = append(r.pieces, piece{b: b})
	return uint32(len(r.pieces) - 1)
}

// drop frees a piece.
func (r *log) drop(i uint32) {
	b := r.pieces[i].b
	r.held -= cap(b)
	if cap(b) == pieceSize {
		r.spare = b[:0]
	}
	r.pieces[i] = piece{}
	r.unused = append(r.unused, i)
}

// clear moves the live runs of the piece with the most gaps to the tail, which is new.
func (r *log) clear() {
	from, most := r.tail, 0
	for i := range r.pieces {
		if gaps := cap(r.pieces[i].b) - r.pieces[i].live; gaps > most && uint32(i) != r.tail {
			from, most = uint32(i), gaps
		}
	}
	if from == r.tail {
		return
	}
	b, t := r.pieces[from].b, &r.pieces[r.tail]
	for at := 0; at < len(b); {
		owner, _ := binary.Uvarint(b[at:])
		_, whole := r.at(address{from, uint32(at)})
		if owner&1 == 0 {
			*r.addressOf(uint32(owner >> 1)) = address{r.tail, uint32(len(t.b))}
			t.b = append(t.b, b[at:at+whole]...)
			t.live += whole
		}
		at += whole
	}
	r.drop(from)
}
