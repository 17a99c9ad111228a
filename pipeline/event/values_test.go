package event_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"csatflow/pipeline/event"
)

const fullResponse = `{"event_id":"r-\u0031","occurred_at":"2026-03-01T17:00:00.123456789+08:00","customer_id":"\u5ba2\ud83d\ude42","terminal_id":"till \"3\"",
"grade":6,"grade_from":"faces","nps":9,"ces":7,"stars":4,"source":"whats\u0061pp","survey":"comprehensive","touchpoint":"a\/b","store_id":"沪-012","region":"east\tside","employee_id":"e-1","product_category":"shoes",
"order_id":"o-\\9","invitation_id":"i-1","brand":"rival","expectation":5.0,"performance":70e-1,
"rater":{"reliability":1,"assurance":2,"tangibles":3,"empathy":4,"responsiveness":5,"other":null},"rater_expectation":{"reliability":7,"assurance":6,"tangibles":5,"empathy":4,"responsiveness":3},
"factors":{"reliable":1,"professional":2,"friendly":3,"honest":4,"fast":5,"convenient":6,"communicative":7,"understanding":1,"safe":2,"image":3},
"facets":{"idea":1,"behaviour":2,"audiovisual":3},"scorecard":{"product":1,"process":2,"people":3},
"tcs":{"incorruptible":1,"valued":2,"sincere":3,"upright":4,"honest":5,"trusted":6,"kind_look":7},
"experience":["comfortable","resolved","comfortable"],"need_level":"implicit","customer_kind":"potential","customer_type":"internal","customer_role":"beneficiary",
"equity":-3,"perceived_price":7,"emotion":"afraid","repurchase":"unlikely","recommend":"possible","answers":{"q1":10,"问\u9898":1e0},"attributes":{"till":"t-7","活\u52a8":"春"},"comment":"谢谢\n\u0000","extra":[{}],"more":1}`

// ownWords are words that an owner has added.
var ownWords = event.Words{
	event.SourceWords:   {{Name: "fax"}, {Name: "whatsapp", Like: 2}},
	event.CategoryWords: {{Name: "billing", Like: event.CategoryPrice}},
	event.StepWords:     {{Name: "noted"}, {Name: "assigned", Like: event.StepContacted}},
}

func TestEveryFieldOfAResponseIsRead(t *testing.T) {
	d := event.Decoder{Words: ownWords}
	got, err := d.Response([]byte(fullResponse))
	if err != nil {
		t.Fatal(err)
	}
	want := &event.Response{
		EventID: []byte("r-1"), OccurredAt: 1772355600123, CustomerID: []byte("客🙂"), TerminalID: []byte(`till "3"`),
		Grade: 6, GradeFrom: []byte("faces"), NPS: 9, HasNPS: true, CES: 7, Stars: 4, HasStars: true, Source: 2, OwnSource: "whatsapp", Survey: event.SurveyComprehensive, Touchpoint: []byte("a/b"), StoreID: []byte("沪-012"), Region: []byte("east\tside"),
		EmployeeID: []byte("e-1"), ProductCategory: []byte("shoes"), OrderID: []byte(`o-\9`), InvitationID: []byte("i-1"), Brand: []byte("rival"), Expectation: 5, Performance: 7,
		Rater: [5]uint8{1, 2, 3, 4, 5}, RaterExpectation: [5]uint8{7, 6, 5, 4, 3}, Factors: [10]uint8{1, 2, 3, 4, 5, 6, 7, 1, 2, 3}, Facets: [3]uint8{1, 2, 3}, Scorecard: [3]uint8{1, 2, 3},
		TCS: [7]uint8{1, 2, 3, 4, 5, 6, 7}, Experience: 1<<0 | 1<<7, HasExperience: true, NeedLevel: 3, CustomerKind: 3, CustomerType: 4, CustomerRole: 3,
		Equity: -3, HasEquity: true, PerceivedPrice: 7, Emotion: event.EmotionAfraid, Repurchase: 3, Recommend: 2,
		Answers: []event.Answer{{Question: []byte("q1"), Value: 10}, {Question: []byte("问题"), Value: 1}}, Attributes: []event.Attribute{{Name: []byte("till"), Value: []byte("t-7")}, {Name: []byte("活动"), Value: []byte("春")}}, Comment: []byte("谢谢\n\x00"), Unknown: 2,
	}
	compareFields(t, *got, *want)
	noFieldIsZero(t, *want)
}

