package clickhouse

import (
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"csatflow/deploy/local/chdb"
)

// progressEvery is how often a client hears how far its statement is. A shorter statement costs nothing.
const progressEvery = 200 * time.Millisecond

// done is how far a statement is.
type done struct{ rows, bytes, total, wroteRows, wroteBytes uint64 }

// progressOf reads how far the statement with the tag is; ok is false if it does not run.
func (e *engine) progressOf(s *session, tag string) (d done, ok bool) {
	text, _, err := s.conn.Query("SELECT read_rows, read_bytes, total_rows_approx, written_rows, written_bytes FROM system.processes WHERE startsWith(query, "+quoteText(tag)+")", "TSV")
	if err != nil {
		e.log.Debug("looking at the progress of a statement", "err", err)
		return d, false
	}
	n, err := fmt.Sscan(string(text), &d.rows, &d.bytes, &d.total, &d.wroteRows, &d.wroteBytes)
	return d, err == nil && n == 5
}

// progress sends Progress packets until end is called, which returns what they have reported.
func (n *nativeConn) progress(tag string) (end func() done) {
	over, told := make(chan struct{}), make(chan done)
	go func() {
		var last done
		defer func() { told <- last }()
		var s *session
		defer func() {
			if s != nil {
				n.server.engine.release(s)
			}
		}()
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if s == nil {
				var err error
				if s, err = n.server.engine.acquire(""); err != nil {
					return
				}
			}
			now, ok := n.server.engine.progressOf(s, tag)
			if !ok {
				continue
			}
			var packet proto.Buffer
			proto.ServerCodeProgress.Encode(&packet)
			last.less(now).EncodeAware(&packet, n.rev)
			if !n.between(packet.Buf) {
				return // the statement's own packets notice that the client has gone
			}
			last = now
		}
	}()
	return func() done {
		close(over)
		return <-told
	}
}

// less is what was done since then: clients add it up.
func (d done) less(now done) proto.Progress {
	since := func(before, now uint64) uint64 { return max(now, before) - before }
	return proto.Progress{Rows: since(d.rows, now.rows), Bytes: since(d.bytes, now.bytes), TotalRows: since(d.total, now.total),
		WroteRows: since(d.wroteRows, now.wroteRows), WroteBytes: since(d.wroteBytes, now.wroteBytes)}
}

// between sends a whole packet between packets of the statement.
func (n *nativeConn) between(packet []byte) bool {
	n.sending.Lock()
	defer n.sending.Unlock()
	if _, err := n.out.Write(packet); err != nil {
		return false
	}
	return n.out.Flush() == nil
}

// profile sends a ProfileEvents packet, for which a client waits after the rows of an INSERT.
func (n *nativeConn) profile(s chdb.Stats) {
	if !proto.FeatureProfileEvents.In(n.rev) {
		return
	}
	names, values := []string{"SelectedRows", "SelectedBytes", "InsertedRows", "InsertedBytes"}, []uint64{s.ReadRows, s.ReadBytes, s.WrittenRows, s.WrittenBytes}
	proto.ServerProfileEvents.Encode(&n.packet)
	n.packet.PutString("") // table name
	if hasBlockInfo(n.rev) {
		n.packet.Buf = append(n.packet.Buf, blockInfo...)
	}
	n.packet.PutUVarInt(6)
	n.packet.PutUVarInt(uint64(len(names)))
	column := func(name, typeName string, put func(i int)) {
		n.packet.PutString(name)
		n.packet.PutString(typeName)
		if hasSerializationByte(n.rev) {
			n.packet.PutByte(0)
		}
		for i := range names {
			put(i)
		}
	}
	now := uint32(time.Now().Unix())
	column("host_name", "String", func(int) { n.packet.PutString("csatflow") })
	column("current_time", "DateTime", func(int) { n.packet.PutUInt32(now) })
	column("thread_id", "UInt64", func(int) { n.packet.PutUInt64(0) })
	column("type", "Enum8('increment' = 1, 'gauge' = 2)", func(int) { n.packet.PutByte(1) })
	column("name", "String", func(i int) { n.packet.PutString(names[i]) })
	column("value", "Int64", func(i int) { n.packet.PutUInt64(values[i]) })
}
