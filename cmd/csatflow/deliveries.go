package main

import (
	"errors"
	"fmt"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/deliver"
	"csatflow/sinks/clickhouse"
)

// webhookChannel is the webhook's channel in the table of deliveries.
const webhookChannel = "webhook"

type alertsCommand struct {
	Deliveries alertsDeliveries `cmd:"" help:"List what was delivered to the webhook, and the alerts that it never took."`
	Retry      alertsRetry      `cmd:"" help:"Deliver parked alerts again."`
}

func (alertsCommand) Help() string {
	return "Examples:\n  csatflow alerts deliveries --config csatflow.yaml\n  csatflow alerts retry --config csatflow.yaml --all"
}

// held reads the alerts that the webhook has parked.
func (f *configFlag) held(sys *system) (*deliver.Held, *config.Config, *clickhouse.Store, error) {
	c, err := f.checked(sys)
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return nil, nil, nil, err
	}
	h, err := deliver.ReadHeld(sys.ctx, store.Conn(), c.ClickHouse.Database, webhookChannel, time.Now())
	if err != nil {
		return nil, nil, nil, unreachable(errors.Join(err, store.Close()))
	}
	return h, c, store, nil
}

// hookOf returns the configured webhook.
func hookOf(c *config.Config) (*deliver.Webhook, error) {
	to := &c.Alerts.Webhook
	if to.URL == "" {
		return nil, usage(errors.New("alerts.webhook.url is not set: there is no receiver of alerts"))
	}
	pseudonyms, err := pseudonymsOf(&c.Page)
	if err != nil {
		return nil, err
	}
	hook, err := deliver.NewWebhook(to.URL, to.Secret, deliver.Links{PageURL: c.Alerts.PageURL, Key: pseudonyms.AlertKey})
	if err != nil {
		return nil, usage(err)
	}
	return hook, nil
}

type alertsDeliveries struct{ configFlag }

func (alertsDeliveries) Help() string {
	return "Example:\n  csatflow alerts deliveries --config csatflow.yaml\n\nExit code 1 if some are parked."
}

func (cmd *alertsDeliveries) Run(sys *system) error {
	h, _, store, err := cmd.held(sys)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	done, err := h.Count(sys.ctx)
	if err != nil {
		return unreachable(err)
	}
	for _, one := range h.Parked {
		said := "no longer in the table of alerts"
		if a, found := h.Find(one.Key); found {
			said = fmt.Sprintf("%s, %s: %s", a.Severity, a.State(), a.Summary())
		}
		fmt.Fprintf(sys.stdout, "parked  %s  %s  %s\n", one.At.UTC().Format(time.RFC3339), output.Printable(one.Key), output.Printable(said))
	}
	fmt.Fprintf(sys.stdout, "webhook: %d changes of alerts in 60 days, %d of them parked\n", done, len(h.Parked))
	if len(h.Parked) > 0 {
		return answerNo(fmt.Errorf("the webhook failed again and again at %d changes of alerts: repair it, then csatflow alerts retry --all delivers them", len(h.Parked)))
	}
	return nil
}

type alertsRetry struct {
	configFlag
	All  bool     `help:"All that are parked."`
	Keys []string `arg:"" optional:"" name:"key" help:"Keys of alerts, from deliveries."`
}

func (alertsRetry) Help() string {
	return "Example:\n  csatflow alerts retry --config csatflow.yaml --all"
}

func (cmd *alertsRetry) Run(sys *system) error {
	if cmd.All == (len(cmd.Keys) > 0) {
		return usage(errors.New("say which: keys from csatflow alerts deliveries, or --all"))
	}
	h, c, store, err := cmd.held(sys)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	keys := cmd.Keys
	if cmd.All {
		keys = h.Keys()
	}
	err = h.Retry(sys.ctx, keys, hook.Post, func(key string, a *alert.Alert) {
		fmt.Fprintf(sys.stdout, "handed on  %s  %s\n", output.Printable(key), output.Printable(a.Summary()))
	})
	if err != nil {
		return answerNo(err)
	}
	return nil
}