const fullComplaint = `{"event_id":"k-1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c\u002d7","complaint_id":"投诉-55","step":"as\u0073igned","source":"whatsapp",
"store_id":"s-1","region":"north","employee_id":"e-1","category":"billing","emotion":"angry","remedies":["went_further","apologised"],"compensation":25.5,
"fairness":{"outcome":6,"process":4.0,"x":{}},"leave_reason":"indifference","attributes":{"till":"t"},"comment":"\"never\"\u00a0again","unknown":null}`

func TestEveryFieldOfAComplaintIsRead(t *testing.T) {
	d := event.Decoder{Words: ownWords}
	got, err := d.Complaint([]byte(fullComplaint))
	if err != nil {
		t.Fatal(err)
	}
	want := &event.Complaint{
		EventID: []byte("k-1"), OccurredAt: 1772355600000, CustomerID: []byte("c-7"), ComplaintID: []byte("投诉-55"), Step: event.StepContacted, OwnStep: "assigned", Source: 2, OwnSource: "whatsapp",
		StoreID: []byte("s-1"), Region: []byte("north"), EmployeeID: []byte("e-1"), Category: event.CategoryPrice, OwnCategory: "billing", Emotion: event.EmotionAngry, Remedies: 1<<3 | 1<<0,
		Compensation: 25.5, HasCompensation: true, Fairness: [2]uint8{6, 4}, LeaveReason: 6, Attributes: []event.Attribute{{Name: []byte("till"), Value: []byte("t")}}, Comment: []byte("\"never\"\u00a0again"), Unknown: 1,
	}
	compareFields(t, *got, *want)
	noFieldIsZero(t, *want)
}

func compareFields(t *testing.T, got, want any) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		if a, b := g.Field(i).Interface(), w.Field(i).Interface(); !reflect.DeepEqual(a, b) {
			t.Errorf("%s is %v (%q), want %v", g.Type().Field(i).Name, a, a, b)
		}
	}
}

// noFieldIsZero fails if a field was added without a test value.
func noFieldIsZero(t *testing.T, event any) {
	t.Helper()
	v := reflect.ValueOf(event)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test gives no %s", v.Type().Field(i).Name)
		}
	}
}

