package histories

import "csatflow/pipeline/customer"

// EncodeResponses gives a history of responses as its row holds it, until the next call of an Encode.
func (s *Store) EncodeResponses(h *customer.Responses) []byte {
	s.encoded = s.codec.AppendResponses(s.encoded[:0], h)
	return s.encoded
}

// EncodePurchases gives a history of purchases as its row holds it.
func (s *Store) EncodePurchases(h *customer.Purchases) []byte {
	s.encoded = s.codec.AppendPurchases(s.encoded[:0], h)
	return s.encoded
}

// EncodeComplaints gives a customer's history of complaints as its row holds it, and keeps it in the same form.
func (s *Store) EncodeComplaints(number uint32, h *customer.Complaints) []byte {
	s.encoded = s.codec.AppendComplaints(s.encoded[:0], h)
	s.keepComplaints(number, h, s.encoded)
	return s.encoded
}

// RestoreResponses takes a stored history of responses in.
func (s *Store) RestoreResponses(number uint32, stored string, mark int64) (*customer.Responses, error) {
	s.encoded = append(s.encoded[:0], stored...)
	h := &s.responses
	if err := s.codec.ReadResponses(s.encoded, h); err != nil {
		return nil, err
	}
	h.Mark = mark
	s.KeepResponses(number, h)
	return h, nil
}

// RestorePurchases takes a stored history of purchases in.
func (s *Store) RestorePurchases(number uint32, stored string, mark int64) (*customer.Purchases, error) {
	s.encoded = append(s.encoded[:0], stored...)
	h := &s.purchases
	if err := s.codec.ReadPurchases(s.encoded, h); err != nil {
		return nil, err
	}
	h.Mark = mark
	s.KeepPurchases(number, h)
	return h, nil
}

// RestoreComplaints takes a stored history of complaints in, and keeps it in the form of this release.
func (s *Store) RestoreComplaints(number uint32, stored string, mark int64) (*customer.Complaints, error) {
	s.encoded = append(s.encoded[:0], stored...)
	h := s.complaints
	if err := s.codec.ReadComplaints(s.encoded, h); err != nil {
		return nil, err
	}
	h.Mark = mark
	s.keepComplaints(number, h, s.codec.AppendComplaints(nil, h))
	return h, nil
}
