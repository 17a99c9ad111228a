package event

// Purchase decodes one message of csat.purchases.
func (d *Decoder) Purchase(value []byte) (*Purchase, error) {
	p := &d.purchase
	*p = Purchase{}
	if err := d.document(value, d.purchaseField); err != nil {
		return nil, err
	}
	switch {
	case p.EventID == nil:
		return nil, missing("event_id")
	case d.seen&(1<<fOccurredAt) == 0:
		return nil, missing("occurred_at")
	case p.CustomerID == nil:
		return nil, missing("customer_id")
	case d.seen&(1<<fAmount) == 0:
		return nil, missing("amount")
	}
	return p, nil
}

// Observation decodes one message of csat.observations.
func (d *Decoder) Observation(value []byte) (*Observation, error) {
	o := &d.observation
	*o = Observation{}
	if err := d.document(value, d.observationField); err != nil {
		return nil, err
	}
	switch {
	case o.EventID == nil:
		return nil, missing("event_id")
	case d.seen&(1<<fOccurredAt) == 0:
		return nil, missing("occurred_at")
	case o.Kind == 0:
		return nil, missing("kind")
	case o.StoreID == nil:
		return nil, missing("store_id")
	}
	return o, nil
}

// Departure decodes one message of csat.departures.
func (d *Decoder) Departure(value []byte) (*Departure, error) {
	o := &d.departure
	*o = Departure{}
	if err := d.document(value, d.departureField); err != nil {
		return nil, err
	}
	switch {
	case o.EventID == nil:
		return nil, missing("event_id")
	case d.seen&(1<<fOccurredAt) == 0:
		return nil, missing("occurred_at")
	case o.CustomerID == nil:
		return nil, missing("customer_id")
	}
	return o, nil
}
