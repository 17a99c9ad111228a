package audit

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes the report for people: each row that differs, what was not compared, and the result in one sentence.
func (r *Report) WriteText(to io.Writer) error {
	w := bufio.NewWriter(to)
	say := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	for i := range r.Differences {
		r.Differences[i].write(say)
	}
	if more := r.RowsDiffer - int64(len(r.Differences)); more > 0 {
		say("and %s more that %s not named (--limit).", Count(more), choose(more, "is", "are"))
	}
	r.writeCounts(say)
	r.writeExclusions(say)
	for _, p := range r.Partitions {
		for _, t := range p.Topics {
			if t.Committed < 0 && t.End > t.First {
				say("Partition %d: the group has committed nothing of %s, so nothing of it is compared.", p.Partition, t.Topic)
			}
		}
	}
	r.writeLetters(say)
	r.writeSplit(say)
	if r.RowsDiffer > 0 {
		say("If many rows differ: is this the configuration that csatflow run has (measures)?")
	}
	say("%s", r.sentence())
	return w.Flush()
}

const columnsTold = 6 // of a row, in the text

func (d *Difference) write(say func(string, ...any)) {
	what := map[Finding]string{Differs: "differs", Missing: "is missing", Unexplained: "is not explained by the log"}[d.Finding]
	key := []string{fmt.Sprintf("partition %d", d.Partition)}
	for _, f := range d.Key {
		value := f.Value
		if value == "" || strings.ContainsAny(value, " ,\n\t") {
			value = strconv.Quote(value)
		}
		key = append(key, f.Name+" "+value)
	}
	say("%s: a row %s: %s", d.Table, what, strings.Join(key, ", "))
	for i, c := range d.Columns {
		if i == columnsTold && len(d.Columns) > columnsTold+1 {
			say("    and %d more columns (--format json has all)", len(d.Columns)-i)
			break
		}
		say("    %s: stored %s, computed %s", c.Column, quoteLines(c.Stored), quoteLines(c.Computed))
	}
	if d.Note != "" {
		say("    %s", d.Note)
	}
}

// quoteLines keeps a value on one line.
func quoteLines(s string) string {
	if s == "" || strings.ContainsAny(s, "\n\r\x1b") {
		return strconv.Quote(s)
	}
	return s
}

func (r *Report) writeCounts(say func(string, ...any)) {
	for i := range r.Tables {
		t := &r.Tables[i]
		tell := func(n int64, what string) {
			if n > 0 {
				say("%s: %s %s", t.Table, Count(n), what)
			}
		}
		tell(t.Differ, choose(t.Differ, "row differs.", "rows differ."))
		tell(t.Ahead, choose(t.Ahead, "row is", "rows are")+" ahead of the committed offsets: not compared.")
		tell(t.Expired, choose(t.Expired, "row has", "rows have")+" expired (clickhouse.raw_days).")
		tell(t.LeftHistory, choose(t.LeftHistory, "row is of a response that has", "rows are of responses that have")+" left the customer's history: not compared.")
		tell(t.OlderLogic, choose(t.OlderLogic, "row is", "rows are")+" of an older release's logic: not compared, and not read by this release.")
		tell(t.OtherScope, choose(t.OtherScope, "row is", "rows are")+" of scope kinds that this configuration does not have (measures.crossings): not compared.")
	}
}

// writeExclusions writes one line for all partitions with the same reason.
func (r *Report) writeExclusions(say func(string, ...any)) {
	list := slices.Clone(r.NotCompared)
	slices.SortStableFunc(list, func(a, b Exclusion) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Reason, b.Reason))
	})
	for from := 0; from < len(list); {
		to := from
		var names []string
		for ; to < len(list) && list[to].Partition == list[from].Partition && list[to].Reason == list[from].Reason; to++ {
			names = append(names, list[to].Table)
		}
		where := ""
		if list[from].Partition >= 0 {
			where = fmt.Sprintf(" of partition %d", list[from].Partition)
		}
		say("Not compared: %s%s: %s.", strings.Join(names, ", "), where, list[from].Reason)
		from = to
	}
}

func (r *Report) writeLetters(say func(string, ...any)) {
	d := &r.DeadLetters
	if !d.Checked {
		say("Dead letters were not checked: %s.", d.Reason)
		return
	}
	text := fmt.Sprintf("Dead letters: %s of %s messages that cannot be applied have one", Count(d.Found), Count(d.Expected))
	for _, part := range []struct {
		n    int64
		what string
	}{{d.Missing, "missing"}, {d.Expired, "perhaps removed by the topic's retention"}, {d.Unexplained, "of messages that can be applied"}, {d.Repeated, "repeated"}, {d.Foreign, "of no input topic"}, {d.Outside, "of offsets that were not audited"}} {
		if part.n > 0 {
			text += fmt.Sprintf("; %s %s", Count(part.n), part.what)
		}
	}
	say("%s.", text)
}

// writeSplit names customers in several partitions. Their rows agree with the log, and are wrong all the same.
func (r *Report) writeSplit(say func(string, ...any)) {
	if r.Split == 0 {
		return
	}
	for _, c := range r.SplitCustomers {
		say("%s %s is in partitions %s.", c.Kind, quoteLines(c.ID), strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Partitions), " ", ", "), "[]"))
	}
	say("%s in several partitions, each counted as several: producers partition keys in different ways (kafka.partitioner).", choose2(r.Split, "customer or terminal is", "customers and terminals are"))
}

// sentence returns the result of the audit.
func (r *Report) sentence() string {
	partitions := int64(0)
	for _, p := range r.Partitions {
		if p.InTopics {
			partitions++
		}
	}
	of := fmt.Sprintf("%s of %s", choose2(r.RowsAgree, "row", "rows"), choose2(partitions, "partition", "partitions"))
	with := choose2(r.Events, "event", "events") + " up to the committed offsets"
	if r.Sample < 1 {
		with += fmt.Sprintf(", of %.6g %% of the customers", r.Sample*100)
	}
	verb := choose(r.RowsAgree, "agrees", "agree")
	if r.Agrees {
		return fmt.Sprintf("%s %s with %s.", of, verb, with)
	}
	if r.RowsDiffer == 0 {
		return fmt.Sprintf("%s %s with %s, but customers are in several partitions.", of, verb, with)
	}
	return fmt.Sprintf("%s %s, and %s %s with %s.", choose2(r.RowsDiffer, "row", "rows"), choose(r.RowsDiffer, "differs", "differ"), of, verb, with)
}

func choose(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func choose2(n int64, one, many string) string { return Count(n) + " " + choose(n, one, many) }

// Count writes a number with commas at the thousands.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
