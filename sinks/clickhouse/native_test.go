package clickhouse

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"pgregory.net/rapid"
)

// newColumn makes a column of the driver as a server's answer to an INSERT does.
func newColumn(t *rapid.T, columnType string) column.Interface {
	c, err := column.Type(columnType).Column("c", &column.ServerContext{Timezone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// agree fills one column by the filler and one by the driver.
func agree[T any](t *rapid.T, f *filler, columnType string, one *rapid.Generator[T]) {
	values := rapid.SliceOfN(one, 0, 400).Draw(t, columnType)
	ours, theirs := newColumn(t, columnType), newColumn(t, columnType)
	if _, known := f.write(columnType, values); !known {
		t.Fatalf("%s is left to the driver", columnType)
	}
	if err := f.fill(ours, values); err != nil {
		t.Fatal(err)
	}
	if _, err := theirs.Append(values); err != nil {
		t.Fatal(err)
	}
	ours.Encode(&proto.Buffer{})
	theirs.Encode(&proto.Buffer{}) // before it, appended dictionaries cannot be read
	if ours.Rows() != len(values) {
		t.Fatalf("%s: %d rows of %d", columnType, ours.Rows(), len(values))
	}
	for i := range values {
		if a, b := ours.Row(i, false), theirs.Row(i, false); !reflect.DeepEqual(a, b) {
			t.Fatalf("%s: row %d is %#v, the driver makes it %#v", columnType, i, a, b)
		}
	}
}

// list draws slices of which a few are nil.
func list[T any](one *rapid.Generator[T]) *rapid.Generator[[]T] {
	return rapid.Custom(func(t *rapid.T) []T {
		if rapid.IntRange(0, 9).Draw(t, "nil") == 0 {
			return nil
		}
		return rapid.SliceOfN(one, 0, 30).Draw(t, "list")
	})
}

func TestColumnsAreFilledAsTheDriverFillsThem(t *testing.T) {
	f := fillers.Get().(*filler)
	few := rapid.SampledFrom([]string{"", "all", "store", "employee", "区域"})
	rapid.Check(t, func(t *rapid.T) {
		agree(t, f, "LowCardinality(String)", few)
		agree(t, f, "LowCardinality(String)", rapid.String())
		agree(t, f, "Array(LowCardinality(String))", list(few))
		agree(t, f, "Array(Int64)", list(rapid.Int64()))
		agree(t, f, "Array(Int16)", list(rapid.Int16()))
		agree(t, f, "Array(UInt8)", list(rapid.Uint8()))
		agree(t, f, "Array(Float64)", list(rapid.Float64()))
		agree(t, f, "DateTime64(3, 'UTC')", rapid.Custom(func(t *rapid.T) time.Time {
			return time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms")).UTC()
		}))
	})
}

// TestDictionariesOfEverySize crosses the limits of one and two bytes for an index.
func TestDictionariesOfEverySize(t *testing.T) {
	f := fillers.Get().(*filler)
	for _, n := range []int{254, 255, 256, 65_534, 65_535, 65_536, 70_000} {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprint("s", i)
		}
		c, err := column.Type("LowCardinality(String)").Column("c", &column.ServerContext{Timezone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.fill(c, values); err != nil {
			t.Fatal(err)
		}
		for i, want := range values {
			if got := c.Row(i, false); got != want {
				t.Fatalf("%d different: value %d is %v, want %s", n, i, got, want)
			}
		}
	}
}

// BenchmarkFill fills a column of 10,000 panes by the filler and by the driver.
func BenchmarkFill(b *testing.B) {
	const rows = 10_000
	kinds, counters := make([]string, rows), make([][]int64, rows)
	for i := range rows {
		kinds[i], counters[i] = []string{"all", "store", "employee"}[i%3], make([]int64, 30)
		for j := range counters[i] {
			counters[i][j] = int64(i * j % 1000)
		}
	}
	f := fillers.Get().(*filler)
	for columnType, values := range map[string]any{"LowCardinality(String)": kinds, "Array(Int64)": counters} {
		for by, fill := range map[string]func(column.Interface) error{
			"filler": func(c column.Interface) error { return f.fill(c, values) },
			"driver": func(c column.Interface) error { _, err := c.Append(values); return err },
		} {
			b.Run(columnType+"/"+by, func(b *testing.B) {
				for b.Loop() {
					c, err := column.Type(columnType).Column("c", &column.ServerContext{Timezone: time.UTC})
					if err != nil {
						b.Fatal(err)
					}
					if err := fill(c); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
