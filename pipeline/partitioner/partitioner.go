// Package partitioner finds the partition of a key as the clients of Kafka do. Start at [Partitioner].
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

// Partitioner is how producers find the partition of a key. All events of a customer must be in partitions of one number,
// and so all producers of all topics must agree on it.
type Partitioner uint8

// The partitioners that clients of Kafka have.
const (
	Any     Partitioner = iota // whatever the producers do is right
	Murmur2                    // Java, kafka-python, kafkajs, franz-go
	CRC32                      // librdkafka, unless it is told otherwise
	FNV1a                      // Sarama
)

var partitionerNames = []string{"any", "murmur2", "crc32", "fnv1a"}

// Hashes are the partitioners that say where a key belongs.
var Hashes = []Partitioner{Murmur2, CRC32, FNV1a}

func (p Partitioner) String() string { return partitionerNames[p] }

// Of finds a partitioner by its name.
func Of(name string) (Partitioner, error) {
	if i := slices.Index(partitionerNames, name); i >= 0 {
		return Partitioner(i), nil
	}
	return Any, fmt.Errorf("no partitioner %q: one of %s", name, strings.Join(partitionerNames, ", "))
}

// PartitionOf gives the partition, from 0, in which a key belongs among so many; -1 for [Any].
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

// Chosen is the partitioner that a process goes by, once it is known. Its zero value is [Any]. Many goroutines
// may use it.
type Chosen struct{ p atomic.Uint32 }

// Set makes a partitioner the one to go by.
func (p *Chosen) Set(to Partitioner) { p.p.Store(uint32(to)) }

// Get gives it; a nil Chosen is any.
func (p *Chosen) Get() Partitioner {
	if p == nil {
		return Any
	}
	return Partitioner(p.p.Load())
}