func TestEveryNameOfAnEnumerationHasItsCode(t *testing.T) {
	var d event.Decoder
	read := map[string]func(r *event.Response, c *event.Complaint) uint8{
		"source":        func(r *event.Response, _ *event.Complaint) uint8 { return r.Source },
		"survey":        func(r *event.Response, _ *event.Complaint) uint8 { return r.Survey },
		"need_level":    func(r *event.Response, _ *event.Complaint) uint8 { return r.NeedLevel },
		"customer_kind": func(r *event.Response, _ *event.Complaint) uint8 { return r.CustomerKind },
		"customer_type": func(r *event.Response, _ *event.Complaint) uint8 { return r.CustomerType },
		"customer_role": func(r *event.Response, _ *event.Complaint) uint8 { return r.CustomerRole },
		"emotion":       func(r *event.Response, _ *event.Complaint) uint8 { return r.Emotion },
		"repurchase":    func(r *event.Response, _ *event.Complaint) uint8 { return r.Repurchase },
		"recommend":     func(r *event.Response, _ *event.Complaint) uint8 { return r.Recommend },
		"step":          func(_ *event.Response, c *event.Complaint) uint8 { return c.Step },
		"category":      func(_ *event.Response, c *event.Complaint) uint8 { return c.Category },
		"leave_reason":  func(_ *event.Response, c *event.Complaint) uint8 { return c.LeaveReason },
	}
	names := map[string][]string{
		"source": event.Sources, "survey": event.Surveys, "need_level": event.NeedLevels, "customer_kind": event.CustomerKinds, "customer_type": event.CustomerTypes,
		"customer_role": event.CustomerRoles, "emotion": event.Emotions, "repurchase": event.Repurchases, "recommend": event.Recommends,
		"step": event.Steps, "category": event.Categories, "leave_reason": event.LeaveReasons,
	}
	for field, list := range names {
		for i, name := range list {
			r, err := d.Response(with(responses.minimal, field, `"`+name+`"`))
			if err != nil {
				t.Fatal(err)
			}
			c, err := d.Complaint(with(complaints.minimal, field, `"`+name+`"`))
			if err != nil {
				t.Fatal(err)
			}
			if code := read[field](r, c); code != uint8(i+1) || event.Name(list, code) != name || event.Code(list, name) != code {
				t.Errorf("%s %s has the code %d", field, name, code)
			}
		}
	}
}

func TestWhatIsAbsentHasItsDefault(t *testing.T) {
	d := event.Decoder{Words: ownWords}
	if _, err := d.Response([]byte(fullResponse)); err != nil { // none of it may remain
		t.Fatal(err)
	}
	r, err := d.Response([]byte(`{"event_id":"r","occurred_at":"1970-01-01T00:00:00Z","terminal_id":"t","grade":4,"brand":"own"}`))
	if err != nil {
		t.Fatal(err)
	}
	compareFields(t, *r, event.Response{EventID: []byte("r"), TerminalID: []byte("t"), Grade: 4, Survey: event.SurveyInstant, Answers: []event.Answer{}, Attributes: []event.Attribute{}})
	if id, terminal := r.Key(); string(id) != "t" || !terminal {
		t.Errorf("the key is %s, %v", id, terminal)
	}
}

const (
	fullPurchase = `{"event_id":"p-1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c-7","amount":-20.25,"margin":-4.5,"service_cost":1.25e0,
"store_id":"s-1","region":"north","product_category":"shoes","order_id":"o-1","more":1}`
	fullObservation = `{"event_id":"v-1","occurred_at":"2026-03-01T09:00:00Z","kind":"standard_check","store_id":"s-1","employee_id":"e-1","standard_id":"greet-30s",
"opportunities":50,"defects":2,"seconds_to_greet":12.5,"selling_effort":5,"product_knowledge":6,"promised":7,"delivered":4,"more":1}`
	fullDeparture = `{"event_id":"d-1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c-7","leave_reason":"indifference","more":1}`
)

func TestEveryFieldOfTheOtherTopicsIsRead(t *testing.T) {
	var d event.Decoder
	p, err := d.Purchase([]byte(fullPurchase))
	if err != nil {
		t.Fatal(err)
	}
	purchase := event.Purchase{EventID: []byte("p-1"), CustomerID: []byte("c-7"), OccurredAt: 1772355600000, Amount: -20.25, Margin: -4.5, HasMargin: true,
		ServiceCost: 1.25, HasServiceCost: true, StoreID: []byte("s-1"), Region: []byte("north"), ProductCategory: []byte("shoes"), OrderID: []byte("o-1"), Unknown: 1}
	compareFields(t, *p, purchase)
	noFieldIsZero(t, purchase)
	o, err := d.Observation([]byte(fullObservation))
	if err != nil {
		t.Fatal(err)
	}
	observation := event.Observation{EventID: []byte("v-1"), OccurredAt: 1772355600000, Kind: 2, StoreID: []byte("s-1"), EmployeeID: []byte("e-1"), StandardID: []byte("greet-30s"),
		Opportunities: 50, HasOpportunities: true, Defects: 2, HasDefects: true, SecondsToGreet: 12.5, HasSecondsToGreet: true, SellingEffort: 5, ProductKnowledge: 6,
		Promised: 7, Delivered: 4, Unknown: 1}
	compareFields(t, *o, observation)
	noFieldIsZero(t, observation)
	left, err := d.Departure([]byte(fullDeparture))
	if err != nil {
		t.Fatal(err)
	}
	departure := event.Departure{EventID: []byte("d-1"), CustomerID: []byte("c-7"), OccurredAt: 1772355600000, LeaveReason: 6, Unknown: 1}
	compareFields(t, *left, departure)
	noFieldIsZero(t, departure)
}

