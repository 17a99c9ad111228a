package index_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/index"
)

// TestAnIndexIsAsAMap, also when many hashes are equal.
func TestAnIndexIsAsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x index.Index
		var keys []uint32
		want := map[uint32]uint32{}
		hashes := rapid.SampledFrom([]uint32{1, 7, 1 << 31, ^uint32(0)}).Draw(t, "hashes")
		hash := func(key uint32) uint32 { return key * 0x9e3779b1 % hashes }
		for range rapid.IntRange(0, 3000).Draw(t, "steps") {
			key := rapid.Uint32Range(0, 2000).Draw(t, "key")
			slot, found := x.Find(hash(key), func(p uint32) bool { return keys[p] == key })
			at, known := want[key]
			if found != known || found && slot != at {
				t.Fatalf("key %d is at %d, %v, want %d, %v", key, slot, found, at, known)
			}
			if !known {
				want[key] = uint32(len(keys))
				x.Add(hash(key), uint32(len(keys)))
				keys = append(keys, key)
			}
			if x.Len() != len(want) {
				t.Fatalf("%d slots, want %d", x.Len(), len(want))
			}
			switch rapid.IntRange(0, 400).Draw(t, "forget") {
			case 0:
				x.Reset()
				clear(want)
				keys = keys[:0]
			case 1: // some leave, and the rest is added again
				keep := keys[:len(keys)/2]
				x.Shrink(len(keep))
				clear(want)
				for i, key := range keep {
					want[key] = uint32(i)
					x.Add(hash(key), uint32(i))
				}
				keys = keep
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1000, 100_000, 5_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var x index.Index
			keys := make([]uint64, n)
			hash := func(key uint64) uint32 { return uint32(key * 0x9e3779b97f4a7c15 >> 32) }
			for i := range keys {
				keys[i] = uint64(i) * 7919
				x.Add(hash(keys[i]), uint32(i))
			}
			i := 0
			for b.Loop() {
				key := keys[i]
				if _, found := x.Find(hash(key), func(p uint32) bool { return keys[p] == key }); !found {
					b.Fatal("it is not there")
				}
				i = (i + 4099) % n
			}
		})
	}
}
