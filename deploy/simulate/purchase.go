package simulate

// sale lets a customer buy or return something, and plans the next purchase; it reports whether they did.
func (s *shop) sale(f *Feed, now int64, who int32) bool {
	c, buyer := &f.customers[who], &s.buyers[who]
	if c.left {
		return false
	}
	if at := f.life.shopping(c.home, now); at > now {
		f.queue.push(at, dueSale, who)
		return false
	}
	gap, basket := buyer.gap, buyer.basket
	if f.fading(c) { // about to leave: buys later and less
		gap, basket = gap*5/2, basket*3/5
	}
	f.queue.push(now+gap/2+s.rnd.between(0, gap), dueSale, who)
	amount := max(50, basket/2+int64(s.rnd.below(int(basket))))
	back := s.rnd.percent(2)
	if back {
		amount = -amount / 3
	}
	at := c.home
	if s.rnd.percent(15) {
		at = f.customers[s.rnd.below(len(f.customers))].home
	}
	truth := f.truth.Side[TopicPurchases]
	b := s.begin(purchaseLine, "p", now, "customer_id", appendCustomer(nil, who))
	b = cents(b, "amount", amount)
	truth.AmountCents += amount
	if s.rnd.percent(75) {
		margin := amount * s.rnd.between(20, 35) / 100
		b = cents(b, "margin", margin)
		truth.MarginCents += margin
	}
	if cost := s.rnd.between(10, 150); back || c.complain || s.rnd.percent(45) {
		if back || c.complain {
			cost += s.rnd.between(300, 2500)
		}
		b = cents(b, "service_cost", cost)
		truth.ServiceCostCents += cost
	}
	b = append(b, f.stores[at].members...)
	if s.rnd.percent(70) {
		b = member(b, "product_category", productCategories[s.rnd.below(len(productCategories))])
	}
	if s.rnd.percent(40) {
		b = append(appendPadded(append(b, `,"order_id":"p-`...), s.ids, 9), '"')
	}
	s.line.value = append(b, '}')
	if !back {
		s.asking.after(f, who, at, now)
	}
	return true
}

// cents appends a member whose value is an amount in hundredths.
func cents(b []byte, name string, v int64) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	b = append(appendPadded(b, uint64(v/100), 1), '.')
	return appendPadded(b, uint64(v%100), 2)
}
