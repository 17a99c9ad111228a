package audit

import (
	"context"
	"fmt"
	"math"
	"slices"

	"csatflow/pipeline"
	"csatflow/pipeline/rows"
	declared "csatflow/schemas/tables"
)

// query selects the rows and columns of a table that are compared.
func (p *partition) query(s *schema) *Query {
	q := &Query{Schema: s.empty, Partition: p.number, Customer: s.customer, Share: math.MaxUint64, FromOffset: math.MinInt64, AfterPane: math.MinInt64}
	if s.customer != nil {
		q.Share = p.share
	}
	if s.kind == declared.AsReceived && p.cut[s.topic] {
		q.FromOffset = p.from[s.topic]
	}
	if s.name == pipeline.TableSatisfactionPanes {
		q.AfterPane = p.afterPane
	}
	return q
}

// eachStored reads the stored rows of a table that this release's logic made in scopes of this configuration, and counts
// the others.
func (p *partition) eachStored(ctx context.Context, s *schema, counts *TableReport, each func(v *view, i int) error) error {
	err := p.tables.Rows(ctx, p.query(s), func(read *pipeline.Rows) error {
		v, err := s.view(read)
		if err != nil {
			return err
		}
		for i := range v.n {
			if v.versions != nil {
				switch version := v.versions[i]; {
				case version < rows.MinVersion():
					counts.OlderLogic++
					continue
				case version>>numberBits > rows.LogicVersion:
					return refuse("table %s, partition %d, has rows of a newer release (logic version %d, this one has %d): audit with that release", s.name, p.number, version>>numberBits, rows.LogicVersion)
				}
			}
			if v.kind == declared.Sums && !slices.Contains(p.settings.Kinds.Names(), v.scopes[i]) {
				counts.OtherScope++
				continue
			}
			if err := each(v, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading %s, partition %d: %w", s.name, p.number, err)
	}
	return nil
}

// readStored writes the records of stored rows to the files.
func (p *partition) readStored(ctx context.Context) error {
	for id, s := range p.schemas {
		if !p.compare[id] {
			continue
		}
		err := p.eachStored(ctx, s, &p.counts[id], func(v *view, i int) error {
			rec := v.record(i)
			rec.info |= flagStored
			if v.name == pipeline.TableMoments && v.kinds[i] == "response" {
				return p.hold(rec, v.customers[i], v.at[i])
			}
			return p.spill.add(rec)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
