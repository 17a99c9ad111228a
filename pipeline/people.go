package pipeline

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline/index"
)

// people are the customers and terminals of a partition, numbered as they are met. There may be ten millions: what is
// kept of one is 16 bytes here, an entry of the index, and a run of bytes.
type people struct {
	list  [][]person // in parts, so that growing copies nothing
	count int
	index index.Index
	runs  *runs
	body  []byte // of the run that is being made
}

// person is what is kept of one customer or terminal. Its run is the id, the complaints and the purchases with their
// lengths, and the responses: see [Task.responsesOf], [Task.complaintsOf] and [Task.purchasesOf].
type person struct {
	run      place
	change   uint32 // 1 + the place in Task.changes, 0 for nothing to be flushed
	band     uint8  // 0 before the first score, else 1 + the place in customer.Bands
	terminal bool
}

const listPart = 1 << 12

func newPeople() *people {
	p := &people{}
	p.runs = newRuns(func(number uint32) *place { return &p.at(number).run })
	return p
}

func (p *people) at(number uint32) *person { return &p.list[number/listPart][number%listPart] }

func hashOf(id []byte, terminal bool) uint32 {
	h := xxhash.Sum64(id)
	if terminal {
		h = ^h
	}
	return uint32(h>>32) ^ uint32(h)
}

// find gives the number of a customer or terminal.
func (p *people) find(id []byte, terminal bool) (number uint32, found bool) {
	return p.indexed(hashOf(id, terminal), id, terminal)
}

func (p *people) indexed(hash uint32, id []byte, terminal bool) (number uint32, found bool) {
	return p.index.Find(hash, func(n uint32) bool { return p.at(n).terminal == terminal && string(p.id(n)) == string(id) })
}

// number finds or makes a customer or terminal.
func (p *people) number(id []byte, terminal bool) uint32 {
	hash := hashOf(id, terminal)
	if n, found := p.indexed(hash, id, terminal); found {
		return n
	}
	n := uint32(p.count)
	if p.count%listPart == 0 {
		p.list = append(p.list, make([]person, listPart))
	}
	p.count++
	p.index.Add(hash, n)
	p.body = binary.AppendUvarint(p.body[:0], uint64(len(id)))
	p.body = append(append(p.body, id...), 0, 0) // no complaints, no purchases, no responses
	*p.at(n) = person{run: nowhere, terminal: terminal}
	p.runs.set(n, p.body)
	return n
}

// id gives a person's id, as part of the run.
func (p *people) id(number uint32) []byte {
	run, _ := p.runs.at(p.at(number).run)
	id, _ := takePart(run)
	return id
}

// takePart takes a part with its length off a run.
func takePart(run []byte) (part, rest []byte) {
	length, n := binary.Uvarint(run)
	to := n + int(length)
	return run[n:to:to], run[to:]
}

// state gives the parts of a person's run: the id, and the histories in the form in which the task keeps them. They hold
// until a run changes.
func (p *people) state(number uint32) (s state) {
	run, _ := p.runs.at(p.at(number).run)
	s.id, run = takePart(run)
	s.complaints, run = takePart(run)
	s.purchases, s.responses = takePart(run)
	return s
}

// state is the parts of a person's run.
type state struct{ id, complaints, purchases, responses []byte }

// begin begins another run for a person: all but the responses, which the caller appends. It is put with end.
func (p *people) begin(s *state) []byte {
	b := p.body[:0]
	for _, part := range [...][]byte{s.id, s.complaints, s.purchases} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b
}

func (p *people) end(number uint32, body []byte) {
	p.body = body
	p.runs.set(number, body)
}
