// Package partitioner finds the partition of a key as Kafka's clients do. Start at [Partitioner].
package partitioner

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"sync/atomic"
)

// Partitioner is how producers find the partition of a key. A customer's events must have one partition number in every
// topic, so all producers must agree on it.
type Partitioner uint8

// The partitioners of Kafka's clients.
const (
	Any     Partitioner = iota // no key is out of place
	Murmur2                    // Java, kafka-python, kafkajs, franz-go
	CRC32                      // librdkafka, by default
	FNV1a                      // Sarama
)

var partitionerNames = []string{"any", "murmur2", "crc32", "fnv1a"}

// Hashes are the partitioners that decide where a key belongs.
var Hashes = []Partitioner{Murmur2, CRC32, FNV1a}

func (p Partitioner) String() string { return partitionerNames[p] }

// Of returns the partitioner of a name.
func Of(name string) (Partitioner, error) {
	if i := slices.Index(partitionerNames, name); i >= 0 {
		return Partitioner(i), nil
	}
	return Any, fmt.Errorf("no partitioner %q: one of %s", name, strings.Join(partitionerNames, ", "))
}

// PartitionOf returns the partition, from 0, where a key belongs; -1 for [Any].
func (p Partitioner) PartitionOf(key []byte, partitions int) int {
	switch p {
	case Murmur2:
		return int(murmur2(key)&math.MaxInt32) % partitions
	case CRC32:
		return int(crc32.ChecksumIEEE(key) % uint32(partitions))
	case FNV1a:
		at := int(int32(fnv1a(key))) % partitions
		return max(at, -at)
	}
	return -1
}

// murmur2 is the hash of Java's producer (org.apache.kafka.common.utils.Utils.murmur2).
func murmur2(b []byte) uint32 {
	const m, seed = 0x5bd1e995, 0x9747b28c
	h := seed ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * m
		k = (k ^ k>>24) * m
		h = h*m ^ k
	}
	for i := len(b) - 1; i >= 0; i-- {
		h ^= uint32(b[i]) << (8 * i)
		if i == 0 {
			h *= m
		}
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// fnv1a is the hash of Sarama's producer (hash/fnv, without an allocation).
func fnv1a(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// Chosen is the partitioner that a process uses, once it is known. Its zero value is [Any]. Many goroutines
// may use it.
type Chosen struct{ p atomic.Uint32 }

// Set chooses a partitioner.
func (p *Chosen) Set(to Partitioner) { p.p.Store(uint32(to)) }

// Get returns the chosen partitioner; [Any] if p is nil.
func (p *Chosen) Get() Partitioner {
	if p == nil {
		return Any
	}
	return Partitioner(p.p.Load())
}
