package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const responsesTopic = "csat.responses"

// hellFeed has messages of every bad and every awkward kind, with plain sums of the good ones.
type hellFeed struct {
	good, bad []*kgo.Record
	counted   uint64 // good responses, including those of transactions
	grades    int64  // their sum
	stores    map[string]bool
	n         int
}

var hellNoon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// response makes a good response; who is a customer or, with the prefix t, a terminal.
func (f *hellFeed) response(who, store string, at time.Time, more string) (key, value []byte, grade int) {
	f.n++
	field := "customer_id"
	if who[0] == 't' {
		field = "terminal_id"
	}
	grade = 1 + f.n%7
	return []byte(who), fmt.Appendf(nil, `{"event_id":"e%d","occurred_at":%q,%q:%q,"store_id":%q,"grade":%d%s}`, f.n, at.Format(time.RFC3339), field, who, store, grade, more), grade
}

// count adds a good response to the sums.
func (f *hellFeed) count(store string, grade int) {
	f.counted++
	f.grades += int64(grade)
	f.stores[store] = true
}

func (f *hellFeed) addGood(who, store string, at time.Time, more string) {
	key, value, grade := f.response(who, store, at, more)
	f.count(store, grade)
	f.good = append(f.good, &kgo.Record{Topic: responsesTopic, Key: key, Value: value})
}

func (f *hellFeed) addBad(key string, value []byte) {
	f.bad = append(f.bad, &kgo.Record{Topic: responsesTopic, Key: []byte(key), Value: value, Headers: []kgo.RecordHeader{{Key: "till", Value: fmt.Append(nil, len(f.bad))}}})
}

// newHellFeed makes a feed with this many stores, and busy responses of one customer.
func newHellFeed(stores, busy, large int) *hellFeed {
	f := &hellFeed{stores: map[string]bool{}}
	for i := range 10_000 {
		f.addGood(fmt.Sprint("c", i%500), fmt.Sprint("shop", i%10), hellNoon.Add(time.Duration(i)*time.Second), "")
	}
	for i := range stores {
		f.addGood(fmt.Sprint("t", i%100), fmt.Sprint("s", i), hellNoon.Add(time.Duration(i)*time.Millisecond), "")
	}
	for i := range busy {
		f.addGood("busy", "shop0", hellNoon.Add(time.Duration(i)*time.Second), "")
	}
	for i, year := range []int{1970, 2105} {
		f.addGood("c1", "shop1", time.Date(year, 6, 1+i, 0, 0, 0, 0, time.UTC), "")
	}
	random := rand.NewChaCha8([32]byte{7})
	const tenMegabytes = 10_000_000
	for i := range large {
		// A comment has its limit, and a field that the schema does not know has none.
		f.addGood(fmt.Sprint("c", i), "shop2", hellNoon, fmt.Sprintf(`,"padding":%q`, strings.Repeat("p", tenMegabytes)))
		_, value, _ := f.response(fmt.Sprint("c", i), "bad", hellNoon, fmt.Sprintf(`,"comment":%q`, strings.Repeat("c", tenMegabytes)))
		f.addBad(fmt.Sprint("c", i), value)
		garbage := make([]byte, tenMegabytes)
		_, _ = random.Read(garbage) // it never fails
		f.addBad(fmt.Sprint("g", i), garbage)
	}
	nested := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for i := range 50 {
		who := fmt.Sprint("c", i)
		response := func(at, more string) []byte {
			return fmt.Appendf(nil, `{"event_id":"b%d","occurred_at":%q,"customer_id":%q,"store_id":"bad","grade":3%s}`, i, at, who, more)
		}
		const at = "2026-03-01T12:00:00Z"
		f.addBad(who, nil)
		f.addBad(who, []byte{})
		f.addBad(who+"0", response(at, ""))
		f.addBad("", response(at, ""))
		f.addBad(who, response("0001-01-01T00:00:00Z", ""))
		f.addBad(who, response("9999-12-31T23:59:59Z", ""))
		f.addBad(who, bytes.Replace(response(at, ""), []byte(`"b`), []byte("\"\xff\xfe"), 1))
		f.addBad(who, []byte(nested))
		f.addBad(who, response(at, `,"deep":`+nested))
	}
	return f
}

// send sends everything, mixed, through every codec, and returns the bad messages by topic/partition/offset.
func (f *hellFeed) send(t *testing.T, broker string) map[string]*kgo.Record {
	t.Helper()
	all := append(append([]*kgo.Record(nil), f.good...), f.bad...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}
	for i, codec := range codecs {
		client := franzClient(t, broker, kgo.ProducerBatchCompression(codec))
		part := all[i*len(all)/len(codecs) : (i+1)*len(all)/len(codecs)]
		failed := make(chan error, len(part))
		for _, r := range part {
			client.Produce(t.Context(), r, func(_ *kgo.Record, err error) {
				if err != nil {
					failed <- err
				}
			})
		}
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(failed) > 0 {
			t.Fatal(<-failed)
		}
	}
	origins := map[string]*kgo.Record{}
	for _, r := range f.bad {
		origins[fmt.Sprintf("%d/%d", r.Partition, r.Offset)] = r
	}
	return origins
}

func franzClient(t *testing.T, broker string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(broker), kgo.ProducerBatchMaxBytes(20_000_000), kgo.BrokerMaxWriteBytes(100 << 20)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
