package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"csatflow/deploy/simulate"
)

type liveCommand struct {
	common
	Rates   []int         `default:"1000,4000" help:"Events a second."`
	During  time.Duration `default:"60s" help:"For how long each feed goes on."`
	Repeats int           `default:"3" help:"Runs of each kind; the table has the medians."`
	Events  int           `default:"1030000" help:"Responses and complaint steps of catching up; 0 leaves it out."`
	Only    string        `default:"" help:"Only the kinds that have this in their names."`
	Set     []string      `sep:"none" help:"Further lines of csatflow's configuration."`
}

func (liveCommand) Help() string {
	return `Example:
  go run ./cmd/bench live --during 30s --repeats 1

It writes live.md: CPU of csatflow and of ClickHouse while events come as they occur, and while it catches up, beside
materialized views that sum the same events.`
}

const liveNotes = `
Live: events come at that rate as they occur, with a flush a second. Views: the same events as JSON lines, one insert a second (of
100,000 when catching up), into a table from which materialized views make panes of 8 scopes by minute, hour and day, and sums of
customers; a repeated event counts twice there, and there are no histories, complaints, recovery, risk or alerts. Old: events of a
day for which the panes have left memory. CPU is in seconds per million events; ClickHouse's includes all of its merges. × views:
csatflow and ClickHouse together, against ClickHouse with views at the same rate.
`

// oldPanes is how many panes a process keeps in memory while events of an old day come: too few for a minute of the rate.
const oldPanes = "memory: {panes: 10000}"

