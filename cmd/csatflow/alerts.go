package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/schemas"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/actions"
	"csatflow/sinks/alert/deliver"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/metrics"
	"csatflow/sinks/web/api"
)

// watcher looks for alerts while this process owns partition 0.
type watcher struct {
	config  *config.Config
	to      *servers
	log     *slog.Logger
	metrics *metrics.Alerts
	page    string
	// pseudonyms replace customers on the page, and keys of alerts about them in links to it.
	pseudonyms *api.Pseudonyms

	stop func() // nil while it does not watch
}

// joined hears which partitions this process owns, and starts or stops the watch. For a moment two processes may watch: an
// alert's identity is rule, scope and start, so both write the same alerts.
func (w *watcher) joined(ctx context.Context, partitions []int) error {
	owner := slices.Contains(partitions, 0)
	switch {
	case owner && w.stop == nil:
		return w.start(ctx)
	case !owner:
		w.end()
	}
	return nil
}

func (w *watcher) end() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *watcher) start(ctx context.Context) error {
	c := &w.config.Alerts
	conn, database := w.to.store.Conn(), w.config.ClickHouse.Database
	var background []func(context.Context)
	var channels []alert.Channel
	page := c.PageURL
	if page == "" {
		page = "http://" + w.page
	}
	links := deliver.Links{PageURL: page, Key: w.pseudonyms.AlertKey}
	if len(c.Alertmanager.URLs) > 0 {
		m := &c.Alertmanager
		a, err := deliver.NewAlertmanager(deliver.AlertmanagerConfig{URLs: m.URLs, Username: m.Username, Password: m.Password, Token: m.Token, CAFile: m.CAFile, Resend: m.Resend, Links: links}, w.log, w.metrics.Delivered)
		if err != nil {
			return usage(err)
		}
		channels, background = append(channels, a), append(background, a.Run)
	}
	if c.Webhook.URL != "" {
		hook, err := deliver.NewWebhook(c.Webhook.URL, c.Webhook.Secret, links)
		if err != nil {
			return usage(err)
		}
		o := (&deliver.Outbox{Name: webhookChannel, Post: hook.Post, Deliveries: &deliver.Table{Conn: conn, Database: database}, Log: w.log, Told: w.metrics.Delivered}).Open()
		channels, background = append(channels, o), append(background, o.Run)
	}
	r, err := newRunner(w.config, w.to.store, w.log)
	if err != nil {
		return err
	}
	r.Channels = channels
	r.Told = func(firing []alert.Alert, until time.Time, err error) {
		count := map[[2]string]int{}
		for i := range firing {
			count[[2]string{firing[i].Rule, firing[i].Severity}]++
		}
		w.metrics.Evaluated(count, until, err)
	}
	if name := w.config.Kafka.Topics.Actions; name != "" {
		topic := actions.OpenTopic(w.to.kafka, name)
		desk := &actions.Dispatcher{Conn: conn, Database: database, Topic: topic, Told: w.metrics.Acted}
		r.Dispatcher = desk
		background = append(background, func(ctx context.Context) {
			<-ctx.Done()
			if err := topic.Close(); err != nil {
				w.log.Warn("closing the topic of actions went wrong", "err", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, run := range append(background, r.Run) {
		all.Go(func() { run(ctx) })
	}
	w.stop = func() {
		cancel()
		all.Wait()
	}
	return nil
}

// newRunner evaluates the configured rules over a store, and tells nobody.
func newRunner(c *config.Config, store *clickhouse.Store, log *slog.Logger) (*watch.Runner, error) {
	model, err := tablesFor(c)
	if err != nil {
		return nil, err
	}
	dimensions, err := c.Dimensions()
	if err != nil {
		return nil, usage(err)
	}
	zone, err := c.Zone()
	if err != nil {
		return nil, usage(err)
	}
	conn, database := store.Conn(), c.ClickHouse.Database
	return &watch.Runner{Rules: &c.Alerts.Rules, Dimensions: dimensions, Zone: zone, Views: alertViews(conn, model), Log: &alert.Log{Conn: conn, Database: database}, Logger: log,
		Explain: watch.Explainer(conn, database, dimensions), CatchUp: c.Alerts.CatchUp}, nil
}

// alertViews reads the views that alerts are based on.
func alertViews(conn clickhouse.Conn, m *schemas.Model) *watch.Views {
	return &watch.Views{Conn: conn, Database: m.Database, Satisfaction: m.Satisfaction, Scopes: m.Scopes, ComplaintScopes: m.ComplaintScopes, PurchaseScopes: m.PurchaseScopes}
}
