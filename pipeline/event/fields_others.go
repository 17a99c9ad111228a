package event

func (d *Decoder) purchaseField(key []byte) *Error {
	p := &d.purchase
	switch string(key) {
	case "event_id":
		if e := d.once(fEventID); e != nil {
			return e
		}
		return d.id(&p.EventID)
	case "occurred_at":
		if e := d.once(fOccurredAt); e != nil {
			return e
		}
		return d.s.when(&p.OccurredAt)
	case "customer_id":
		if e := d.once(fCustomerID); e != nil {
			return e
		}
		return d.id(&p.CustomerID)
	case "amount":
		if e := d.once(fAmount); e != nil {
			return e
		}
		return d.money(&p.Amount)
	case "margin":
		if e := d.once(fMargin); e != nil {
			return e
		}
		p.HasMargin = true
		return d.money(&p.Margin)
	case "service_cost":
		if e := d.once(fServiceCost); e != nil {
			return e
		}
		p.HasServiceCost = true
		return d.cost(&p.ServiceCost)
	case "store_id":
		if e := d.once(fStoreID); e != nil {
			return e
		}
		return d.id(&p.StoreID)
	case "region":
		if e := d.once(fRegion); e != nil {
			return e
		}
		return d.id(&p.Region)
	case "product_category":
		if e := d.once(fProductCategory); e != nil {
			return e
		}
		return d.id(&p.ProductCategory)
	case "order_id":
		if e := d.once(fOrderID); e != nil {
			return e
		}
		return d.id(&p.OrderID)
	}
	p.Unknown++
	return d.s.skip(0)
}

func (d *Decoder) observationField(key []byte) *Error {
	o := &d.observation
	switch string(key) {
	case "event_id":
		if e := d.once(fEventID); e != nil {
			return e
		}
		return d.id(&o.EventID)
	case "occurred_at":
		if e := d.once(fOccurredAt); e != nil {
			return e
		}
		return d.s.when(&o.OccurredAt)
	case "kind":
		if e := d.once(fKind); e != nil {
			return e
		}
		return d.enum(&o.Kind, ObservationKinds)
	case "store_id":
		if e := d.once(fStoreID); e != nil {
			return e
		}
		return d.id(&o.StoreID)
	case "employee_id":
		if e := d.once(fEmployeeID); e != nil {
			return e
		}
		return d.id(&o.EmployeeID)
	case "standard_id":
		if e := d.once(fStandardID); e != nil {
			return e
		}
		return d.id(&o.StandardID)
	case "opportunities":
		if e := d.once(fOpportunities); e != nil {
			return e
		}
		o.HasOpportunities = true
		return d.count(&o.Opportunities)
	case "defects":
		if e := d.once(fDefects); e != nil {
			return e
		}
		o.HasDefects = true
		return d.count(&o.Defects)
	case "seconds_to_greet":
		if e := d.once(fSecondsToGreet); e != nil {
			return e
		}
		o.HasSecondsToGreet = true
		return d.within(&o.SecondsToGreet, 0, 86400, "0 to 86400")
	case "selling_effort":
		if e := d.once(fSellingEffort); e != nil {
			return e
		}
		return d.scale(&o.SellingEffort)
	case "product_knowledge":
		if e := d.once(fProductKnowledge); e != nil {
			return e
		}
		return d.scale(&o.ProductKnowledge)
	case "promised":
		if e := d.once(fPromised); e != nil {
			return e
		}
		return d.scale(&o.Promised)
	case "delivered":
		if e := d.once(fDelivered); e != nil {
			return e
		}
		return d.scale(&o.Delivered)
	}
	o.Unknown++
	return d.s.skip(0)
}

func (d *Decoder) departureField(key []byte) *Error {
	o := &d.departure
	switch string(key) {
	case "event_id":
		if e := d.once(fEventID); e != nil {
			return e
		}
		return d.id(&o.EventID)
	case "occurred_at":
		if e := d.once(fOccurredAt); e != nil {
			return e
		}
		return d.s.when(&o.OccurredAt)
	case "customer_id":
		if e := d.once(fCustomerID); e != nil {
			return e
		}
		return d.id(&o.CustomerID)
	case "leave_reason":
		if e := d.once(fLeaveReason); e != nil {
			return e
		}
		return d.enum(&o.LeaveReason, LeaveReasons)
	}
	o.Unknown++
	return d.s.skip(0)
}
