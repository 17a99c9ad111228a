package identity

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Customers and terminals, with equal and different ids, whose states grow, shrink and stay, some longer than a piece:
// each comes back as last set, and the memory stays near their total.
func TestIdentitiesComeBackAsTheyWereKept(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := New()
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
			_, known := p.Find([]byte(id), terminal)
			s := want[name]
			if known != (s != nil) {
				t.Fatalf("%s is known: %v", name, known)
			}
			number := p.Number([]byte(id), terminal)
			if s == nil {
				s = &kept{number: number}
				want[name] = s
			}
			is := p.State(number)
			got := is.ID
			if number != s.number || string(got) != id || !bytes.Equal(is.Complaints, s.complaints) || !bytes.Equal(is.Purchases, s.purchases) || !bytes.Equal(is.Responses, s.responses) {
				t.Fatalf("%s is number %d, %s, with %d, %d and %d bytes, want number %d, %d, %d and %d", name, number, got, len(is.Complaints), len(is.Purchases), len(is.Responses), s.number, len(s.complaints), len(s.purchases), len(s.responses))
			}
			switch r.IntN(5) {
			case 0:
				s.complaints = sized()
			case 4:
				s.purchases = sized()
			case 1, 2:
				s.responses = sized()
			}
			is.Complaints, is.Purchases = s.complaints, s.purchases
			p.End(number, append(p.Begin(&is), s.responses...))
		}
		live, held := 0, 0
		for _, s := range want {
			is := p.State(s.number)
			if !bytes.Equal(is.Complaints, s.complaints) || !bytes.Equal(is.Purchases, s.purchases) || !bytes.Equal(is.Responses, s.responses) {
				t.Fatalf("%s is not as it was kept", is.ID)
			}
			_, whole := p.runs.at(p.At(s.number).run)
			live += whole
		}
		for _, x := range p.runs.pieces {
			held += cap(x.b)
		}
		if p.count != len(want) || live != p.runs.live || held != p.runs.held || held > live*gapsShare/(gapsShare-1)+4*pieceSize {
			t.Errorf("%d identities with %d bytes, of which %d live; it says %d, %d and %d", len(want), held, live, p.count, p.runs.held, p.runs.live)
		}
	}
}
