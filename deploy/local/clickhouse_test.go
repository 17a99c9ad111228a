package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
)

const testMemory = 700 << 20

// startTest starts a ClickHouse on a directory and stops it with the test.
func startTest(t *testing.T, data string) *ClickHouse {
	t.Helper()
	c, err := StartClickHouse(t.Context(), ClickHouseOptions{
		Library: library(t), Data: data, NativeAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", MemoryBytes: testMemory, Log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil && !errors.Is(c.Err(), err) {
			t.Error(err)
		}
	})
	return c
}

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func connect(t *testing.T, c *ClickHouse, method driver.CompressionMethod) driver.Conn {
	t.Helper()
	conn, err := driver.Open(&driver.Options{
		Addr: []string{c.NativeAddr()}, MaxOpenConns: 10, DialTimeout: 5 * time.Second,
		Compression: &driver.Compression{Method: method},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func execute(t *testing.T, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// expect checks the one value of a query.
func expect[T comparable](t *testing.T, conn driver.Conn, want T, query string, args ...any) {
	t.Helper()
	var got T
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&got); err != nil {
		t.Errorf("%s: %v", query, err)
	} else if got != want {
		t.Errorf("%s: got %v, want %v", query, got, want)
	}
}

var compressions = map[string]driver.CompressionMethod{
	"plain": driver.CompressionNone, "lz4": driver.CompressionLZ4, "zstd": driver.CompressionZSTD,
}

func TestClickHouseServesTheDriver(t *testing.T) {
	data := t.TempDir()
	c := startTest(t, data)
	for name, method := range compressions {
		t.Run("every type comes back as it went, "+name, func(t *testing.T) { typesComeBack(t, connect(t, c, method)) })
		t.Run("a batch of columns arrives whole, "+name, func(t *testing.T) { columnsArrive(t, connect(t, c, method)) })
	}
	conn := connect(t, c, driver.CompressionLZ4)
	t.Run("FINAL keeps the newest version", func(t *testing.T) { finalKeepsNewest(t, conn) })
	t.Run("views take parameters", func(t *testing.T) { viewsTakeParameters(t, conn) })
	t.Run("parameters and settings hold for one statement", func(t *testing.T) { parametersHold(t, c, conn) })
	t.Run("errors carry the server's code", func(t *testing.T) { errorsCarryCodes(t, conn) })
	t.Run("an empty result has its columns", func(t *testing.T) { emptyResultHasColumns(t, conn) })
	t.Run("a context ends a long query", func(t *testing.T) { contextEndsQuery(t, conn) })
	t.Run("eight connections at once", func(t *testing.T) { eightAtOnce(t, conn) })
	t.Run("an interrupted insert leaves nothing", func(t *testing.T) { interruptedInsert(t, c, conn) })
	t.Run("malformed packets harm nobody", func(t *testing.T) { malformedPackets(t, c, conn) })
	t.Run("a query beyond the memory limit fails alone", func(t *testing.T) { memoryLimit(t, conn) })
	t.Run("a second server on the directory is refused", func(t *testing.T) { secondIsRefused(t, c, data) })
	t.Run("http", func(t *testing.T) { httpServes(t, c, conn) })
}

type everyType struct {
	u8   uint8
	u16  uint16
	u32  uint32
	u64  uint64
	i64  int64
	f64  float64
	s    string
	low  string
	nums []int64
	strs []string
	m    map[string]uint8
	opt  *string
	at   time.Time
	ms   time.Time
	kind string
	id   uuid.UUID
	lows []*string
	date time.Time
}

func typesComeBack(t *testing.T, conn driver.Conn) {
	execute(t, conn, "DROP TABLE IF EXISTS types", `CREATE TABLE types (u8 UInt8, u16 UInt16, u32 UInt32, u64 UInt64, i64 Int64, f64 Float64, s String,
		low LowCardinality(String), nums Array(Int64), strs Array(String), m Map(String, UInt8), opt Nullable(String), at DateTime('UTC'),
		ms DateTime64(3, 'UTC'), kind Enum8('call' = 1, 'visit, (paid)' = 2), id UUID, lows Array(LowCardinality(Nullable(String))), date Date)
		ENGINE = MergeTree ORDER BY u64`)
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO types")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 30, 15, 0, time.UTC)
	want := make([]everyType, 300)
	for i := range want {
		text := strings.Repeat("é", i)
		w := everyType{
			uint8(i), uint16(i), uint32(i) << 16, uint64(i) << 40, -int64(i), float64(i) / 3, text, fmt.Sprint("low", i%7),
			[]int64{int64(i), -1}, []string{"a", text}, map[string]uint8{"k": uint8(i)}, nil, at.Add(time.Duration(i) * time.Second),
			at.Add(time.Duration(i) * time.Millisecond), "visit, (paid)", uuid.New(), nil, at.Truncate(24 * time.Hour),
		}
		if i%2 == 0 {
			w.opt, w.lows = &text, []*string{&text, nil, &w.kind}
		}
		if i == 0 {
			w.nums = []int64{}
		}
		want[i] = w
		if err := batch.Append(w.u8, w.u16, w.u32, w.u64, w.i64, w.f64, w.s, w.low, w.nums, w.strs, w.m, w.opt, w.at, w.ms, w.kind, w.id, w.lows, w.date); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), "SELECT * FROM types ORDER BY u64")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		var g everyType
		if err := rows.Scan(&g.u8, &g.u16, &g.u32, &g.u64, &g.i64, &g.f64, &g.s, &g.low, &g.nums, &g.strs, &g.m, &g.opt, &g.at, &g.ms, &g.kind, &g.id, &g.lows, &g.date); err != nil {
			t.Fatal(err)
		}
		w := want[n]
		if (g.opt == nil) != (w.opt == nil) || g.opt != nil && *g.opt != *w.opt {
			t.Fatalf("row %d: nullable %v, want %v", n, g.opt, w.opt)
		}
		if !slices.EqualFunc(g.lows, w.lows, func(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }) {
			t.Fatalf("row %d: nullable strings %v, want %v", n, g.lows, w.lows)
		}
		g.opt, w.opt, g.lows, w.lows = nil, nil, nil, nil
		if got, want := fmt.Sprint(g), fmt.Sprint(w); got != want {
			t.Fatalf("row %d: got %s, want %s", n, got, want)
		}
	}
	if err := rows.Err(); err != nil || n != len(want) {
		t.Fatalf("%d rows, want %d: %v", n, len(want), err)
	}
}

func columnsArrive(t *testing.T, conn driver.Conn) {
	const n = 100_000
	execute(t, conn, "CREATE OR REPLACE TABLE columns (id UInt64, store LowCardinality(String), text String, grade Float64) ENGINE = MergeTree ORDER BY id")
	ids, stores, texts, grades := make([]uint64, n), make([]string, n), make([]string, n), make([]float64, n)
	for i := range n {
		ids[i], stores[i], texts[i], grades[i] = uint64(i), fmt.Sprint("store ", i%500), fmt.Sprint("text ", i), float64(i%10)
	}
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO columns (id, store, text, grade)")
	if err != nil {
		t.Fatal(err)
	}
	for i, column := range []any{ids, stores, texts, grades} {
		if err := batch.Column(i).Append(column); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	expect(t, conn, uint64(n), "SELECT count() FROM columns WHERE text = concat('text ', toString(id)) AND store = concat('store ', toString(id % 500))")
	expect(t, conn, uint64(1), "SELECT count() FROM system.parts WHERE table = 'columns' AND active AND rows = 100000")
	rows, err := conn.Query(t.Context(), "SELECT id, text FROM columns ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for ; rows.Next(); i++ {
		var id uint64
		var text string
		if err := rows.Scan(&id, &text); err != nil || id != uint64(i) || text != texts[i] {
			t.Fatalf("row %d: %d %q %v", i, id, text, err)
		}
	}
	if err := rows.Err(); err != nil || i != n {
		t.Fatalf("%d rows: %v", i, err)
	}
}

func finalKeepsNewest(t *testing.T, conn driver.Conn) {
	execute(t, conn, "CREATE TABLE newest (k UInt64, v String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY k")
	for version := range uint64(3) {
		batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO newest (k, v, version)")
		if err != nil {
			t.Fatal(err)
		}
		for k := range uint64(100) {
			if err := batch.Append(k, fmt.Sprint("v", version), version); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, conn, uint64(100), "SELECT count() FROM newest FINAL WHERE v = 'v2'")
	expect(t, conn, uint64(100), "SELECT count() FROM newest FINAL")
	execute(t, conn, "OPTIMIZE TABLE newest FINAL")
	expect(t, conn, uint64(100), "SELECT count() FROM newest")
}

func viewsTakeParameters(t *testing.T, conn driver.Conn) {
	execute(t, conn, "CREATE VIEW plain_view AS SELECT number AS n FROM numbers(10)",
		"CREATE VIEW from_view AS SELECT number AS n FROM numbers(10) WHERE number >= {lowest:UInt64}")
	expect(t, conn, uint64(10), "SELECT count() FROM plain_view")
	expect(t, conn, uint64(3), "SELECT count() FROM from_view(lowest = 7)")
	expect(t, conn, uint64(2), "SELECT count() FROM from_view(lowest = {x:UInt64})", driver.Named("x", "8"))
}

func parametersHold(t *testing.T, c *ClickHouse, conn driver.Conn) {
	text := "it's a \"quote\"\t\\ é"
	// A parameter is a field of TabSeparated; here the driver leaves its escapes to the caller.
	ctx := driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"text": strings.NewReplacer(`\`, `\\`, "\t", `\t`).Replace(text), "n": "7"}))
	var got string
	var n uint64
	if err := conn.QueryRow(ctx, "SELECT {text:String}, {n:UInt64}").Scan(&got, &n); err != nil || got != text || n != 7 {
		t.Errorf("got %q and %d: %v", got, n, err)
	}
	expect(t, conn, uint64(2), "SELECT count() FROM numbers(10) WHERE number IN (?, ?)", 3, 4)
	single := connect(t, c, driver.CompressionNone)
	const query = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
	execute(t, single, "SET max_block_size = 777")
	ctx = driver.Context(t.Context(), driver.WithSettings(driver.Settings{"max_block_size": 1000}))
	if err := single.QueryRow(ctx, query).Scan(&got); err != nil || got != "1000" {
		t.Errorf("during the statement: %q %v", got, err)
	}
	expect(t, single, "777", query)
}

func errorsCarryCodes(t *testing.T, conn driver.Conn) {
	for query, want := range map[string]int32{
		"SELECT * FROM no_such_table":                                  60,
		"SELECT no_such_column FROM numbers(1)":                        47,
		"SELEC 1":                                                      62,
		"SELECT throwIf(number = 150000) FROM numbers(200000)":         395,
		"INSERT INTO no_such_table VALUES (1)":                         60,
		"INSERT INTO plain_view SELECT 1":                              48,
		"SELECT 1 SETTINGS no_such_setting = 1":                        115,
		"CREATE TABLE newest (k UInt64) ENGINE = MergeTree ORDER BY k": 57,
	} {
		rows, err := conn.Query(t.Context(), query)
		if err == nil {
			for rows.Next() { //nolint:revive // read up to the error
			}
			err = rows.Err()
		}
		var e *driver.Exception
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%s: %v, want code %d", query, err, want)
		}
	}
	if _, err := conn.PrepareBatch(t.Context(), "INSERT INTO newest (k, nope)"); err == nil || !strings.Contains(err.Error(), "nope") {
		t.Errorf("insert into an unknown column: %v", err)
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("after the errors: %v", err)
	}
}

func emptyResultHasColumns(t *testing.T, conn driver.Conn) {
	rows, err := conn.Query(t.Context(), "SELECT k, v FROM newest WHERE k > 1000000 -- none")
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next() || rows.Err() != nil || fmt.Sprint(rows.Columns()) != "[k v]" {
		t.Errorf("columns %v: %v", rows.Columns(), rows.Err())
	}
}

const endless = "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))"

func contextEndsQuery(t *testing.T, conn driver.Conn) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	start := time.Now()
	if err := conn.QueryRow(ctx, endless).Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("long query: %v", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("took %v to cancel", d)
	}
	gone(t, conn)
}

// gone waits until the engine no longer runs the endless query.
func gone(t *testing.T, conn driver.Conn) {
	t.Helper()
	var n uint64
	for range 100 {
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM system.processes WHERE query LIKE '%sipHash%' AND query NOT LIKE '%processes%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d cancelled queries still run", n)
}

func eightAtOnce(t *testing.T, conn driver.Conn) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				var n uint64
				if err := conn.QueryRow(t.Context(), "SELECT uniqExact(id) FROM columns").Scan(&n); err != nil || n != 100_000 {
					t.Errorf("%d: %v", n, err)
				}
			}
		})
	}
	wg.Wait()
}
