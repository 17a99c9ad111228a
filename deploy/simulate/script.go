package simulate

import (
	"fmt"
	"slices"
	"time"
)

// Script has happenings at times that are chosen, beside the falls. Nil and empty lists are none, and draw nothing: the rest of the feed stays as
// it is, byte for byte, until the first of them.
type Script struct {
	Surges   []Surge   `json:"surges,omitempty"`
	Silences []Silence `json:"silences,omitempty"`
	Helps    []Help    `json:"helps,omitempty"`
	// Diligent lets one complaint in a hundred stay open for ever; else eight do. Of those reopened two do, else fifteen.
	Diligent bool `json:"diligent,omitempty"`
}

// Surge is a time in which a product is bad, in all stores: what is bought of it is performed worse by about Grades, and those who are
// dissatisfied with it complain four times as often, of Category.
type Surge struct {
	Product  string    `json:"product_category"`
	Category string    `json:"category"` // of the complaints
	From     time.Time `json:"from"`
	To       time.Time `json:"to"` // excluded
	Grades   float64   `json:"grades"`
}

// Silence is a time in which nothing comes from a till: its line is cut, or nobody switched it on. Responses given there are lost.
type Silence struct {
	StoreID string    `json:"store_id"`
	Till    int       `json:"till"` // 1 to 4; 0 is the whole store
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // excluded
}

// Help is a time from which on a store recovers better: complaints that are opened in it are resolved in Share of the usual time, and more is
// done for the customer.
type Help struct {
	StoreID string    `json:"store_id"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // excluded
	Share   float64   `json:"share"`
}

// check returns an error with the wrong field and the remedy.
func (s *Script) check(stores int) error {
	if s == nil {
		return nil
	}
	for i, v := range s.Surges {
		if !v.From.Before(v.To) || !slices.Contains(productCategories, v.Product) || !slices.Contains(categories, v.Category) || !(v.Grades > 0 && v.Grades <= 6) {
			return fmt.Errorf("surge %d must have a product_category of %v, a category of %v, begin before it ends, and be of 0 to 6 grades, is %+v", i+1, productCategories, categories, v)
		}
	}
	for i, v := range s.Silences {
		if !v.From.Before(v.To) || storeNumber(v.StoreID, stores) < 0 || v.Till < 0 || v.Till > tillsOfStore {
			return fmt.Errorf("silence %d must be of one of the stores (store-001 to %s), of till 1 to %d or 0, and begin before it ends, is %+v", i+1, storeID(stores-1), tillsOfStore, v)
		}
	}
	for i, v := range s.Helps {
		if !v.From.Before(v.To) || storeNumber(v.StoreID, stores) < 0 || !(v.Share > 0 && v.Share <= 1) {
			return fmt.Errorf("help %d must be of one of the stores (store-001 to %s), begin before it ends, and take 0 to 1 of the time, is %+v", i+1, storeID(stores-1), v)
		}
	}
	return nil
}

// script is a [Script] in the simulator's units.
type script struct {
	surges   []surge
	silences []silence
	helps    []help
	diligent bool
}

type surge struct {
	from, to int64
	product  string
	category uint8
	latent   int
}

type silence struct {
	from, to int64
	store    int32
	till     int
}

type help struct {
	from, to int64
	store    int32
	percent  int64
}

func newScript(c *Config) (s script) {
	if c.Script == nil {
		return s
	}
	s.diligent = c.Script.Diligent
	for _, v := range c.Script.Surges {
		s.surges = append(s.surges, surge{v.From.UnixMilli(), v.To.UnixMilli(), v.Product, uint8(slices.Index(categories, v.Category)), latentOf(v.Grades)})
	}
	for _, v := range c.Script.Silences {
		s.silences = append(s.silences, silence{v.From.UnixMilli(), v.To.UnixMilli(), int32(storeNumber(v.StoreID, c.Stores)), v.Till})
	}
	for _, v := range c.Script.Helps {
		s.helps = append(s.helps, help{v.From.UnixMilli(), v.To.UnixMilli(), int32(storeNumber(v.StoreID, c.Stores)), int64(v.Share * 100)})
	}
	return s
}

// spoilt returns the surge that a visit is part of, nil if of none. During a surge one purchase in nine is of its product.
func (f *Feed) spoilt(now int64) *surge {
	for i := range f.script.surges {
		if s := &f.script.surges[i]; now >= s.from && now < s.to && f.rnd.below(9) == 0 {
			return s
		}
	}
	return nil
}

// cut reports whether what is answered at an employee's till is lost.
func (s *script) cut(store, by int32, now int64) bool {
	for i := range s.silences {
		if v := &s.silences[i]; now >= v.from && now < v.to && v.store == store && (v.till == 0 || v.till == tillOf(by)) {
			return true
		}
	}
	return false
}

// helped returns the share of the usual time that a complaint takes, in percent.
func (s *script) helped(store int32, opened int64) int64 {
	for i := range s.helps {
		if v := &s.helps[i]; opened >= v.from && opened < v.to && v.store == store {
			return v.percent
		}
	}
	return 100
}

// tell adds the script to the incidents of the truth.
func (s *Script) tell(all []Known) []Known {
	if s == nil {
		return all
	}
	for _, v := range s.Surges {
		all = append(all, Known{"product_category", v.Product, v.From, v.To, fmt.Sprintf("a bad product: %g grades worse, complaints of %s", v.Grades, v.Category)})
	}
	for _, v := range s.Silences {
		kind, id := "store", v.StoreID
		if v.Till > 0 {
			kind, id = "till", fmt.Sprintf("%s/%d", v.StoreID, v.Till)
		}
		all = append(all, Known{kind, id, v.From, v.To, "nothing comes from it"})
	}
	return all
}
