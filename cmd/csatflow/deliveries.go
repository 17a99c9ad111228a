package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/deliver"
	"csatflow/sinks/clickhouse"
)

// webhookChannel is the channel of the webhook in the table of deliveries.
const webhookChannel = "webhook"

type alertsCommand struct {
	Deliveries alertsDeliveries `cmd:"" help:"Say what was handed to the webhook, and which alerts it always failed at."`
	Retry      alertsRetry      `cmd:"" help:"Hand those on again that were parked."`
}

func (alertsCommand) Help() string {
	return "Examples:\n  csatflow alerts deliveries --config csatflow.yaml\n  csatflow alerts retry --config csatflow.yaml --all"
}

// parkedAlerts are what the webhook has parked, with the alerts of the table.
type parkedAlerts struct {
	config *config.Config
	store  *clickhouse.Store
	table  *deliver.Table
	parked []deliver.Parked
	alerts []alert.Alert
}

// pastKept is further back than the table keeps deliveries.
const pastKept = 2 * 60 * 24 * time.Hour

func (f *configFlag) parked(sys *system) (*parkedAlerts, error) {
	c, err := f.checked(sys)
	if err != nil {
		return nil, err
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return nil, err
	}
	p := &parkedAlerts{config: c, store: store, table: &deliver.Table{Conn: store.Conn(), Database: c.ClickHouse.Database}}
	if p.parked, err = p.table.Parked(sys.ctx, webhookChannel); err == nil {
		var resolved []alert.Alert
		p.alerts, resolved, err = (&alert.Log{Conn: store.Conn(), Database: c.ClickHouse.Database}).Read(sys.ctx, time.Now().Add(-pastKept))
		p.alerts = append(p.alerts, resolved...)
	}
	if err != nil {
		return nil, unreachable(errors.Join(err, store.Close()))
	}
	return p, nil
}

// hook is the webhook of the configuration.
func (p *parkedAlerts) hook() (*deliver.Webhook, error) {
	to := &p.config.Alerts.Webhook
	if to.URL == "" {
		return nil, usage(errors.New("alerts.webhook.url is not set: there is nobody to hand alerts to"))
	}
	pseudonyms, err := pseudonymsOf(&p.config.Page)
	if err != nil {
		return nil, err
	}
	hook, err := deliver.NewWebhook(to.URL, to.Secret, deliver.Links{PageURL: p.config.Alerts.PageURL, Key: pseudonyms.AlertKey})
	if err != nil {
		return nil, usage(err)
	}
	return hook, nil
}

type alertsDeliveries struct{ configFlag }

func (alertsDeliveries) Help() string {
	return "Example:\n  csatflow alerts deliveries --config csatflow.yaml\n\nExit code 1 when some are parked."
}

func (cmd *alertsDeliveries) Run(sys *system) error {
	p, err := cmd.parked(sys)
	if err != nil {
		return err
	}
	defer func() { _ = p.store.Close() }()
	done, err := p.table.Count(sys.ctx, webhookChannel)
	if err != nil {
		return unreachable(err)
	}
	for _, one := range p.parked {
		said := "no longer in the table of alerts"
		if a, found := deliver.Find(p.alerts, one.Key); found {
			said = fmt.Sprintf("%s, %s: %s", a.Severity, a.State(), a.Summary())
		}
		fmt.Fprintf(sys.stdout, "parked  %s  %s  %s\n", one.At.UTC().Format(time.RFC3339), printable(one.Key), printable(said))
	}
	fmt.Fprintf(sys.stdout, "webhook: %d changes of alerts in 60 days, %d of them parked\n", done, len(p.parked))
	if len(p.parked) > 0 {
		return answerNo(fmt.Errorf("the webhook failed at %d changes of alerts again and again: mend it, then csatflow alerts retry --all hands them on", len(p.parked)))
	}
	return nil
}

type alertsRetry struct {
	configFlag
	All  bool     `help:"All that are parked."`
	Keys []string `arg:"" optional:"" name:"key" help:"As deliveries lists them."`
}

func (alertsRetry) Help() string {
	return "Example:\n  csatflow alerts retry --config csatflow.yaml --all"
}

func (cmd *alertsRetry) Run(sys *system) error {
	if cmd.All == (len(cmd.Keys) > 0) {
		return usage(errors.New("say which: keys as csatflow alerts deliveries lists them, or --all"))
	}
	p, err := cmd.parked(sys)
	if err != nil {
		return err
	}
	defer func() { _ = p.store.Close() }()
	hook, err := p.hook()
	if err != nil {
		return err
	}
	keys := cmd.Keys
	if cmd.All {
		for _, one := range p.parked {
			keys = append(keys, one.Key)
		}
	}
	var failed []error
	for _, key := range keys {
		a, found := deliver.Find(p.alerts, key)
		switch {
		case !slices.ContainsFunc(p.parked, func(one deliver.Parked) bool { return one.Key == key }):
			err = fmt.Errorf("%s is not parked", key)
		case !found:
			err = fmt.Errorf("%s is no longer in the table of alerts", key)
		default:
			if err = hook.Post(sys.ctx, &a); err == nil {
				err = p.table.Retried(sys.ctx, webhookChannel, key)
			}
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Fprintf(sys.stdout, "handed on  %s  %s\n", printable(key), printable(a.Summary()))
	}
	if len(failed) > 0 {
		return answerNo(errors.Join(failed...))
	}
	return nil
}
