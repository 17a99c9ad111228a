package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Series are numbers in thousandths, in JSON a text of whole numbers with a space between.
type Series []int32

// MarshalText writes the numbers.
func (s Series) MarshalText() ([]byte, error) {
	b := make([]byte, 0, 4*len(s))
	for i, v := range s {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(v), 10)
	}
	return b, nil
}

// UnmarshalText reads what MarshalText wrote.
func (s *Series) UnmarshalText(text []byte) error {
	*s = (*s)[:0]
	for field := range strings.FieldsSeq(string(text)) {
		v, err := strconv.ParseInt(field, 10, 32)
		if err != nil {
			return fmt.Errorf("series: %w", err)
		}
		*s = append(*s, int32(v))
	}
	return nil
}

// At is number i of the series, no longer in thousandths.
func (s Series) At(i int) float64 { return float64(s[i]) / 1000 }

// RealTruth is the truth behind real life. Moods are expected shifts of the mean grade: what all in the store feel. Series by hour begin at Begin, one
// number for each hour of UTC; those by day have one for each local day.
type RealTruth struct {
	Knobs Real      `json:"knobs"`
	Begin time.Time `json:"begin"` // of the first hour
	// FirstDay is the first local day, as 2026-03-02.
	FirstDay string `json:"first_day"`
	// Calendar is the part of the mood that all stores share, by hour: days of the week, pay-days, promotions and the drift; Drift is the drift by day.
	Calendar Series `json:"calendar_mood"`
	Drift    Series `json:"drift"`
	// ClosedDays and PayDays are local dates.
	ClosedDays []string    `json:"closed_days"`
	PayDays    []string    `json:"pay_days"`
	Promotions []Span      `json:"promotions"`
	Clocks     []Clock     `json:"clock_changes"`
	Stores     []RealStore `json:"stores"`
	// Repeated is how many answers came after another about the same visit; Frequent are the customers who answer often.
	Repeated int64    `json:"repeated"`
	Frequent []string `json:"frequent_customers"`
}

// RealStore is the truth about a store.
type RealStore struct {
	StoreID string `json:"store_id"`
	// Mood by hour is the whole mood, with that of the calendar; it is the sum of the parts, DayMood by local day, HourMood and ShiftMood by hour.
	Mood      Series `json:"mood"`
	DayMood   Series `json:"day_mood"`
	HourMood  Series `json:"hour_mood"`
	ShiftMood Series `json:"shift_mood"`
	Crew      string `json:"crew"` // on duty, a digit an hour; empty without shifts
	// Expected are the expected responses by hour, of the own brand and to the instant survey, repeated ones included; without the presses of
	// children and those that customers who have left do not give.
	Expected    Series  `json:"expected_responses"`
	Open        []Span  `json:"open"` // all other times are closed
	Responses   []Span  `json:"response_changes"`
	Mix         []Span  `json:"mix_changes"`
	Desk        float64 `json:"returns_desk_share"` // 0 without a returns desk
	Bursts      []Span  `json:"bursts"`
	Competitors []Span  `json:"competitors"`
	Children    []Child `json:"children"`
}

// Span is a time with a value, that of its knob.
type Span struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // excluded
	Value   float64   `json:"value,omitempty"`
	Unhappy bool      `json:"unhappy_stay,omitempty"`
}

// Clock is a change of the local clock.
type Clock struct {
	At     time.Time `json:"at"`
	Offset float64   `json:"offset_hours"` // from UTC, from then on
}

// Child is a child who pressed the buttons of a terminal.
type Child struct {
	TerminalID string    `json:"terminal_id"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"` // of the last press
	Presses    int       `json:"presses"`
}

// thousandths turns parts of one into a series.
func thousandths(values []int16) Series {
	s := make(Series, len(values))
	for i, v := range values {
		s[i] = int32((int64(v)*1000 + one/2) >> 12)
	}
	return s
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func spans(all []spell) []Span {
	told := make([]Span, len(all))
	for i, s := range all {
		told[i] = Span{From: instant(s.from), To: instant(s.to), Value: float64(s.value) / one, Unhappy: s.unhappy}
	}
	return told
}

func (l *life) truth(f *Feed) *RealTruth {
	if l == nil {
		return nil
	}
	t := &RealTruth{
		Knobs: *l.Real, Begin: instant(l.origin), FirstDay: l.date(0).Format(time.DateOnly), Calendar: thousandths(l.mood.chain), Drift: thousandths(l.mood.drift),
		ClosedDays: l.dates(l.closed), PayDays: l.dates(l.payDay), Promotions: spans(l.promotions), Clocks: []Clock{}, Repeated: l.repeated, Frequent: []string{},
	}
	for i := 1; i < l.slots; i++ {
		if l.offsets[i] != l.offsets[i-1] {
			t.Clocks = append(t.Clocks, Clock{instant(l.slotStart(i)), float64(l.offsets[i]) / float64(hourMS)})
		}
	}
	for _, who := range l.frequent.who {
		t.Frequent = append(t.Frequent, string(appendCustomer(nil, who)))
	}
	expected := l.expectation(f)
	for i := range f.stores {
		t.Stores = append(t.Stores, l.store(f, i, expected[i]))
	}
	for i := range l.children {
		if c := &l.children[i]; c.pressed > 0 {
			s := &t.Stores[c.store]
			s.Children = append(s.Children, Child{string(appendTerminal(nil, &f.stores[c.store], c.terminal)), instant(c.from), instant(c.to), c.pressed})
		}
	}
	return t
}

func (l *life) store(f *Feed, i int, expected []float64) RealStore {
	s := RealStore{
		StoreID: f.stores[i].id, DayMood: thousandths(l.mood.day[i]), HourMood: thousandths(l.mood.hour[i]), ShiftMood: thousandths(l.mood.shift[i]),
		Open: []Span{}, Responses: spans(l.responses[i]), Mix: spans(l.mixes.times[i]), Bursts: spans(l.traffic.bursts[i]), Children: []Child{}, Competitors: []Span{},
	}
	if l.mixes.desks[i] {
		s.Desk = l.ReturnsDeskShare
	}
	if l.leaves() {
		s.Competitors = spans(l.leaving.rivals[i])
	}
	if l.mood.crew != nil {
		crew := slices.Clone(l.mood.crew[i])
		for h := range crew {
			crew[h] += '0'
		}
		s.Crew = string(crew)
	}
	for h := range l.slots / 4 {
		s.Mood = append(s.Mood, int32((l.grades(i, h)*1000+one/2)>>12))
		s.Expected = append(s.Expected, int32(expected[h]*1000))
	}
	for slot, factor := range l.traffic.factors[i] {
		at, n := l.slotStart(slot), len(s.Open)
		switch {
		case factor == 0:
		case n > 0 && s.Open[n-1].To.UnixMilli() == at:
			s.Open[n-1].To = instant(at + quarterMS)
		default:
			s.Open = append(s.Open, Span{From: instant(at), To: instant(at + quarterMS)})
		}
	}
	return s
}

// dates lists the local days that are marked.
func (a *almanac) dates(marked []bool) []string {
	list := []string{}
	for i, is := range marked {
		if is {
			list = append(list, a.date(i).Format(time.DateOnly))
		}
	}
	return list
}
