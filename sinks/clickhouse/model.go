package clickhouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
	"csatflow/schemas"
	"csatflow/schemas/service"
)

// Model describes tables and views for these settings.
func Model(database string, set *pipeline.Settings, rawDays int, raterWeights map[string]float64, company schemas.Company) *schemas.Model {
	m := &schemas.Model{NoPanes: map[string][]uint32{}, Database: database, Zone: set.Zone.String(), RawDays: rawDays, RaterWeights: raterWeights, Company: company,
		Satisfaction: schemas.Groups{Names: pane.Satisfaction.Names, Sizes: pane.Satisfaction.Sizes},
		Recovery:     schemas.Groups{Names: pane.Recovery.Names, Sizes: pane.Recovery.Sizes},
		Names: map[string][]string{
			"rater": event.RaterNames, "factors": event.FactorNames, "facets": event.FacetNames, "scorecard": event.ScorecardNames,
			"tcs": event.TCSNames, "emotion": event.Emotions, "experience": event.ExperienceNames, "need": event.NeedLevels,
			"category": event.Categories,
		}}
	for i, kind := range set.Kinds.Names() {
		parts := set.Kinds.Parts(i)
		if len(parts) == 0 {
			continue
		}
		scope := schemas.Scope{Kind: kind, Expr: scopeExpr(parts)}
		m.Scopes = append(m.Scopes, scope)
		for r := range set.Kinds.Finest(i) {
			m.NoPanes[kind] = append(m.NoPanes[kind], r.Seconds())
		}
		if all(parts, func(t dimension.Topics) bool { return t.Complaints }) {
			m.ComplaintScopes = append(m.ComplaintScopes, scope)
		}
		if all(parts, func(t dimension.Topics) bool { return t.Purchases }) {
			m.PurchaseScopes = append(m.PurchaseScopes, scope)
		}
	}
	return m
}

// DefaultCompany is the company of an owner who configures nothing.
func DefaultCompany() schemas.Company {
	standards, e1 := service.LoadStandards("")
	beliefs, e2 := service.LoadBeliefs("")
	gaps, e3 := service.LoadGaps()
	if err := errors.Join(e1, e2, e3); err != nil {
		panic(err) // the files are part of the program
	}
	return schemas.NewCompany(schemas.Company{DefaultMargin: DefaultMargin, ReferralRate: DefaultReferralRate, MysteryVisits: DefaultMysteryVisits,
		AnswerSeconds: int(DefaultAnswerWindow / time.Second), Burst: schemas.Burst{Presses: DefaultBurstPresses, Within: DefaultBurstWithin}}, standards, beliefs, gaps)
}

// What holds unless the owner configures it: shares, visits, bursts of presses, and the time to answer an invitation.
const (
	DefaultMargin        = 0.25
	DefaultReferralRate  = 0.1
	DefaultMysteryVisits = 3
	DefaultBurstPresses  = 10
	DefaultBurstWithin   = 30 * time.Second
	DefaultAnswerWindow  = 7 * 24 * time.Hour
)

// all reports whether the events of a topic have all of these dimensions.
func all(parts []dimension.Dimension, of func(dimension.Topics) bool) bool {
	return !slices.ContainsFunc(parts, func(d dimension.Dimension) bool { return !of(d.Topics) })
}

// scopeExpr is the SQL of a scope's id, the same as of [pane.Kinds].
func scopeExpr(parts []dimension.Dimension) string {
	if len(parts) == 1 {
		return fmt.Sprintf("toString(%s)", parts[0].Column)
	}
	var ids, empty []string
	for _, d := range parts {
		ids = append(ids, fmt.Sprintf(`replaceAll(replaceAll(toString(%s), '\\', '\\\\'), '*', '\\*')`, d.Column))
		empty = append(empty, d.Column+" = ''")
	}
	return fmt.Sprintf("if(%s, '', concat(%s))", strings.Join(empty, " OR "), strings.Join(ids, ", '*', "))
}
