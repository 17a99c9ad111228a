package event

import (
	"time"

	"csatflow/schemas/reasons"
)

// The range of instants that panes and a ClickHouse DateTime hold, ms since the epoch: from 1970-01-01, before 2106-01-01, UTC.
const (
	earliest = 0
	latest   = 4_291_747_200_000
)

// when reads an RFC 3339 time with a zone as ms since the epoch. Years are 1970 to 2105, both as written and in UTC.
// Digits below a millisecond are dropped.
func (s *scanner) when(into *int64) *Error {
	b, e := s.str()
	if e != nil {
		return e
	}
	ms, ok := parseTime(b)
	if !ok {
		return s.fail(reasons.NoTime, clip(b))
	}
	*into = ms
	return nil
}

func parseTime(b []byte) (ms int64, ok bool) {
	if len(b) < 20 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	ok = true
	two := func(i int) int {
		hi, lo := b[i]-'0', b[i+1]-'0'
		if hi > 9 || lo > 9 {
			ok = false
		}
		return int(hi)*10 + int(lo)
	}
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if !ok || year < 1970 || year > 2105 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	i, frac, unit := 19, int64(0), int64(100)
	if b[i] == '.' {
		i++
		from := i
		for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
			frac += int64(b[i]-'0') * unit
			unit /= 10
		}
		if n := i - from; n < 1 || n > 9 {
			return 0, false
		}
	}
	offset := 0
	switch {
	case len(b) == i+1 && b[i] == 'Z':
	case len(b) == i+6 && (b[i] == '+' || b[i] == '-') && b[i+3] == ':':
		oh, om := two(i+1), two(i+4)
		if !ok || oh > 23 || om > 59 {
			return 0, false
		}
		offset = oh*3600 + om*60
		if b[i] == '-' {
			offset = -offset
		}
	default:
		return 0, false
	}
	sec := daysSince1970(year, month, day)*86400 + int64(hour*3600+minute*60+second-offset)
	ms = sec*1000 + frac
	return ms, ms >= earliest && ms < latest
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

var firstOfYear = func() (t [2106 - 1970]int64) {
	for y := range t {
		t[y] = time.Date(1970+y, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
	}
	return t
}()

var daysBefore = [13]int{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}

func daysSince1970(year, month, day int) int64 {
	d := firstOfYear[year-1970] + int64(daysBefore[month]+day-1)
	if month > 2 && daysIn(year, 2) == 29 {
		d++
	}
	return d
}
