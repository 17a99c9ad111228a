// Package identity keeps millions of customers and terminals of one partition in memory: a number for each, an index by id, and
// its state as one run of bytes in a log-structured memory. The caller gives the bytes their meaning. Start at [Store].
package identity

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline/index"
)

// Store holds the customers and terminals of a partition, numbered in order of arrival. There may be ten million; each
// takes 16 bytes here, an entry of the index, and a run of bytes.
type Store struct {
	list  [][]Identity // in parts, so that growing copies nothing
	count int
	index index.Index
	runs  *log
	body  []byte // the run that is being built
}

// Identity is what is kept of one customer or terminal beside its run. The run is the id, the complaints and the
// purchases, each with its length, and the responses.
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

// At returns the identity of a number.
func (p *Store) At(number uint32) *Identity { return &p.list[number/listPart][number%listPart] }

func hashOf(id []byte, terminal bool) uint32 {
	h := xxhash.Sum64(id)
	if terminal {
		h = ^h
	}
	return uint32(h>>32) ^ uint32(h)
}

// Find returns the number of a customer or terminal.
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

// ID returns an identity's id, as a part of its run.
func (p *Store) ID(number uint32) []byte {
	run, _ := p.runs.at(p.At(number).run)
	id, _ := takePart(run)
	return id
}

// takePart takes a part with its length off the front of a run.
func takePart(run []byte) (part, rest []byte) {
	length, n := binary.Uvarint(run)
	to := n + int(length)
	return run[n:to:to], run[to:]
}

// State returns the parts of an identity's run: the id, and the histories in the caller's form. They are valid until a run
// changes.
func (p *Store) State(number uint32) (s State) {
	run, _ := p.runs.at(p.At(number).run)
	s.ID, run = takePart(run)
	s.Complaints, run = takePart(run)
	s.Purchases, s.Responses = takePart(run)
	return s
}

// State is the parts of an identity's run.
type State struct{ ID, Complaints, Purchases, Responses []byte }

// Begin returns a new run for an identity without the responses, which the caller appends. End stores it.
func (p *Store) Begin(s *State) []byte {
	b := p.body[:0]
	for _, part := range [...][]byte{s.ID, s.Complaints, s.Purchases} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b
}

// End stores a run that Begin began.
func (p *Store) End(number uint32, body []byte) {
	p.body = body
	p.runs.set(number, body)
}

// Len is the number of customers and terminals: all numbers are below it.
func (p *Store) Len() int { return p.count }
