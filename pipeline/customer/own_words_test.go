package customer_test

import (
	"testing"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// TestTheEarliestWordsOfAComplaintStay, the owner's as those of the release, also before steps that name none or others.
func TestTheEarliestWordsOfAComplaintStay(t *testing.T) {
	own := &customer.OwnWords{Source: "whatsapp", Category: "billing"}
	first := customer.Step{At: 1000, ID: 1, Step: event.StepOpened, Category: event.CategoryPrice, Own: own}
	for what, later := range map[string]customer.Step{
		"none":   {At: 2000, ID: 2, Step: event.StepContacted},
		"known":  {At: 2000, ID: 2, Step: event.StepContacted, Source: 2, Category: event.CategoryDelivery},
		"others": {At: 2000, ID: 2, Step: event.StepContacted, Category: 1, Own: &customer.OwnWords{Source: "fax", Category: "snub"}},
	} {
		for _, order := range [][]customer.Step{{first, later}, {later, first}} {
			h := customer.NewComplaints()
			for _, s := range order {
				h.Apply("p", s)
			}
			s := customer.Summarise(h.Find("p"), func(category uint8, own string) int64 {
				if category == event.CategoryPrice && own == "billing" {
					return 60
				}
				return 3600
			})
			if s.SourceName() != "whatsapp" || s.CategoryName() != "billing" || s.Category != event.CategoryPrice || s.Promise != 60 || s.Contacts != 1 {
				t.Errorf("before %s it is %+v", what, s)
			}
		}
	}
	h := customer.NewComplaints()
	h.Apply("p", customer.Step{At: 1000, ID: 1, Step: event.StepOpened, Source: 2, Category: event.CategoryDelivery})
	h.Apply("p", customer.Step{At: 2000, ID: 2, Own: own})
	if s := customer.Summarise(h.Find("p"), day); s.SourceName() != "call" || s.CategoryName() != "delivery" || s.State != customer.Open || s.Contacts != 0 || s.FirstResponseAt != customer.Never {
		t.Errorf("after known words it is %+v", s)
	}
}
