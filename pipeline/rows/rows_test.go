package rows_test

import (
	"reflect"
	"strings"
	"testing"

	"csatflow/pipeline/rows"
	"csatflow/schemas/tables"
)

func TestARowThatLacksAColumnIsFoundBeforeItMovesTheValuesOfOthers(t *testing.T) {
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "column mark has 1 values of 2 rows") {
			t.Errorf("it says %q", said)
		}
	}()
	var w rows.CustomerResponses
	for i := range 2 {
		w.Row()
		w.Partition, w.Kind, w.CustomerID = append(w.Partition, 3), append(w.Kind, "customer"), append(w.CustomerID, "c")
		if i == 0 {
			w.Mark = append(w.Mark, 7)
		}
	}
	w.Take()
}

func TestEveryTableHasNoRowsWithAllOfItsColumns(t *testing.T) {
	for _, table := range tables.All() {
		r, ok := rows.Empty(table.Name)
		if !ok || r.Len() != 0 || len(r.Columns) != len(table.Columns) {
			t.Errorf("%s: %d columns of %d, %v", table.Name, len(r.Columns), len(table.Columns), ok)
		}
		for i, c := range r.Columns {
			if c.Name != table.Columns[i].Name || reflect.TypeOf(c.Values).Kind() != reflect.Slice {
				t.Errorf("%s: column %s is %T", table.Name, c.Name, c.Values)
			}
		}
	}
	if _, ok := rows.Empty("nothing"); ok {
		t.Error("there are rows of no table")
	}
}

func TestABuilderBeginsAnewOnceItsRowsAreTaken(t *testing.T) {
	w := rows.NewPositions(4)
	for round := range 3 {
		for i := range round + 1 {
			w.Row()
			w.Partition, w.Topic, w.Next, w.Seen = append(w.Partition, uint32(i)), append(w.Topic, "responses"), append(w.Next, 1), append(w.Seen, 0)
			w.Fingerprint, w.Partitions, w.Version = append(w.Fingerprint, 9), append(w.Partitions, 8), append(w.Version, 5)
		}
		r := w.Take()
		if r.Table != "positions" || r.Len() != round+1 || w.Len() != 0 || len(r.Columns) != 7 {
			t.Errorf("round %d: %d rows of %s, %d are left", round, r.Len(), r.Table, w.Len())
		}
	}
}
