package event

// The numbers of the fields, for the check that none is given twice. At most 64.
const (
	fEventID = iota
	fOccurredAt
	fCustomerID
	fTerminalID
	fComplaintID
	fStep
	fGrade
	fSource
	fSurvey
	fTouchpoint
	fStoreID
	fRegion
	fEmployeeID
	fProductCategory
	fOrderID
	fBrand
	fExpectation
	fPerformance
	fRater
	fFactors
	fFacets
	fScorecard
	fTCS
	fExperience
	fNeedLevel
	fCustomerKind
	fCustomerType
	fCustomerRole
	fEquity
	fPerceivedPrice
	fEmotion
	fRepurchase
	fRecommend
	fAnswers
	fAttributes
	fCategory
	fRemedies
	fCompensation
	fFairness
	fLeaveReason
	fComment
	fAmount
	fMargin
	fServiceCost
	fKind
	fStandardID
	fOpportunities
	fDefects
	fSecondsToGreet
	fSellingEffort
	fProductKnowledge
	fPromised
	fDelivered
)

func (d *Decoder) responseField(key []byte) *Error {
	r := &d.response
	switch string(key) {
	case "event_id":
		if e := d.once(fEventID); e != nil {
			return e
		}
		return d.id(&r.EventID)
	case "occurred_at":
		if e := d.once(fOccurredAt); e != nil {
			return e
		}
		return d.s.when(&r.OccurredAt)
	case "customer_id":
		if e := d.once(fCustomerID); e != nil {
			return e
		}
		return d.id(&r.CustomerID)
	case "grade":
		if e := d.once(fGrade); e != nil {
			return e
		}
		return d.scale(&r.Grade)
	case "expectation":
		if e := d.once(fExpectation); e != nil {
			return e
		}
		return d.scale(&r.Expectation)
	case "performance":
		if e := d.once(fPerformance); e != nil {
			return e
		}
		return d.scale(&r.Performance)
	case "source":
		if e := d.once(fSource); e != nil {
			return e
		}
		return d.enum(&r.Source, Sources)
	case "touchpoint":
		if e := d.once(fTouchpoint); e != nil {
			return e
		}
		return d.id(&r.Touchpoint)
	case "store_id":
		if e := d.once(fStoreID); e != nil {
			return e
		}
		return d.id(&r.StoreID)
	case "region":
		if e := d.once(fRegion); e != nil {
			return e
		}
		return d.id(&r.Region)
	case "employee_id":
		if e := d.once(fEmployeeID); e != nil {
			return e
		}
		return d.id(&r.EmployeeID)
	case "product_category":
		if e := d.once(fProductCategory); e != nil {
			return e
		}
		return d.id(&r.ProductCategory)
	case "order_id":
		if e := d.once(fOrderID); e != nil {
			return e
		}
		return d.id(&r.OrderID)
	case "recommend":
		if e := d.once(fRecommend); e != nil {
			return e
		}
		return d.enum(&r.Recommend, Recommends)
	case "rater":
		if e := d.once(fRater); e != nil {
			return e
		}
		return d.scales(r.Rater[:], RaterDimensions)
	case "terminal_id":
		if e := d.once(fTerminalID); e != nil {
			return e
		}
		return d.id(&r.TerminalID)
	case "survey":
		if e := d.once(fSurvey); e != nil {
			return e
		}
		return d.enum(&r.Survey, Surveys)
	case "brand":
		if e := d.once(fBrand); e != nil {
			return e
		}
		return d.id(&r.Brand)
	case "factors":
		if e := d.once(fFactors); e != nil {
			return e
		}
		return d.scales(r.Factors[:], FactorNames)
	case "facets":
		if e := d.once(fFacets); e != nil {
			return e
		}
		return d.scales(r.Facets[:], FacetNames)
	case "scorecard":
		if e := d.once(fScorecard); e != nil {
			return e
		}
		return d.scales(r.Scorecard[:], ScorecardNames)
	case "tcs":
		if e := d.once(fTCS); e != nil {
			return e
		}
		return d.scales(r.TCS[:], TCSNames)
	case "experience":
		if e := d.once(fExperience); e != nil {
			return e
		}
		r.HasExperience = true
		return d.set(&r.Experience, ExperienceNames)
	case "need_level":
		if e := d.once(fNeedLevel); e != nil {
			return e
		}
		return d.enum(&r.NeedLevel, NeedLevels)
	case "customer_kind":
		if e := d.once(fCustomerKind); e != nil {
			return e
		}
		return d.enum(&r.CustomerKind, CustomerKinds)
	case "customer_type":
		if e := d.once(fCustomerType); e != nil {
			return e
		}
		return d.enum(&r.CustomerType, CustomerTypes)
	case "customer_role":
		if e := d.once(fCustomerRole); e != nil {
			return e
		}
		return d.enum(&r.CustomerRole, CustomerRoles)
	case "equity":
		if e := d.once(fEquity); e != nil {
			return e
		}
		v, e := d.s.integer(-3, 3)
		r.Equity, r.HasEquity = int8(v), true
		return e
	case "perceived_price":
		if e := d.once(fPerceivedPrice); e != nil {
			return e
		}
		return d.scale(&r.PerceivedPrice)
	case "emotion":
		if e := d.once(fEmotion); e != nil {
			return e
		}
		return d.enum(&r.Emotion, Emotions)
	case "repurchase":
		if e := d.once(fRepurchase); e != nil {
			return e
		}
		return d.enum(&r.Repurchase, Repurchases)
	case "answers":
		if e := d.once(fAnswers); e != nil {
			return e
		}
		return d.answers(&r.Answers)
	case "attributes":
		if e := d.once(fAttributes); e != nil {
			return e
		}
		return d.attributes(&r.Attributes)
	case "comment":
		if e := d.once(fComment); e != nil {
			return e
		}
		return d.text(&r.Comment, 0, maxComment)
	}
	r.Unknown++
	return d.s.skip(0)
}

