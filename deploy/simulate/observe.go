package simulate

// checked are the standards that are checked at work: the share of defects in a store of usual quality, in
// thousandths, and whether it is about what people do, which collapses in the story.
var checked = []struct {
	id     string
	often  int
	people bool
}{
	{"greet-30s", 30, true}, {"queue-5min", 25, true}, {"farewell-thanks", 40, true}, {"product-advice", 35, true}, {"checkout-accuracy", 2, false},
	{"shelf-price-correct", 4, false}, {"clean-floor", 15, false}, {"phone-3-rings", 50, false}, {"callback-24h", 20, false}, {"complaint-log", 10, false},
}

// check checks the next standard of a store.
func (s *shop) check(f *Feed, now int64, at int32) {
	store, standard := &f.stores[at], &checked[s.checks[at]%len(checked)]
	s.checks[at]++
	// Quality a step below the usual means twice the defects, a step above half.
	often := max(1, standard.often*(2*step-store.quality)/(2*step))
	if standard.people && f.story.during(at, now) {
		often = 350
	}
	opportunities := s.rnd.between(20, 100)
	defects := int64(0)
	for range opportunities {
		if s.rnd.below(1000) < often {
			defects++
		}
	}
	truth := f.truth.Side[TopicObservations]
	truth.Opportunities[standard.id] += opportunities
	truth.Defects[standard.id] += defects
	b := s.begin(observationLine, "o", now, "store_id", []byte(store.id))
	b = member(member(b, "kind", "standard_check"), "standard_id", standard.id)
	b = number(number(b, "opportunities", opportunities), "defects", defects)
	if standard.people {
		b = member(b, "employee_id", f.employees[store.first+s.rnd.below(store.n)].id)
	}
	s.line.value = append(b, '}')
}

// visit lets a mystery shopper visit a store.
func (s *shop) visit(f *Feed, now int64, at int32) {
	store := &f.stores[at]
	by := store.first + s.rnd.below(store.n)
	quality := store.quality + f.employees[by].quality
	if f.story.during(at, now) {
		quality -= 3 * step
	}
	seconds := max(2, 25-int64(quality)/8+int64(s.rnd.normal(10)))
	b := s.begin(observationLine, "v", now, "store_id", []byte(store.id))
	b = member(member(b, "kind", "mystery_visit"), "employee_id", f.employees[by].id)
	b = number(b, "seconds_to_greet", seconds)
	b = scale(b, "selling_effort", level(5*step+quality+s.rnd.normal(200)))
	b = scale(b, "product_knowledge", level(5*step+128+quality/2+s.rnd.normal(200)))
	b = scale(b, "promised", level(6*step+s.rnd.normal(120)))
	b = scale(b, "delivered", level(5*step+64+quality+s.rnd.normal(150)))
	f.truth.Side[TopicObservations].Visits++
	s.line.value = append(b, '}')
}

// number appends a member whose value is a number of 0 or more.
func number(b []byte, name string, v int64) []byte {
	return appendPadded(append(append(append(b, `,"`...), name...), `":`...), uint64(v), 1)
}
