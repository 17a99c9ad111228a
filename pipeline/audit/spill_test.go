package audit

import (
	"os"
	"testing"

	"pgregory.net/rapid"
)

func TestTheSpillGivesEveryRecordOnceByKeyAndInOrderOfTurns(t *testing.T) {
	dir := t.TempDir()
	s := newSpill(dir)
	defer s.close()
	defer func() {
		spilt := false
		for i := range s.files {
			spilt = spilt || s.files[i].f != nil
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 || !spilt {
			t.Errorf("temporary files %v (%v) would stay if the process were killed", left, err)
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		if err := s.reset(); err != nil {
			t.Fatal(err)
		}
		want := map[uint64]uint64{}
		n := 0
		for range rapid.IntRange(0, 20).Draw(t, "keys") {
			key := rapid.Uint64().Draw(t, "key")
			for range rapid.IntRange(1, 2000).Draw(t, "records") {
				r := record{key: key, fp: mix(uint64(n)), info: uint64(n%maxTurn) << turnShift}
				n++
				want[key] += r.fp
				if err := s.add(r); err != nil {
					t.Fatal(err)
				}
			}
		}
		limit := rapid.SampledFrom([]int{0, 1 << 20}).Draw(t, "limit")
		err := s.group(limit, func(list []record) error {
			sum, last := uint64(0), uint64(0)
			for _, r := range list {
				if r.key != list[0].key || r.turn() < last {
					t.Fatalf("out of order: %v", list)
				}
				last = r.turn()
				sum += r.fp
			}
			if sum != want[list[0].key] {
				t.Fatalf("key %x: records are missing, or there are too many", list[0].key)
			}
			delete(want, list[0].key)
			return nil
		})
		if err != nil || len(want) > 0 {
			t.Fatalf("%v; %d keys never came", err, len(want))
		}
	})
}

func TestARecordComesBackFromItsBytes(t *testing.T) {
	r := record{key: 1 << 63, fp: 42, info: 1<<47 | 8<<numberBits | flagStored | flagOld | maxTurn<<turnShift}
	if got := takeRecord(r.put(nil)); got != r || got.number() != 1<<47 || got.table() != 8 || !got.stored() || !got.old() || got.turn() != maxTurn {
		t.Errorf("%+v", got)
	}
}
