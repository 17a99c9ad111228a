package audit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"csatflow/pipeline"
	declared "csatflow/schemas/tables"
)

// Options say what to audit, and how much memory it may take.
type Options struct {
	Settings   *pipeline.Settings
	Group      string  // consumer group, for messages
	Sample     float64 // share of customers, above 0 and up to 1
	Partitions []int   // nil for all
	Memory     int64   // bytes, about
	Limit      int     // differences to name
	TempDir    string
	RawDays    int // age at which events as received may be gone, days
	Now        time.Time
	NoLetters  string                  // why dead letters are not checked, when letters is nil
	Progress   func(done, total int64) // records of the logs
	observer   pipeline.Observer       // of the tasks that compute; does nothing outside tests
}

// RefusalError is the error of an audit that cannot be made as asked; it says why and what to do.
type RefusalError struct{ Reason string }

func (e *RefusalError) Error() string { return e.Reason }

func refuse(format string, args ...any) error {
	return &RefusalError{fmt.Sprintf(format, args...)}
}

// run is one audit.
type run struct {
	*Options
	log      Log
	tables   Tables
	schemas  []*schema
	settings *pipeline.Settings // those of the configuration, with this audit's limits
	share    uint64             // bound of the hash of a customer's id
	spill    *spill
	held     *tempFile
	letters  *letters
	report   *Report
	named    [][]Difference // by table
	progress progress
}

// Run audits, and says what it found. letters may be nil.
func Run(ctx context.Context, o *Options, log Log, stored Tables, dead Letters) (*Report, error) {
	r := &run{Options: o, log: log, tables: stored, named: make([][]Difference, len(tables)), progress: progress{said: o.Progress}}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if err := writable(o.TempDir); err != nil {
		return nil, err
	}
	r.spill, r.held = newSpill(o.TempDir), newTempFile(o.TempDir, fanBuffer)
	defer r.spill.close()
	defer r.held.close()
	r.letters = r.newLetters(dead)
	defer r.letters.close()
	if err := r.partitions(ctx); err != nil {
		return nil, err
	}
	err := r.letters.compare(ctx)
	if err != nil {
		return nil, err
	}
	if r.report.Split, r.report.SplitCustomers, err = stored.Split(ctx, min(o.Limit, splitNamed)); err != nil {
		return nil, err
	}
	r.finish()
	return r.report, nil
}

// splitNamed is how many customers in several partitions are named, at most.
const splitNamed = 10

func (r *run) prepare() error {
	if !(r.Sample > 0 && r.Sample <= 1) {
		return refuse("the sample must be a share of customers above 0 and up to 1, is %v", r.Sample)
	}
	if r.observer == nil {
		r.observer = noObserver{}
	}
	r.share = math.MaxUint64
	if r.Sample < 1 {
		r.share = uint64(math.Ldexp(r.Sample, 64))
	}
	set := *r.Settings
	set.Ceiling = pipeline.Ceiling{}
	set.PaneLimit = math.MaxInt // takeSums empties them before a limit matters
	r.settings = &set
	schemas, err := newSchemas(&set)
	if err != nil {
		return err
	}
	r.schemas = schemas
	r.report = &Report{Group: r.Group, Sample: r.Sample, Partitions: []PartitionReport{}, NotCompared: []Exclusion{}, Differences: []Difference{}, SplitCustomers: []SplitCustomer{}}
	for i := range tables {
		r.report.Tables = append(r.report.Tables, TableReport{Table: tables[i].name})
	}
	return nil
}

// partitions audits one partition after another.
func (r *run) partitions(ctx context.Context) error {
	committed, bounds, err := r.positions(ctx)
	if err != nil {
		return err
	}
	some := false
	for _, c := range committed {
		some = some || slices.Max(c[:]) >= 0
	}
	if !some {
		return refuse("the consumer group %q has committed nothing of %s and the other topics, so there is nothing to compare: is kafka.group the group of csatflow run, and has it run? (csatflow run --until-end reads what is in the topics now)",
			r.Group, r.log.Name(pipeline.Responses))
	}
	list := r.Partitions
	if len(list) == 0 {
		list = make([]int, len(committed))
		for p := range list {
			list[p] = p
		}
	}
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	for _, p := range list {
		if p < 0 || p >= len(committed) {
			return refuse("there is no partition %d: the topics have partitions 0 to %d", p, len(committed)-1)
		}
		for topic := range pipeline.Topic(pipeline.Topics) {
			r.progress.expect(max(committed[p][topic]-bounds[p][topic].First, 0))
		}
	}
	for _, p := range list {
		if err := r.partition(ctx, p); err != nil {
			return err
		}
	}
	if r.Partitions != nil {
		return nil
	}
	return r.strangers(ctx, len(committed))
}

