package settlement

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
	"csatflow/sinks/clickhouse"
)

// tables are those of a database, as far as settings go.
type tables struct {
	mu    sync.Mutex
	kept  map[string]string
	rows  int
	notes int
	raced map[string]string // what another process notes just before this one
	err   error
}

func (d *tables) Settings(context.Context) (map[string]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.kept), d.err
}

func (d *tables) KeepSettings(_ context.Context, values map[string]string, _ uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notes++
	for _, from := range []map[string]string{d.raced, values} {
		for name, value := range from {
			if _, has := d.kept[name]; !has {
				d.kept[name] = value
			}
		}
	}
	return nil
}

// change does something to the tables while a process goes on.
func (d *tables) change(do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	do()
}

func (d *tables) Positions(_ context.Context, each func(pipeline.PositionRow) error) error {
	for range d.rows {
		if err := each(pipeline.PositionRow{}); err != nil {
			return err
		}
	}
	return nil
}

const zone = "measures.time_zone"

// told is topics that tell a partitioner, or are silent about it.
func told(by partitioner.Partitioner, err error) Producers {
	return func(context.Context) (partitioner.Partitioner, bool, error) { return by, by != partitioner.Any, err }
}

var silent = slog.New(slog.DiscardHandler)

func TestTheFirstProcessKeepsItsSettingsAndALaterOneTakesThePartitionerOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &tables{kept: map[string]string{}}
		placement, err := New("csat", d, map[string]string{zone: "UTC"}).Settle(t.Context(), told(partitioner.CRC32, nil), silent)
		if err != nil || placement.Get() != partitioner.CRC32 {
			t.Fatalf("%v, %v", placement, err)
		}
		if !maps.Equal(d.kept, map[string]string{zone: "UTC", PartitionerKey: "crc32"}) {
			t.Errorf("the database has %v", d.kept)
		}
		later, err := New("csat", d, map[string]string{zone: "UTC"}).Settle(t.Context(), told(partitioner.Murmur2, nil), silent)
		if err != nil || later.Get() != partitioner.CRC32 || d.notes != 1 {
			t.Errorf("the later one goes by %v after %d notes, %v", later, d.notes, err)
		}
	})
}

func TestOtherSettingsAreRefusedWithBothValues(t *testing.T) {
	d := &tables{kept: map[string]string{zone: "UTC", PartitionerKey: "murmur2"}}
	_, err := New("csat", d, map[string]string{zone: "Asia/Tokyo", PartitionerKey: "crc32"}).Settle(t.Context(), nil, silent)
	var differ *DifferError
	if !errors.As(err, &differ) {
		t.Fatalf("%v", err)
	}
	for _, words := range []string{"database csat", `measures.time_zone is "Asia/Tokyo", and the rows were made with "UTC"`, `kafka.partitioner is "crc32", and the rows were made with "murmur2"`, "clickhouse.database"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not said: %v", words, err)
		}
	}
	var newer *clickhouse.NewerError
	if _, err := New("csat", &tables{kept: map[string]string{"measures.moods": "many"}}, map[string]string{}).Settle(t.Context(), nil, silent); !errors.As(err, &newer) || !strings.Contains(err.Error(), "measures.moods") {
		t.Errorf("of a setting that a newer release keeps: %v", err)
	}
}

// TestTablesWithMinutesOfAllKindsRefuseAKindWithoutThem: rows of its minutes would stay as they are.
func TestTablesWithMinutesOfAllKindsRefuseAKindWithoutThem(t *testing.T) {
	own := map[string]string{zone: "UTC", PartitionerKey: "murmur2", ResolutionsKey: "employee: 1h"}
	for name, d := range map[string]*tables{
		"settings of an earlier release": {kept: map[string]string{zone: "UTC", PartitionerKey: "murmur2"}, rows: 8},
		"rows without settings":          {kept: map[string]string{}, rows: 8},
	} {
		_, err := New("csat", d, own).Settle(t.Context(), nil, silent)
		var differ *DifferError
		if !errors.As(err, &differ) || !strings.Contains(err.Error(), `measures.resolutions is "employee: 1h", and the rows were made with ""`) || d.notes > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New("csat", &tables{kept: map[string]string{}}, own).Settle(t.Context(), nil, silent); err != nil {
		t.Errorf("new tables: %v", err)
	}
	d := &tables{kept: map[string]string{zone: "UTC", PartitionerKey: "murmur2"}, rows: 8}
	if _, err := New("csat", d, map[string]string{zone: "UTC", PartitionerKey: "murmur2"}).Settle(t.Context(), nil, silent); err != nil {
		t.Errorf("minutes of all kinds over such tables: %v", err)
	}
}

func TestOfTwoProcessesThatStartAtOnceTheSecondIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &tables{kept: map[string]string{}, raced: map[string]string{zone: "Asia/Tokyo", PartitionerKey: "murmur2"}}
		_, err := New("csat", d, map[string]string{zone: "UTC", PartitionerKey: "murmur2"}).Settle(t.Context(), nil, silent)
		var differ *DifferError
		if !errors.As(err, &differ) || !strings.Contains(err.Error(), "Asia/Tokyo") {
			t.Errorf("%v", err)
		}
	})
}

