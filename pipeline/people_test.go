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
		type kept struct {
			number                uint32
			complaints, purchases []byte
			responses             []byte
		}
		want := map[string]*kept{}
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
				s = &kept{number: number}
				want[name] = s
			}
			is := p.state(number)
			got := is.id
			if number != s.number || string(got) != id || !bytes.Equal(is.complaints, s.complaints) || !bytes.Equal(is.purchases, s.purchases) || !bytes.Equal(is.responses, s.responses) {
				t.Fatalf("%s is number %d, %s, with %d, %d and %d bytes, want number %d, %d, %d and %d", name, number, got, len(is.complaints), len(is.purchases), len(is.responses), s.number, len(s.complaints), len(s.purchases), len(s.responses))
			}
			switch r.IntN(5) {
			case 0:
				s.complaints = sized()
			case 4:
				s.purchases = sized()
			case 1, 2:
				s.responses = sized()
			}
			is.complaints, is.purchases = s.complaints, s.purchases
			p.end(number, append(p.begin(&is), s.responses...))
		}
		live, held := 0, 0
		for _, s := range want {
			is := p.state(s.number)
			if !bytes.Equal(is.complaints, s.complaints) || !bytes.Equal(is.purchases, s.purchases) || !bytes.Equal(is.responses, s.responses) {
				t.Fatalf("%s is not as it was kept", is.id)
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
