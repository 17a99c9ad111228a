package histories

import "csatflow/pipeline/customer"

// EncodeResponses returns a history of responses as in its row, valid until the next call of an Encode method.
func (s *Store) EncodeResponses(h *customer.Responses) []byte {
	s.encoded = s.codec.AppendResponses(s.encoded[:0], h)
	return s.encoded
}

// EncodePurchases returns a history of purchases as in its row.
func (s *Store) EncodePurchases(h *customer.Purchases) []byte {
	s.encoded = s.codec.AppendPurchases(s.encoded[:0], h)
	return s.encoded
}

// EncodeComplaints returns a customer's history of complaints as in its row, and stores it in the same form.
func (s *Store) EncodeComplaints(number uint32, h *customer.Complaints) []byte {
	s.encoded = s.codec.AppendComplaints(s.encoded[:0], h)
	s.keepComplaints(number, h, s.encoded)
	return s.encoded
}

// RestoreResponses restores a stored history of responses.
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

// RestorePurchases restores a stored history of purchases.
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

// RestoreComplaints restores a stored history of complaints, and stores it in the form of this release.
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

// OwnWords returns the one shared copy of a step's words of the owner's, nil for none.
func (s *Store) OwnWords(source, category string) *customer.OwnWords {
	return s.codec.Own(source, category)
}
