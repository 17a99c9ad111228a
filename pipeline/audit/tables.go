package audit

import (
	"cmp"
	"slices"

	"csatflow/pipeline"
	declared "csatflow/schemas/tables"
)

// table is one of the tables that are compared.
type table struct {
	name     string
	kind     declared.Kind
	topic    pipeline.Topic // that feeds it, if it is a single one
	topics   []string
	key      []string
	customer []string // columns of the customer's id, none for panes
	kept     bool     // rows of events that never expire
}

// tables are all whose rows follow from the log. Positions are not among them: they only say how far the others are.
var tables = compared()

func compared() (list []table) {
	for _, t := range declared.OfPipeline {
		if t.Kind == declared.Position {
			continue
		}
		topic, _ := pipeline.TopicOf(t.Topics[0])
		list = append(list, table{name: t.Name, kind: t.Kind, topic: topic, topics: t.Topics, key: keyColumns(t), customer: t.Customer, kept: t.Kind == declared.AsReceived && !t.Keep.Raw})
	}
	return list
}

// keyColumns returns the columns of a table's key in the order in which the report names them: the partition, then as declared.
func keyColumns(t *declared.Table) []string {
	key := slices.Clone(t.Key)
	place := func(column string) int {
		if column == "partition" {
			return -1
		}
		return slices.IndexFunc(t.Columns, func(c declared.Column) bool { return c.Name == column })
	}
	slices.SortStableFunc(key, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	return key
}

func tableOf(name string) int {
	return slices.IndexFunc(tables, func(t table) bool { return t.name == name })
}

// bookkeeping reports whether a column says how much a row has absorbed, or who made its event, and nothing of its content. The version of a
// churn row is content: it is the number of events that the score stands for, and the table has no other column for it.
func (t *table) bookkeeping(column string) bool {
	return column == "mark" || column == "made_of" || column == "mapping" || column == "version" && t.name != pipeline.TableChurn
}

// follows reports whether rows of the table follow from this topic's log.
func (t *table) follows(topic pipeline.Topic) bool {
	return slices.Contains(t.topics, topic.String())
}
