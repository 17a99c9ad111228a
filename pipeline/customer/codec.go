package customer

import (
	"encoding/binary"
	"errors"
	"fmt"

	"csatflow/pipeline/pane"
)

// The histories are stored as one binary value a row: varints, strings with their length, ids as 8 bytes. The first
// byte is the version of the format.
const codecVersion = 1

var errShort = errors.New("history is cut short")

type writer struct{ b []byte }

func (w *writer) uint(v uint64)  { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)    { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) hash(v uint64)  { w.b = binary.LittleEndian.AppendUint64(w.b, v) }
func (w *writer) byte(v ...byte) { w.b = append(w.b, v...) }
func (w *writer) text(s string)  { w.uint(uint64(len(s))); w.b = append(w.b, s...) }

type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.drop(n)
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	r.drop(n)
	return v
}

// drop passes over n bytes; n < 1 says that they are not there.
func (r *reader) drop(n int) {
	if n < 1 || n > len(r.b) {
		r.bad, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return make([]byte, max(min(n, 16), 0))
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) hash() uint64 { return binary.LittleEndian.Uint64(r.bytes(8)) }

// count reads the length of a list whose elements take at least one byte each.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (w *writer) seen(s seen) {
	w.uint(uint64(len(s)))
	for _, id := range s {
		w.hash(id)
	}
}

func (r *reader) seen() seen {
	n := r.count()
	s := make(seen, 0, min(n, SeenIDs))
	for range n {
		s = append(s, r.hash())
	}
	return s
}

// AppendTo appends the stored form of the history to b. Each combination of dims is written once.
func (h *Responses) AppendTo(b []byte, registry *pane.Registry) []byte {
	w := &writer{b: b}
	w.byte(codecVersion)
	w.uint(h.Count)
	w.uint(h.GradeSum)
	w.uint(h.Rivals)
	w.int(h.Left)
	w.seen(h.seen)
	local := map[pane.DimsRef]uint64{}
	w.uint(uint64(len(h.Moments)))
	last := int64(0)
	for i := range h.Moments {
		m := &h.Moments[i]
		w.int(m.At - last)
		last = m.At
		w.hash(m.ID)
		w.byte(m.Grade, m.Survey, m.Expectation, m.Performance, m.Emotion, m.Repurchase, m.Recommend, byte(m.Equity))
		n, known := local[m.Dims]
		if !known {
			n = uint64(len(local))
			local[m.Dims] = n
		}
		w.uint(n)
		if !known {
			dims, survey, brand := registry.Cut(m.Dims)
			for _, d := range dims {
				w.text(d)
			}
			w.text(survey)
			w.text(brand)
		}
	}
	return w.b
}

// ReadResponses reads the stored form of a history; its Mark and Absorbed stand in columns of their own.
func ReadResponses(b []byte, registry *pane.Registry) (*Responses, error) {
	r := &reader{b: b}
	if err := r.version(); err != nil {
		return nil, err
	}
	h := NewResponses()
	h.Count, h.GradeSum, h.Rivals, h.Left = r.uint(), r.uint(), r.uint(), r.int()
	h.seen = r.seen()
	var local []pane.DimsRef
	n := r.count()
	h.Moments = make([]Moment, 0, n)
	last := int64(0)
	for range n {
		m := Moment{At: last + r.int(), ID: r.hash()}
		last = m.At
		v := r.bytes(8)
		m.Grade, m.Survey, m.Expectation, m.Performance, m.Emotion, m.Repurchase, m.Recommend, m.Equity = v[0], v[1], v[2], v[3], v[4], v[5], v[6], int8(v[7])
		k := r.uint()
		if k == uint64(len(local)) && !r.bad {
			var parts [pane.Dimensions + 2][]byte
			for i := range parts {
				parts[i] = r.bytes(int(min(r.uint(), 1<<16-1)))
			}
			if r.bad {
				break
			}
			place := registry.Place(parts[pane.Region], parts[pane.Store], parts[pane.Employee])
			occasion := registry.Occasion(string(parts[pane.Source]), parts[pane.Touchpoint], parts[pane.ProductCategory],
				string(parts[pane.CustomerType]), string(parts[pane.Dimensions]), parts[pane.Dimensions+1])
			local = append(local, registry.Dims(place, occasion))
		}
		if k >= uint64(len(local)) || r.bad {
			r.bad = true
			break
		}
		m.Dims = local[k]
		h.Moments = append(h.Moments, m)
	}
	if r.bad {
		return nil, errShort
	}
	return h, nil
}

// AppendTo appends the stored form of the history to b.
func (h *Complaints) AppendTo(b []byte) []byte {
	w := &writer{b: b}
	w.byte(codecVersion)
	w.seen(h.seen)
	w.uint(uint64(len(h.List)))
	for i := range h.List {
		c := &h.List[i]
		w.text(c.ID)
		w.uint(uint64(len(c.Steps)))
		for j := range c.Steps {
			s := &c.Steps[j]
			w.int(s.At)
			w.hash(s.ID)
			w.byte(s.Step, s.Source, s.Category, s.Emotion, s.Remedies, s.LeaveReason, s.Outcome, s.Process)
			w.text(s.Store)
			w.text(s.Region)
			w.text(s.Employee)
		}
	}
	return w.b
}

// ReadComplaints reads the stored form of a history. text makes a string of bytes, sharing equal ones if it likes.
func ReadComplaints(b []byte, text func([]byte) string) (*Complaints, error) {
	r := &reader{b: b}
	if err := r.version(); err != nil {
		return nil, err
	}
	str := func() string { return text(r.bytes(int(min(r.uint(), 1<<16-1)))) }
	h := NewComplaints()
	h.seen = r.seen()
	for range r.count() {
		c := Complaint{ID: str()}
		n := r.count()
		c.Steps = make([]Step, 0, n)
		for range n {
			s := Step{At: r.int(), ID: r.hash()}
			v := r.bytes(8)
			s.Step, s.Source, s.Category, s.Emotion, s.Remedies, s.LeaveReason, s.Outcome, s.Process = v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
			s.Store, s.Region, s.Employee = str(), str(), str()
			if r.bad {
				return nil, errShort
			}
			c.Steps = append(c.Steps, s)
		}
		h.steps += n
		h.List = append(h.List, c)
	}
	if r.bad {
		return nil, errShort
	}
	return h, nil
}

func (r *reader) version() error {
	if v := r.bytes(1); r.bad {
		return errShort
	} else if v[0] != codecVersion {
		return fmt.Errorf("history has format %d, this release reads format %d", v[0], codecVersion)
	}
	return nil
}
