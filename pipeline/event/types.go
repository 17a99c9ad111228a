package event

// OwnBrand is the brand of a response that names none; any other value of brand is a competitor's.
const OwnBrand = "own"

// Response is one instant-satisfaction response or comprehensive survey (topic csat.responses).
//
// Byte slices point into the message or into the decoder and hold until its next call. Scales are 1 to 7, 0 when not
// given; enumerations are codes of scales.go, 0 when not given.
type Response struct {
	EventID         []byte
	CustomerID      []byte // empty for an anonymous response
	TerminalID      []byte
	OccurredAt      int64 // event time, ms since 1970-01-01T00:00:00Z, finer digits cut off
	Grade           uint8
	Source          uint8
	Survey          uint8 // instant when not given
	Touchpoint      []byte
	StoreID         []byte
	Region          []byte
	EmployeeID      []byte
	ProductCategory []byte
	OrderID         []byte
	Brand           []byte // empty for the own brand
	Expectation     uint8
	Performance     uint8
	Rater           [5]uint8
	Factors         [10]uint8
	Facets          [3]uint8
	Scorecard       [3]uint8
	TCS             [7]uint8
	Experience      uint8 // bit i is ExperienceNames[i]
	HasExperience   bool  // the field was there, perhaps with no member
	NeedLevel       uint8
	CustomerKind    uint8
	CustomerType    uint8
	CustomerRole    uint8
	Equity          int8 // -3 to 3
	HasEquity       bool
	PerceivedPrice  uint8
	Emotion         uint8
	Repurchase      uint8
	Recommend       uint8
	Answers         []Answer
	Attributes      []Attribute // of the owner's own
	Comment         []byte
	Unknown         int // top-level fields that the schema does not name
}

// Answer is one answer of the comprehensive survey, 1 to 10.
type Answer struct {
	Question []byte
	Value    uint8
}

// Attribute is a property of the owner's own, which the schema does not name.
type Attribute struct{ Name, Value []byte }

// AttributeOf gives the value of the attribute of a name, nil if there is none.
func AttributeOf(list []Attribute, name string) []byte {
	for i := range list {
		if string(list[i].Name) == name {
			return list[i].Value
		}
	}
	return nil
}

// Key is the identity under which the response's history is kept: the customer, else the terminal.
func (r *Response) Key() (id []byte, terminal bool) {
	if len(r.CustomerID) > 0 {
		return r.CustomerID, false
	}
	return r.TerminalID, true
}

// Complaint is one step of a complaint (topic csat.complaints). Conventions are those of [Response].
type Complaint struct {
	EventID         []byte
	CustomerID      []byte
	ComplaintID     []byte
	OccurredAt      int64
	Step            uint8
	Source          uint8
	StoreID         []byte
	Region          []byte
	EmployeeID      []byte
	Category        uint8
	Emotion         uint8
	Remedies        uint8   // bit i is RemedyNames[i]
	Compensation    float64 // money in the configured currency
	HasCompensation bool
	OutcomeFairness uint8
	ProcessFairness uint8
	LeaveReason     uint8
	Attributes      []Attribute
	Comment         []byte
	Unknown         int
}

// Purchase is one sale, or a return (topic csat.purchases). Conventions are those of [Response]; money is in the
// configured currency.
type Purchase struct {
	EventID         []byte
	CustomerID      []byte
	OccurredAt      int64
	Amount          float64 // negative for a return
	Margin          float64
	HasMargin       bool
	ServiceCost     float64
	HasServiceCost  bool
	StoreID         []byte
	Region          []byte
	ProductCategory []byte
	OrderID         []byte
	Unknown         int
}

// Observation is a mystery shopper's visit, or a standard checked on real work (topic csat.observations). Conventions
// are those of [Response].
type Observation struct {
	EventID           []byte
	OccurredAt        int64
	Kind              uint8 // by [ObservationKinds]
	StoreID           []byte
	EmployeeID        []byte
	StandardID        []byte
	Opportunities     uint32
	HasOpportunities  bool
	Defects           uint32
	HasDefects        bool
	SecondsToGreet    float64
	HasSecondsToGreet bool
	SellingEffort     uint8
	ProductKnowledge  uint8
	Promised          uint8
	Delivered         uint8
	Unknown           int
}

// Departure says that a customer is known to have left (topic csat.departures). Conventions are those of [Response].
type Departure struct {
	EventID     []byte
	CustomerID  []byte
	OccurredAt  int64
	LeaveReason uint8
	Unknown     int
}
