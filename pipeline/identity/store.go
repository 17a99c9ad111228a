// Package identity keeps the customers and terminals of one partition by the million: a number for each, an index by id, and its
// state as one run of bytes in a log-structured memory. What the bytes mean is the caller's. Start at [Store].
package identity

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline/index"
)

// Store holds the customers and terminals of a partition, numbered as they are met. There may be ten millions: what is
// kept of one is 16 bytes here, an entry of the index, and a run of bytes.
type Store struct {
	list  [][]Identity // in parts, so that growing copies nothing
	count int
	index index.Index
	runs  *log
	body  []byte // of the run that is being made
}

// Identity is what is kept of one customer or terminal beside its run: the id, the complaints and the purchases with their
// lengths, and the responses.
type Identity struct {
	run      address
	Change   uint32 // the caller's: 0 at first
	Band     uint8  // the caller's: 0 at first
	Terminal bool
}

const listPart = 1 << 12

// New makes an empty store.
func New() *Store {
	p := &Store{}
	p.runs = newLog(func(number uint32) *address { return &p.At(number).run })
	return p
}

// At gives the identity of a number.
func (p *Store) At(number uint32) *Identity { return &p.list[number/listPart][number%listPart] }

func hashOf(id []byte, terminal bool) uint32 {
	h := xxhash.Sum64(id)
	if terminal {
		h = ^h
	}
	return uint32(h>>32) ^ uint32(h)
}

// Find gives the number of a customer or terminal.
func (p *Store) Find(id []byte, terminal bool) (number uint32, found bool) {
	return p.indexed(hashOf(id, terminal), id, terminal)
}

func (p *Store) indexed(hash uint32, id []byte, terminal bool) (number uint32, found bool) {
	return p.index.Find(hash, func(n uint32) bool { return p.At(n).Terminal == terminal && string(p.ID(n)) == string(id) })
}

// Number finds or makes a customer or terminal.
func (p *Store) Number(id []byte, terminal bool) uint32 {
	hash := hashOf(id, terminal)
	if n, found := p.indexed(hash, id, terminal); found {
		return n
	}
	n := uint32(p.count)
	if p.count%listPart == 0 {
		p.list = append(p.list, make([]Identity, listPart))
	}
	p.count++
	p.index.Add(hash, n)
	p.body = binary.AppendUvarint(p.body[:0], uint64(len(id)))
	p.body = append(append(p.body, id...), 0, 0) // no complaints, no purchases, no responses
	*p.At(n) = Identity{run: nowhere, Terminal: terminal}
	p.runs.set(n, p.body)
	return n
}

// ID gives an identity's id, as part of the run.
func (p *Store) ID(number uint32) []byte {
	run, _ := p.runs.at(p.At(number).run)
	id, _ := takePart(run)
	return id
}

// takePart takes a part with its length off a run.
func takePart(run []byte) (part, rest []byte) {
	length, n := binary.Uvarint(run)
	to := n + int(length)
	return run[n:to:to], run[to:]
}

// State gives the parts of an identity's run: the id, and the histories in the form in which the caller keeps them. They hold
// until a run changes.
func (p *Store) State(number uint32) (s State) {
	run, _ := p.runs.at(p.At(number).run)
	s.ID, run = takePart(run)
	s.Complaints, run = takePart(run)
	s.Purchases, s.Responses = takePart(run)
	return s
}

// State is the parts of an identity's run.
type State struct{ ID, Complaints, Purchases, Responses []byte }

// Begin begins another run for an identity: all but the responses, which the caller appends. It is put with End.
func (p *Store) Begin(s *State) []byte {
	b := p.body[:0]
	for _, part := range [...][]byte{s.ID, s.Complaints, s.Purchases} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b
}

// End puts a run that was begun with Begin.
func (p *Store) End(number uint32, body []byte) {
	p.body = body
	p.runs.set(number, body)
}

// Len is how many customers and terminals there are: their numbers are below it.
func (p *Store) Len() int { return p.count }