func (d *Decoder) complaintField(key []byte) *Error {
	c := &d.complain
	switch string(key) {
	case "event_id":
		if e := d.once(fEventID); e != nil {
			return e
		}
		return d.id(&c.EventID)
	case "occurred_at":
		if e := d.once(fOccurredAt); e != nil {
			return e
		}
		return d.s.when(&c.OccurredAt)
	case "customer_id":
		if e := d.once(fCustomerID); e != nil {
			return e
		}
		return d.id(&c.CustomerID)
	case "complaint_id":
		if e := d.once(fComplaintID); e != nil {
			return e
		}
		return d.id(&c.ComplaintID)
	case "step":
		if e := d.once(fStep); e != nil {
			return e
		}
		return d.enum(&c.Step, Steps)
	case "source":
		if e := d.once(fSource); e != nil {
			return e
		}
		return d.enum(&c.Source, Sources)
	case "store_id":
		if e := d.once(fStoreID); e != nil {
			return e
		}
		return d.id(&c.StoreID)
	case "region":
		if e := d.once(fRegion); e != nil {
			return e
		}
		return d.id(&c.Region)
	case "employee_id":
		if e := d.once(fEmployeeID); e != nil {
			return e
		}
		return d.id(&c.EmployeeID)
	case "category":
		if e := d.once(fCategory); e != nil {
			return e
		}
		return d.enum(&c.Category, Categories)
	case "emotion":
		if e := d.once(fEmotion); e != nil {
			return e
		}
		return d.enum(&c.Emotion, Emotions)
	case "remedies":
		if e := d.once(fRemedies); e != nil {
			return e
		}
		return d.set(&c.Remedies, RemedyNames)
	case "compensation":
		if e := d.once(fCompensation); e != nil {
			return e
		}
		c.HasCompensation = true
		return d.cost(&c.Compensation)
	case "fairness":
		if e := d.once(fFairness); e != nil {
			return e
		}
		var f [2]uint8
		e := d.scales(f[:], FairnessNames)
		c.OutcomeFairness, c.ProcessFairness = f[0], f[1]
		return e
	case "leave_reason":
		if e := d.once(fLeaveReason); e != nil {
			return e
		}
		return d.enum(&c.LeaveReason, LeaveReasons)
	case "attributes":
		if e := d.once(fAttributes); e != nil {
			return e
		}
		return d.attributes(&c.Attributes)
	case "comment":
		if e := d.once(fComment); e != nil {
			return e
		}
		return d.text(&c.Comment, 0, maxComment)
	}
	c.Unknown++
	return d.s.skip(0)
}
