package simulate

import (
	"fmt"
	"slices"
)

// Latent values are whole numbers of 1/256 of a step of a seven-level scale.
const step = 256

var (
	regions           = []string{"north", "south", "east", "west"}
	productCategories = []string{"grocery", "kitchen", "garden", "electronics", "clothing", "toys", "furniture", "beauty"}
	customerTypes     = []string{"retail", "merchant", "channel", "internal"}
)

// Touchpoints.
const (
	tPurchase = iota
	tCheckout
	tReturn
	tAdvice
	tDelivery
	tCall
)

// touchpoints are the moments of truth: how often of 32, their effect on performance, and where they are graded.
var touchpoints = []struct {
	name    string
	often   int
	adjust  int
	sources []string
}{
	tPurchase: {"purchase", 10, 30, []string{"pos", "pos", "pos", "app"}},
	tCheckout: {"checkout", 8, 0, []string{"pos", "pos", "pos", "web"}},
	tReturn:   {"return", 3, -110, []string{"service_desk"}},
	tAdvice:   {"advice", 3, 60, []string{"pos", "app"}},
	tDelivery: {"delivery", 3, -40, []string{"app", "web"}},
	tCall:     {"call", 5, -30, []string{"call"}},
}

type store struct {
	id, region         string
	weight             int
	quality            int   // latent, around 0
	recovery           int64 // mean time of recovery, ms
	first, n           int   // its employees on the floor
	firstAgent, agents int   // its employees in the call centre; a small chain has none for some stores
	members            []byte
	terminals          int
	falls              []fall
}

type employee struct {
	id      string
	quality int // latent, around 0
}

type customer struct {
	home     int32
	active   int32 // index in the list of those who still answer
	base     int16 // latent: generous or not
	harsh    int16 // latent: how much is expected
	mood     int16 // latent: what the last complaint left behind, fading
	voice    uint8 // propensity to complain, 64 is usual
	talk     uint8 // of 256: how much is answered beyond the grade
	kind     uint8 // customerTypes
	left     bool
	leaving  bool
	silent   bool  // leaves without a sign
	blames   bool  // leaves for a reason of ours
	reason   uint8 // leaveReasons
	complain bool  // has a complaint that is not over
}

// chain is the company. Only its customers change while the feed runs.
type chain struct {
	stores    []store
	employees []employee
	customers []customer
	touch     []uint8 // touchpoints, as often as they occur
}

func newChain(c *Config, rnd source) *chain {
	w := &chain{customers: make([]customer, c.Customers), stores: make([]store, c.Stores), employees: make([]employee, c.Employees)}
	// The last employees are the call centre. Each works for one store, so that an employee always belongs to the same
	// store.
	floor := max(c.Stores, c.Employees-max(1, c.Employees*15/100))
	agents := c.Employees - floor
	sum := 0
	for i := range w.stores {
		s := &w.stores[i]
		s.id, s.region = storeID(i), regions[i%len(regions)]
		s.weight, s.quality = int(rnd.between(40, 200)), rnd.normal(70)
		if c.Weights != nil {
			s.weight = c.Weights[i]
		}
		s.recovery, s.terminals = rnd.between(4*hourMS, 14*hourMS), 1+rnd.below(3)
		s.first = i * floor / c.Stores
		s.n = (i+1)*floor/c.Stores - s.first
		s.firstAgent = floor + i*agents/c.Stores
		s.agents = floor + (i+1)*agents/c.Stores - s.firstAgent
		s.members = fmt.Appendf(nil, `,"store_id":%q,"region":%q`, s.id, s.region)
		sum += s.weight
	}
	for i := range w.employees {
		w.employees[i] = employee{id: fmt.Sprintf("e-%04d", i+1), quality: rnd.normal(100)}
	}
	upTo := make([]int, len(w.stores))
	total := 0
	for i := range w.stores {
		total += w.stores[i].weight
		upTo[i] = total
	}
	for i := range w.customers {
		home, _ := slices.BinarySearch(upTo, rnd.below(sum)+1)
		w.customers[i] = customer{
			home: int32(home), active: int32(i), base: int16(rnd.normal(100)), harsh: int16(rnd.normal(120)),
			voice: uint8(clamp(64+rnd.normal(48), 4, 255)), talk: uint8(clamp(128+rnd.normal(60), 20, 250)), kind: customerKind(rnd),
		}
	}
	for i, t := range touchpoints {
		for range t.often {
			w.touch = append(w.touch, uint8(i))
		}
	}
	return w
}

func storeID(i int) string { return fmt.Sprintf("store-%03d", i+1) }

// storeNumber returns the index of a store, -1 for an unknown one.
func storeNumber(id string, stores int) int {
	var i int
	if _, err := fmt.Sscanf(id, "store-%d", &i); err != nil || i < 1 || i > stores || storeID(i-1) != id {
		return -1
	}
	return i - 1
}

func customerKind(rnd source) uint8 {
	switch n := rnd.below(100); {
	case n < 82:
		return 0
	case n < 92:
		return 1
	case n < 97:
		return 2
	}
	return 3
}