func (cmd *liveCommand) Run(ctx context.Context) (err error) {
	cmd.feedConfig.Events = cmd.Events
	a, err := newTestbed(ctx, &cmd.common, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	var rows []row
	for _, k := range cmd.kinds(ctx, a) {
		if !strings.Contains(k.name, cmd.Only) {
			continue
		}
		theirs, err := repeat(cmd.Repeats, k.views)
		if err != nil {
			return fmt.Errorf("views, %s: %w", k.name, err)
		}
		ours, err := repeat(cmd.Repeats, k.one)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		for i := range ours {
			ours[i].views = theirs[i]
		}
		rows = append(rows, row{k.name, ours}, row{"views, " + k.name, theirs})
		progress(k.name, ours)
		progress("views, "+k.name, theirs)
	}
	text := fmt.Sprintf("# What csatflow costs beside materialized views\n\n%s\n\n%s customers, %s stores, %s employees, %d partitions, real Apache Kafka. Medians of %d (least–most).\n\n", machine(),
		number(float64(cmd.Customers), 0), number(float64(cmd.Stores), 0), number(float64(cmd.Employees), 0), cmd.Partitions, max(cmd.Repeats, 1)) + besideViews(rows) + liveNotes
	return write(filepath.Join(cmd.Out, "live.md"), text)
}

// liveKind is one way in which events come, with csatflow and with views.
type liveKind struct {
	name       string
	one, views func() (*figures, error)
}

func (cmd *liveCommand) kinds(ctx context.Context, a *testbed) (list []liveKind) {
	s := cmd.feedConfig
	var caught *feed
	for _, raw := range []bool{false, true} {
		if cmd.Events == 0 {
			break
		}
		name := map[bool]string{false: "catching up, raw tables off", true: "catching up, raw tables on"}[raw]
		list = append(list, liveKind{name, func() (f *figures, err error) {
			if caught == nil {
				if caught, err = a.fill(ctx, s); err != nil {
					return nil, err
				}
			}
			return a.written(ctx, caught, raw, 1)
		}, func() (*figures, error) { return a.viewsCatchUp(ctx, s, raw) }})
	}
	for _, rate := range cmd.Rates {
		l := live{rate: float64(rate), during: cmd.During, config: s, more: cmd.Set}
		list = append(list, liveKind{fmt.Sprintf("live, %s events/s", number(float64(rate), 0)), func() (*figures, error) { return a.live(ctx, &l) },
			func() (*figures, error) { return a.viewsLive(ctx, &l) }})
	}
	old := live{rate: float64(cmd.Rates[0]), during: cmd.During, config: s, more: append([]string{oldPanes}, cmd.Set...), old: true}
	return append(list, liveKind{fmt.Sprintf("live, %s events/s of an old day", number(old.rate, 0)), func() (*figures, error) { return a.live(ctx, &old) },
		func() (*figures, error) { return a.viewsLive(ctx, &old) }})
}

// live is a feed that comes as it occurs.
type live struct {
	rate   float64 // events a second
	during time.Duration
	config feedConfig
	more   []string // lines of csatflow's configuration
	old    bool     // events of a day for which panes have left memory
}

// source returns the simulated events of some time that begins now, or long ago.
func (l *live) source(d time.Duration, old bool) (*simulate.Feed, error) {
	s := l.config
	s.Events = int(l.rate * d.Seconds())
	start, span := time.Now().UTC(), d
	if old {
		start, span = start.Add(-100*24*time.Hour), 24*time.Hour
	}
	return simulate.New(s.of(3, start, span))
}

// live measures a running service from its first event until all that came is written and merged.
func (a *testbed) live(ctx context.Context, l *live) (_ *figures, err error) {
	client, err := a.producer(5 * time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	t, err := a.makeTopics(ctx, client, l.config.Partitions)
	if err != nil {
		return nil, err
	}
	set, err := a.migrated(ctx, t, true, append([]string{"flush: {interval: 1s}"}, l.more...)...)
	if err != nil {
		return nil, err
	}
	args := []string{"run", "--config", set.file}
	if a.profiles != "" {
		args = append(args, "--cpu-profile", filepath.Join(a.profiles, fmt.Sprintf("live%d.prof", a.setups)))
	}
	p, err := a.start(ctx, args...)
	if err != nil {
		return nil, err
	}
	ended := false
	defer func() {
		if !ended {
			err = errors.Join(err, p.stop())
		}
	}()
	if err := ready(ctx, p, set.listen); err != nil {
		return nil, err
	}
	send := func(d time.Duration, old bool) (*paced, error) {
		source, err := l.source(d, old)
		if err != nil {
			return nil, err
		}
		f := &paced{client: client, topics: t, rate: l.rate, during: d}
		return f, f.send(ctx, source)
	}
	warm := warmup
	if l.old {
		warm = 4 * warmup
	}
	if _, err := send(warm, false); err != nil {
		return nil, err
	}
	before, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	own, err := cpuOf(p.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	fed, err := send(l.during, l.old)
	if err != nil {
		return nil, err
	}
	ended = true
	if err := p.stop(); err != nil {
		return nil, err
	}
	if err := a.settle(ctx); err != nil {
		return nil, err
	}
	after, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	got := &figures{events: int64(fed.sent), wall: fed.took, cpu: p.cpu() - own, rss: p.peak}
	got.since(&before, &after)
	if got.disk, err = a.onDisk(ctx, set.database); err != nil {
		return nil, err
	}
	return got, a.conn.Exec(ctx, "DROP DATABASE "+set.database)
}

// since sets the figures of the servers.
func (f *figures) since(before, after *meters) {
	f.engine, f.broker, f.engineRSS = after.engine-before.engine, after.broker-before.broker, after.peak
	f.rows, f.inserted, f.written = after.rows-before.rows, after.inserted-before.inserted, after.written-before.written
}

// viewsLive inserts the events of each second.
func (a *testbed) viewsLive(ctx context.Context, l *live) (*figures, error) {
	source, err := l.source(l.during, l.old)
	if err != nil {
		return nil, err
	}
	return a.viewsOf(ctx, true, func(v *views) error {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		var e simulate.Event
		for n := 1; source.Next(&e); n++ {
			v.add(&e)
			if n%int(l.rate) != 0 {
				continue
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-tick.C:
			}
			if err := v.insert(ctx); err != nil {
				return err
			}
		}
		return v.insert(ctx)
	})
}

// viewsCatchUp inserts events of two hours as fast as it goes.
func (a *testbed) viewsCatchUp(ctx context.Context, s feedConfig, raw bool) (*figures, error) {
	source, err := simulate.New(s.of(1, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), 2*time.Hour))
	if err != nil {
		return nil, err
	}
	return a.viewsOf(ctx, raw, func(v *views) error {
		const batch = 100_000
		var e simulate.Event
		for n := 1; source.Next(&e); n++ {
			if v.add(&e); n%batch == 0 {
				if err := v.insert(ctx); err != nil {
					return err
				}
			}
		}
		return v.insert(ctx)
	})
}

func (a *testbed) viewsOf(ctx context.Context, raw bool, fill func(*views) error) (*figures, error) {
	v, err := a.newViews(ctx, raw)
	if err != nil {
		return nil, err
	}
	if err := forgetPeak(a.engine.Pid()); err != nil {
		return nil, err
	}
	before, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := fill(v); err != nil {
		return nil, err
	}
	got := &figures{events: v.events, wall: time.Since(began)}
	if err := a.settle(ctx); err != nil {
		return nil, err
	}
	after, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	got.since(&before, &after)
	if got.disk, err = a.onDisk(ctx, v.database); err != nil {
		return nil, err
	}
	return got, v.end(ctx)
}

// besideViews is the table of csatflow and views in turn.
func besideViews(rows []row) string {
	return table("events come", rows, []column{{name: "events/s", value: rate}, {name: "CPU of csatflow", digits: 1, value: cpu}, {name: "of ClickHouse", digits: 1, value: engineCPU},
		{name: "together", digits: 1, value: together}, {name: "rows per event", digits: 2, value: rowsEach}, {name: "bytes per event", value: bytesEach},
		{name: "written to files", value: writtenEach}, {name: "kept", value: diskEach},
		{name: "× views", digits: 2, value: func(f *figures) float64 {
			if f.views == nil {
				return 0
			}
			return together(f) / together(f.views)
		}}})
}

func together(f *figures) float64 { return f.perMillion(f.cpu + f.engine) }
