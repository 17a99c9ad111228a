package simulate

// expect notes how many instant responses about the own brand the planned visits bring, without repeated ones.
func (l *life) expect(f *Feed, planned int64) {
	if l == nil {
		return
	}
	own := (1 - float64(pSurvey)/(1<<32)) * (1 - float64(pRival)/(1<<32))
	named := 1 - f.config.AnonymousShare
	l.expected = float64(planned) * (f.config.AnonymousShare + named*own)
	l.again = 2 * l.RepeatShare * named * own / (f.config.AnonymousShare + named*own)
}

// happyShare is about how many answer with a grade above 3.
const happyShare = .91

// repeatsAfter is the share of the repeated answers that come so many hours after the first: two minutes to three hours after a minute of that hour.
var repeatsAfter = [4]float64{1. / 6, 1. / 3, 1. / 3, 1. / 6}

// expectation returns the expected responses by store and hour. If so many events are asked for, the feed makes up for what is not answered.
func (l *life) expectation(f *Feed) [][]float64 {
	hours := l.slots / 4
	all, sum := make([][]float64, len(f.stores)), 0.
	for i := range all {
		first := make([]float64, hours)
		all[i] = make([]float64, hours)
		for h := range first {
			first[h] = l.firstAnswers(i, h)
			for back, share := range repeatsAfter {
				if back <= h && first[h] > 0 {
					all[i][h] += l.again * share * first[h-back]
				}
			}
			all[i][h] += first[h]
			sum += all[i][h]
		}
	}
	if f.config.Events > 0 && sum > 0 {
		for i := range all {
			for h := range all[i] {
				all[i][h] *= l.expected * (1 + l.again) / sum
			}
		}
	}
	return all
}

// firstAnswers is how many first answers a store is expected to have in an hour.
func (l *life) firstAnswers(store, hour int) float64 {
	weight := int64(0)
	for slot := 4 * hour; slot < 4*hour+4; slot++ {
		for m := range int64(15) {
			minute := (l.local(slot) + m*minuteMS) % dayMS / minuteMS
			weight += curve[minute] * 16 * int64(l.traffic.factors[store][slot]) * 4 * minuteMS
		}
	}
	n := float64(weight) / 1024 / float64(l.traffic.sum) * l.expected * float64(l.traffic.homes[store]) / float64(l.traffic.customers)
	if c := during(l.responses[store], l.slotStart(4*hour)); c != nil && c.unhappy {
		n *= 1 - happyShare*(1-float64(c.value)/one)
	}
	return n
}