func TestSettingsThatAnotherKeptWhileTheTopicsWereLookedAtAreCompared(t *testing.T) {
	d := &tables{kept: map[string]string{}}
	_, err := New("csat", d, map[string]string{zone: "UTC"}).Settle(t.Context(), func(context.Context) (partitioner.Partitioner, bool, error) {
		d.kept = map[string]string{zone: "Asia/Tokyo", PartitionerKey: "murmur2"}
		return partitioner.Murmur2, true, nil
	}, silent)
	var differ *DifferError
	if !errors.As(err, &differ) || !strings.Contains(err.Error(), "Asia/Tokyo") {
		t.Errorf("%v", err)
	}
}

func TestAFaultOfTheTopicsIsNoneOfTheTables(t *testing.T) {
	lost := errors.New("no broker")
	_, err := New("csat", &tables{kept: map[string]string{}}, map[string]string{}).Settle(t.Context(), told(0, lost), silent)
	var learn *LearnError
	if !errors.As(err, &learn) || !errors.Is(err, lost) {
		t.Errorf("of the topics: %v", err)
	}
	if _, err := New("csat", &tables{err: lost}, map[string]string{}).Settle(t.Context(), told(0, nil), silent); errors.As(err, &learn) || !errors.Is(err, lost) {
		t.Errorf("of the tables: %v", err)
	}
}

func TestAPartitionerThatNothingTellsIsLearntWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &tables{kept: map[string]string{}}
		s, begun := New("csat", d, map[string]string{zone: "UTC"}), time.Now()
		producers := func(context.Context) (by partitioner.Partitioner, told bool, err error) {
			if time.Since(begun) > 3*learnAgain {
				by = partitioner.FNV1a
			}
			return by, by != partitioner.Any, nil
		}
		placement, err := s.Settle(t.Context(), producers, silent)
		if err != nil || placement.Get() != partitioner.Any {
			t.Fatalf("%v, %v", placement, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		joined, ended := make(chan struct{}), make(chan error)
		go func() { ended <- s.Watch(ctx, producers, placement, joined, silent) }()
		time.Sleep(2*learnAgain + time.Second)
		if kept, _ := d.Settings(ctx); kept[PartitionerKey] != "" || placement.Get() != partitioner.Any {
			t.Errorf("from nothing it has learnt %v", placement.Get())
		}
		time.Sleep(3 * learnAgain)
		if kept, _ := d.Settings(ctx); kept[PartitionerKey] != "fnv1a" || placement.Get() != partitioner.FNV1a {
			t.Errorf("it has learnt %v, and kept %v", placement.Get(), kept)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAGroupThatChangesIsRefusedOnceAnotherHasOtherSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &tables{kept: map[string]string{}}
		s := New("csat", d, map[string]string{zone: "UTC", PartitionerKey: "murmur2"})
		placement, err := s.Settle(t.Context(), nil, silent)
		if err != nil {
			t.Fatal(err)
		}
		joined, ended := make(chan struct{}), make(chan error)
		go func() { ended <- s.Watch(t.Context(), nil, placement, joined, silent) }()
		d.change(func() { d.err = errors.New("away") })
		joined <- struct{}{} // what is away is not refused
		synctest.Wait()
		d.change(func() { d.err, d.kept[zone] = nil, "Asia/Tokyo" })
		joined <- struct{}{}
		var differ *DifferError
		if err := <-ended; !errors.As(err, &differ) {
			t.Errorf("%v", err)
		}
	})
}
