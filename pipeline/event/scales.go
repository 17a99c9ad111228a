package event

// Every enumeration below is a small integer: 0 means "not given", i is names[i-1]. The names are those of the
// wire format, the tables and the dashboards.

// Names of the enumerations, in the order of their codes from 1.
var (
	Sources       = []string{"pos", "call", "web", "app", "service_desk"}
	Surveys       = []string{"instant", "comprehensive"}
	NeedLevels    = []string{"function", "benefit", "implicit"}
	CustomerKinds = []string{"current", "lost", "potential"}
	CustomerTypes = []string{"retail", "merchant", "channel", "internal"}
	CustomerRoles = []string{"decider", "payer", "beneficiary"}
	Emotions      = []string{"happy", "disappointed", "angry", "afraid"}
	Repurchases   = []string{"likely", "possible", "unlikely"}
	Recommends    = []string{"very_likely", "possible", "unlikely"}
	Steps         = []string{"opened", "contacted", "handed_off", "remedied", "resolved", "withdrawn", "reopened"}
	Categories    = []string{
		"apathy", "brush_off", "coldness", "condescension", "robotism", "rule_book", "runaround", // the seven sins
		"product", "price", "delivery", "promise", "process", "facility", "safety", "other",
	}
	LeaveReasons = []string{"died", "moved", "other_relationship", "competitor", "product", "indifference"}

	ObservationKinds = []string{"mystery_visit", "standard_check"}
)

// Names of the members of the scales that carry several answers, in the order of the arrays that hold them.
var (
	RaterNames      = []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}
	FactorNames     = []string{"reliable", "professional", "friendly", "honest", "fast", "convenient", "communicative", "understanding", "safe", "image"}
	FacetNames      = []string{"idea", "behaviour", "audiovisual"}
	ScorecardNames  = []string{"product", "process", "people"}
	TCSNames        = []string{"incorruptible", "valued", "sincere", "upright", "honest", "trusted", "kind_look"}
	ExperienceNames = []string{"comfortable", "understood", "smiled_at", "thanked", "had_choice", "remembered", "taught", "resolved"}
	RemedyNames     = []string{"apologised", "corrected", "compensated", "went_further"}
	FairnessNames   = []string{"outcome", "process"}
)

// Codes that the pipeline uses.
const (
	SurveyInstant       = 1
	SurveyComprehensive = 2

	StepOpened    = 1
	StepContacted = 2
	StepHandedOff = 3
	StepRemedied  = 4
	StepResolved  = 5
	StepWithdrawn = 6
	StepReopened  = 7

	Sins = 7 // categories 1 to 7 are the seven sins of service

	CategoryProduct  = 8
	CategoryPrice    = 9
	CategoryDelivery = 10

	EmotionHappy        = 1
	EmotionDisappointed = 2
	EmotionAngry        = 3
	EmotionAfraid       = 4
)

// Name returns the name of code c in names; "" if c is 0 (not given).
func Name(names []string, c uint8) string {
	if c == 0 || int(c) > len(names) {
		return ""
	}
	return names[c-1]
}

// NameOf returns the word of an open enumeration: own if the owner has added it, else the name of code c.
func NameOf(own string, names []string, c uint8) string {
	if own != "" {
		return own
	}
	return Name(names, c)
}

// Names returns the names in a set: bit i is names[i].
func Names(names []string, set uint8) (list []string) {
	for i, n := range names {
		if set>>i&1 == 1 {
			list = append(list, n)
		}
	}
	return list
}

// Code returns the code of name in names, 0 if there is none.
func Code(names []string, name string) uint8 {
	for i, n := range names {
		if n == name {
			return uint8(i + 1)
		}
	}
	return 0
}
