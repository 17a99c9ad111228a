package simulate

// Encoding without escapes: every string is either made here of letters and digits, or is JSON already in the
// tables.

// appendPadded appends v in decimal with at least width digits.
func appendPadded(b []byte, v uint64, width int) []byte {
	var digits [20]byte
	i := len(digits)
	for v > 0 || width > 0 || i == len(digits) {
		i--
		digits[i] = byte('0' + v%10)
		v /= 10
		width--
	}
	return append(b, digits[i:]...)
}

func appendDigit(b []byte, v int) []byte {
	if v == 10 {
		return append(b, '1', '0')
	}
	if v < 0 {
		return append(b, '-', byte('0'-v))
	}
	return append(b, byte('0'+v))
}

func two(b []byte, v int64) []byte { return append(b, byte('0'+v/10), byte('0'+v%10)) }

// zone is how a feed writes its times.
type zone struct {
	ms   int64
	text string
}

// Most feeds write UTC; one line in twenty does not.
var zones = [40]zone{38: {2 * hourMS, "+02:00"}, 39: {-5*hourMS - hourMS/2, "-05:30"}}

// appendTime appends RFC 3339 with milliseconds; t is ms since 1970 and after it.
func appendTime(b []byte, t int64, z *zone) []byte {
	t += z.ms
	days, rest := t/dayMS, t%dayMS
	// The civil date from the day number, after H. Hinnant, "chrono-compatible low-level date algorithms".
	d := days + 719468
	era := d / 146097
	doe := d - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day, month, year := doy-(153*mp+2)/5+1, mp+3, yoe+era*400
	if month > 12 {
		month, year = month-12, year+1
	}
	b = two(two(b, year/100), year%100)
	b = two(append(b, '-'), month)
	b = two(append(b, '-'), day)
	b = two(append(b, 'T'), rest/hourMS)
	b = two(append(b, ':'), rest%hourMS/minuteMS)
	b = two(append(b, ':'), rest%minuteMS/1000)
	b = append(b, '.', byte('0'+rest%1000/100))
	b = two(b, rest%100)
	if z.text == "" {
		return append(b, 'Z')
	}
	return append(b, z.text...)
}

// member appends a member whose value is one of the names.
func member(b []byte, name, value string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":"`...)
	b = append(b, value...)
	return append(b, '"')
}

// scale appends a member whose value is a small number.
func scale(b []byte, name string, value int) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return appendDigit(b, value)
}

func clamp(v, low, top int) int { return max(low, min(top, v)) }

// level rounds a latent value (256 per step) to a scale of 1 to 7.
func level(latent int) int { return clamp((latent+128)>>8, 1, 7) }

// tillsOfStore is how many tills a store has; tillOf is that of an employee, from 1.
const tillsOfStore = 4

func tillOf(by int32) int { return 1 + int(by%tillsOfStore) }

// till appends the till of an employee as an attribute: a dimension that an owner may declare.
func (f *Feed) till(b []byte, s *store, by int32) []byte {
	if !f.config.Tills {
		return b
	}
	b = append(append(b, `,"attributes":{"till":"`...), s.id...)
	b = appendPadded(append(b, '/'), uint64(tillOf(by)), 1)
	return append(b, `"}`...)
}
