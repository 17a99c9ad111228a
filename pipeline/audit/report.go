package audit

// Report is what an audit found. Its JSON names are a contract: new ones may come, none goes.
type Report struct {
	// Agrees is true when no row differs and no customer is in several partitions.
	Agrees bool `json:"agrees"`
	// Group is the consumer group whose committed offsets bound the audit.
	Group string `json:"group"`
	// Sample is the share of customers that was audited, 1 for all.
	Sample float64 `json:"sample"`
	// Events is how many records of the logs were computed again.
	Events int64 `json:"events"`
	// RowsAgree counts stored rows that are as the log says.
	RowsAgree int64 `json:"rows_agree"`
	// RowsDiffer counts rows and dead letters that are otherwise, missing, or not explained by the log.
	RowsDiffer int64 `json:"rows_differ"`
	// Tables has the counts of each table.
	Tables []TableReport `json:"tables"`
	// Partitions has the offsets of each partition that was audited.
	Partitions []PartitionReport `json:"partitions"`
	// DeadLetters compares the dead-letter topic with the messages that cannot be applied.
	DeadLetters DeadLetterReport `json:"dead_letters"`
	// Split counts customers and terminals in several partitions, where each is counted as several: their producers
	// partition keys in different ways. SplitCustomers names some.
	Split          int64           `json:"split"`
	SplitCustomers []SplitCustomer `json:"split_customers"`
	// NotCompared says what was left out, and why.
	NotCompared []Exclusion `json:"not_compared"`
	// Differences names rows that differ, up to the limit that was asked for.
	Differences []Difference `json:"differences"`
}

// TableReport counts the rows of a table.
type TableReport struct {
	Table string `json:"table"`
	// Agree counts stored rows that are as computed.
	Agree int64 `json:"agree"`
	// Differ counts rows with other values, missing rows, and rows that the log does not explain.
	Differ int64 `json:"differ"`
	// Ahead counts stored rows that have absorbed events beyond the committed offsets: not compared.
	Ahead int64 `json:"ahead"`
	// Expired counts events as received that are older than clickhouse.raw_days and gone.
	Expired int64 `json:"expired"`
	// LeftHistory counts stored moments of responses that have left their customer's history: not compared.
	LeftHistory int64 `json:"left_history"`
	// OlderLogic counts rows of an older release's logic, which this release does not read.
	OlderLogic int64 `json:"older_logic"`
	// OtherScope counts panes of scope kinds that the configuration lacks, for example of crossings that were removed from it.
	OtherScope int64 `json:"other_scope"`
}

func (t *TableReport) add(o *TableReport) {
	t.Agree += o.Agree
	t.Differ += o.Differ
	t.Ahead += o.Ahead
	t.Expired += o.Expired
	t.LeftHistory += o.LeftHistory
	t.OlderLogic += o.OlderLogic
	t.OtherScope += o.OtherScope
}

// PartitionReport says what was audited of one partition number.
type PartitionReport struct {
	Partition int `json:"partition"`
	// InTopics is false for a partition number that only tables have.
	InTopics bool `json:"in_topics"`
	// Topics has the offsets, responses first; none if the topics have no such partition.
	Topics []TopicReport `json:"topics"`
	// Passes is how often the log was read, each time for as many customers as fit into memory.
	Passes int   `json:"passes"`
	Events int64 `json:"events"`
}

// TopicReport is the offsets of one topic's partition.
type TopicReport struct {
	Topic string `json:"topic"`
	// Committed is the first offset that was not computed; -1 if the group has committed nothing.
	Committed int64 `json:"committed"`
	// First and End bound the log.
	First int64 `json:"first"`
	End   int64 `json:"end"`
}

// DeadLetterReport compares the dead-letter topic with the computation.
type DeadLetterReport struct {
	Checked bool `json:"checked"`
	// Reason says why they were not checked.
	Reason string `json:"reason,omitempty"`
	// Expected counts messages in the audited offsets that cannot be applied, Found those of them with a dead letter.
	Expected int64 `json:"expected"`
	Found    int64 `json:"found"`
	// Missing counts those without one, Expired those that retention may have removed from the dead-letter topic.
	Missing int64 `json:"missing"`
	Expired int64 `json:"expired"`
	// Unexplained counts messages that have a dead letter although they can be applied.
	Unexplained int64 `json:"unexplained"`
	// Repeated counts second and later dead letters of a message, as a crash leaves them: no fault.
	Repeated int64 `json:"repeated"`
	// Foreign counts messages without an origin in the input topics, Outside those of offsets that were not audited.
	Foreign int64 `json:"foreign"`
	Outside int64 `json:"outside"`
}

// Exclusion is a table that was not compared, or not wholly.
type Exclusion struct {
	Table string `json:"table"`
	// Partition is -1 for all.
	Partition int    `json:"partition"`
	Reason    string `json:"reason"`
}

// SplitCustomer is a customer or terminal in several partitions.
type SplitCustomer struct {
	Kind       string `json:"kind"` // customer or terminal
	ID         string `json:"id"`
	Partitions []int  `json:"partitions"`
}

// Finding is the way in which a row differs.
type Finding string

// The findings.
const (
	Differs     Finding = "differs"     // columns have other values
	Missing     Finding = "missing"     // computed, and not in the table
	Unexplained Finding = "unexplained" // in the table, and not computed from the log
)

// Difference is one row that is not as the log says, or one dead letter (table dead_letters).
type Difference struct {
	Table     string  `json:"table"`
	Partition int     `json:"partition"`
	Finding   Finding `json:"finding"`
	// Key names the row, without its partition.
	Key []Field `json:"key"`
	// Columns are those that differ.
	Columns []ColumnDifference `json:"columns"`
	// Note explains the difference where columns do not; usually empty.
	Note string `json:"note,omitempty"`
}

// Field is a column and its value, as text.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ColumnDifference is a column, or a counter of a pane, with both values as text; a counter that a pane lacks is 0.
type ColumnDifference struct {
	Column   string `json:"column"`
	Stored   string `json:"stored"`
	Computed string `json:"computed"`
}
