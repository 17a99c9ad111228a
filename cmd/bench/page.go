package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type pageCommand struct {
	common
	Days          int `default:"365" help:"Days of responses."`
	PageStores    int `default:"500" help:"Stores, with ten employees each."`
	PageResponses int `default:"22000000" help:"Responses, of 300,000 customers."`
}

func (pageCommand) Help() string {
	return `Example:
  go run ./cmd/bench page --page-responses 1000000

It fills ClickHouse with what csatflow would have written about a year of a large chain, serves the page over it, opens it in
Chromium and measures it press by press. It writes page.md.`
}

const pageNotes = `
The tables are filled by SQL and not by csatflow: responses as received, panes of days and hours of the whole time and of minutes of the last three
days, each as eight partitions, bad moments, a complaint for every ninth of them, scores and purchases; then merges finish. The page is opened 15 s after csatflow has started. First: until the first panel has its figures
or its curve; all: until every panel has. Once: csatflow has nothing of it in its cache; again: the same press right after. Times are the browser's, from
the press (the opening: from the start of the navigation).
`

func (cmd *pageCommand) Run(ctx context.Context) (err error) {
	a, err := newTestbed(ctx, &cmd.common, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	client, err := kgo.NewClient(kgo.SeedBrokers(a.broker.Addr))
	if err != nil {
		return fmt.Errorf("connecting to Kafka: %w", err)
	}
	defer client.Close()
	t, err := a.makeTopics(ctx, client, 8)
	if err != nil {
		return err
	}
	l, err := a.migrated(ctx, t, true)
	if err != nil {
		return err
	}
	if err := fillPage(ctx, a.conn, l.database, cmd); err != nil {
		return err
	}
	p, err := a.start(ctx, "run", "--config", l.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	base := "http://" + l.listen
	if err := answering(ctx, base+"/readyz"); err != nil {
		return err
	}
	// At its start, csatflow asks the questions of the first view.
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(warming):
	}
	list, err := through(ctx, base)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# The page over a year of a large chain\n\n%s\n\n%s stores, %s employees, %s responses in %d days, 300,000 customers.\n\n| press | first, once | all, once | first, again | all, again |\n|---|--:|--:|--:|--:|\n",
		machine(), tick(float64(cmd.PageStores)), tick(float64(10*cmd.PageStores)), tick(float64(cmd.PageResponses)), cmd.Days)
	for _, s := range list {
		fmt.Fprintf(&b, "| %s | %.0f ms | %.0f ms | %.0f ms | %.0f ms |\n", s.name, s.once.First, s.once.All, s.again.First, s.again.All)
	}
	return write(filepath.Join(cmd.Out, "page.md"), b.String()+pageNotes)
}

// warming is for how long csatflow is left alone after its start.
const warming = 15 * time.Second

func answering(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", url, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
