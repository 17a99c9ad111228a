package audit

import (
	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
)

// histories converts stored histories to the format that this release writes. Rows unchanged since an older release
// keep its format, and say the same.
type histories struct {
	complaints bool
	codec      *customer.Codec // made with the first history of another form
	kinds      *pane.Kinds
	c          *customer.Complaints
	r          *customer.Responses
}

func newHistories(table string, kinds *pane.Kinds) *histories {
	return &histories{complaints: table == pipeline.TableCustomerComplaint, kinds: kinds}
}

// encode appends a history in today's format. One that cannot be read it appends unchanged: no computed history equals it.
func (h *histories) encode(b []byte, history string) []byte {
	if customer.IsCurrent(history) {
		return text(b, history)
	}
	if h.codec == nil {
		h.codec = customer.NewCodec(pane.NewRegistry(h.kinds), func(b []byte) string { return string(b) })
		h.c, h.r = customer.NewComplaints(), customer.NewResponses()
	}
	var now []byte
	if h.complaints {
		if h.codec.ReadComplaints([]byte(history), h.c) != nil {
			return text(b, history)
		}
		now = h.codec.AppendComplaints(nil, h.c)
	} else {
		if h.codec.ReadResponses([]byte(history), h.r) != nil {
			return text(b, history)
		}
		now = h.codec.AppendResponses(nil, h.r)
	}
	return text(b, string(now))
}