// positions reads what is committed, and after that the bounds of the logs.
func (r *run) positions(ctx context.Context) (committed [][pipeline.Topics]int64, bounds [][pipeline.Topics]pipeline.Bounds, err error) {
	if committed, err = r.log.Committed(ctx); err != nil {
		return nil, nil, err
	}
	if bounds, err = r.log.Bounds(ctx); err != nil {
		return nil, nil, err
	}
	if len(bounds) != len(committed) {
		return nil, nil, refuse("the topics got more partitions during the audit: audit again")
	}
	return committed, bounds, nil
}

// partition audits a partition of the topics.
func (r *run) partition(ctx context.Context, number int) error {
	committed, bounds, err := r.positions(ctx) // again: a long audit lets a live system run far ahead
	if err != nil {
		return err
	}
	if number >= len(committed) {
		return refuse("partition %d is gone: audit again", number)
	}
	p, err := r.newPartition(number, committed[number], bounds[number])
	if err != nil {
		return err
	}
	if err := p.planCut(ctx); err != nil {
		return err
	}
	return p.audit(ctx)
}

// strangers looks for rows of partitions that the topics do not have: no log explains them.
func (r *run) strangers(ctx context.Context, partitions int) error {
	list, err := r.tables.Partitions(ctx, r.comparedTables())
	if err != nil {
		return err
	}
	slices.Sort(list)
	for _, number := range list {
		if number < partitions {
			continue
		}
		p, err := r.newPartition(number, [pipeline.Topics]int64{}, [pipeline.Topics]pipeline.Bounds{})
		if err != nil {
			return err
		}
		p.stranger = true
		if err := p.audit(ctx); err != nil {
			return err
		}
	}
	return nil
}

// excluded says why a table is not compared in any partition, "" if it is.
func (r *run) excluded(t *table) string {
	switch {
	case t.kind == declared.Sums && r.share != math.MaxUint64:
		return "panes are sums over all customers, and only a sample of them is audited"
	case t.kind == declared.AsReceived && !t.kept && !r.settings.RawTables:
		return "events as received are not kept (clickhouse.raw_tables)"
	}
	return ""
}

func (r *run) comparedTables() (names []string) {
	for i := range tables {
		if r.excluded(&tables[i]) == "" {
			names = append(names, tables[i].name)
		}
	}
	return names
}

// finish adds the counts up and sorts the report.
func (r *run) finish() {
	for i := range tables {
		if why := r.excluded(&tables[i]); why != "" {
			r.report.NotCompared = append(r.report.NotCompared, Exclusion{Table: tables[i].name, Partition: -1, Reason: why})
		}
		r.report.RowsAgree += r.report.Tables[i].Agree
		r.report.RowsDiffer += r.report.Tables[i].Differ
	}
	r.report.RowsDiffer += r.report.DeadLetters.Missing + r.report.DeadLetters.Unexplained
	r.report.Agrees = r.report.RowsDiffer == 0 && r.report.Split == 0
	named := append(slices.Clone(r.named), r.letters.named)
	for _, list := range named {
		slices.SortStableFunc(list, func(a, b Difference) int {
			return cmp.Or(cmp.Compare(a.Partition, b.Partition), compareKeys(a.Key, b.Key))
		})
	}
	r.report.Differences = append(r.report.Differences, fairly(named, r.Limit)...)
}

func compareKeys(a, b []Field) int {
	return slices.CompareFunc(a, b, func(x, y Field) int { return cmp.Compare(x.Value, y.Value) })
}

// fairly takes at most limit differences, an equal share from every table as far as it has them, in the order of the tables.
func fairly(lists [][]Difference, limit int) (taken []Difference) {
	share, rest := make([]int, len(lists)), limit
	for more := true; more && rest > 0; {
		more = false
		for i, list := range lists {
			if share[i] < len(list) && rest > 0 {
				share[i]++
				rest--
				more = true
			}
		}
	}
	for i, list := range lists {
		taken = append(taken, list[:share[i]]...)
	}
	return taken
}

// progress counts the records of the logs that have been read.
type progress struct {
	said        func(done, total int64)
	done, total int64
}

func (p *progress) expect(records int64) { p.total += records }

func (p *progress) add(records int64) {
	p.done += records
	p.total = max(p.total, p.done)
	if p.said != nil {
		p.said(p.done, p.total)
	}
}
