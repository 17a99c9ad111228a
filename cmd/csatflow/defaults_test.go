package main

import (
	"testing"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/metrics"
	"csatflow/sinks/web/api"
)

// Packages that work without a configuration, as in tests, have the same defaults.
func TestWithoutAConfigurationTheDefaultsAreTheSame(t *testing.T) {
	c := config.Default()
	company, err := c.Company()
	if err != nil {
		t.Fatal(err)
	}
	bare := clickhouse.DefaultCompany()
	s, err := c.Settings(1)
	if err != nil {
		t.Fatal(err)
	}
	set := pipeline.DefaultSettings()
	for what, pair := range map[string][2]any{
		"margin":          {company.DefaultMargin, bare.DefaultMargin},
		"referral rate":   {company.ReferralRate, bare.ReferralRate},
		"mystery visits":  {company.MysteryVisits, bare.MysteryVisits},
		"bursts":          {company.Burst, bare.Burst},
		"answer window":   {company.AnswerSeconds, bare.AnswerSeconds},
		"questions":       {c.Page.Questions, api.DefaultQuestions},
		"streams":         {c.Page.Streams, api.DefaultStreams},
		"idle label sets": {c.Metrics.Idle, metrics.DefaultIdle},
		"promise":         {s.Promise, set.Promise},
		"ceiling":         {s.Ceiling, set.Ceiling},
		"zone":            {s.Zone.String(), set.Zone.String()},
		"raw tables":      {s.RawTables, set.RawTables},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v by configuration, %v without", what, pair[0], pair[1])
		}
	}
}