func TestEveryFieldOfAnInvitationIsRead(t *testing.T) {
	d := event.Decoder{Words: ownWords}
	got, err := d.Asked([]byte(`{"event_id":"i-1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c-7","terminal_id":"till-3","occasion":"purchase","channel":"email","source":"whatsapp","touchpoint":"a/b",
"store_id":"s-1","region":"north","employee_id":"e-1","product_category":"shoes","customer_type":"merchant","order_id":"o-1","attributes":{"department":"garden"},"more":1}`))
	if err != nil {
		t.Fatal(err)
	}
	want := event.Asked{EventID: []byte("i-1"), OccurredAt: 1772355600000, CustomerID: []byte("c-7"), TerminalID: []byte("till-3"), Occasion: []byte("purchase"), Channel: []byte("email"), Source: 2, OwnSource: "whatsapp", Touchpoint: []byte("a/b"),
		StoreID: []byte("s-1"), Region: []byte("north"), EmployeeID: []byte("e-1"), ProductCategory: []byte("shoes"), CustomerType: 2, OrderID: []byte("o-1"),
		Attributes: []event.Attribute{{Name: []byte("department"), Value: []byte("garden")}}, Unknown: 1}
	compareFields(t, *got, want)
	noFieldIsZero(t, want)
}

// TestAWordThatNobodyHasAddedIsRefusedWithTheKeyThatWouldAddIt: the reason names the words that there are, the owner's too.
func TestAWordThatNobodyHasAddedIsRefusedWithTheKeyThatWouldAddIt(t *testing.T) {
	none := event.Decoder{}
	with1 := event.Decoder{Words: ownWords}
	for _, c := range []struct {
		field, word, key string
		of               feed
	}{{"source", "sms", event.SourceWords, responses}, {"source", "sms", event.SourceWords, complaints}, {"category", "tax", event.CategoryWords, complaints}, {"step", "escalated", event.StepWords, complaints}} {
		for what, d := range map[string]*event.Decoder{"no words": &none, "other words": &with1} {
			_, err := c.of.decode(d, with(c.of.minimal, c.field, `"`+c.word+`"`))
			var bad *event.Error
			if !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(bad.Reason, c.word) || !strings.Contains(bad.Reason, c.key) {
				t.Errorf("%s, %s: %v", what, c.field, err)
				continue
			}
			if own := ownWords[c.key][len(ownWords[c.key])-1].Name; strings.Contains(bad.Reason, own) != (d == &with1) {
				t.Errorf("%s: of %q: %s", what, own, bad.Reason)
			}
		}
	}
	for word, like := range map[string]uint8{"noted": 0, "assigned": event.StepContacted, "resolved": event.StepResolved} {
		got, err := with1.Complaint(with(complaints.minimal, "step", `"`+word+`"`))
		if err != nil || got.Step != like || event.NameOf(got.OwnStep, event.Steps, got.Step) != word {
			t.Errorf("%s is %+v, %v", word, got, err)
		}
		if got, err = with1.Complaint([]byte(complaints.minimal)); err != nil || got.OwnStep != "" {
			t.Errorf("after %s an event has %q, %v", word, got.OwnStep, err)
		}
	}
}
