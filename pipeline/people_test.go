package pipeline

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Customers and terminals of the same and of other ids, whose states grow, shrink and stay, some of them longer than a
// piece: each comes back as it was last set, and the memory stays near what they take.
func TestPeopleComeBackAsTheyWereKept(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := newPeople()
		type state struct {
			number                uint32
			complaints, responses []byte
		}
		want := map[string]*state{}
		sized := func() []byte {
			n := r.IntN(300)
			if r.IntN(2000) == 0 {
				n = r.IntN(3 * pieceSize)
			}
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		}
		for range 20_000 {
			id, terminal := fmt.Sprintf("c%d", r.IntN(1+5000*int(seed))), r.IntN(4) == 0
			name := fmt.Sprint(id, terminal)
			_, known := p.find([]byte(id), terminal)
			s := want[name]
			if known != (s != nil) {
				t.Fatalf("%s is known: %v", name, known)
			}
			number := p.number([]byte(id), terminal)
			if s == nil {
				s = &state{number: number}
				want[name] = s
			}
			got, complaints, responses := p.state(number)
			if number != s.number || string(got) != id || !bytes.Equal(complaints, s.complaints) || !bytes.Equal(responses, s.responses) {
				t.Fatalf("%s is number %d, %s, with %d and %d bytes, want number %d, %d and %d", name, number, got, len(complaints), len(responses), s.number, len(s.complaints), len(s.responses))
			}
			switch r.IntN(4) {
			case 0:
				s.complaints = sized()
			case 1, 2:
				s.responses = sized()
			}
			p.end(number, append(p.begin(got, s.complaints), s.responses...))
		}
		live, held := 0, 0
		for _, s := range want {
			id, complaints, responses := p.state(s.number)
			if !bytes.Equal(complaints, s.complaints) || !bytes.Equal(responses, s.responses) {
				t.Fatalf("%s is not as it was kept", id)
			}
			_, whole := p.runs.at(p.at(s.number).run)
			live += whole
		}
		for _, x := range p.runs.pieces {
			held += cap(x.b)
		}
		if p.count != len(want) || live != p.runs.live || held != p.runs.held || held > live*gapsShare/(gapsShare-1)+4*pieceSize {
			t.Errorf("%d people with %d bytes, of which %d live; it says %d, %d and %d", len(want), held, live, p.count, p.runs.held, p.runs.live)
		}
	}
}
