package clickhouse

import (
	"errors"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"csatflow/deploy/local/chdb"
)

// statement reads a Query packet and answers it. An error ends the connection.
func (n *nativeConn) statement() error {
	w := wire{Reader: n.in}
	st := w.statement(n.rev)
	if w.err != nil {
		return w.err
	}
	n.compressed = st.compressed
	for external := false; ; external = true { // tables sent with the statement, then an empty block
		columns, rows, err := n.receive()
		if err != nil {
			return n.protocolError(err)
		}
		if columns == 0 && rows == 0 {
			if external {
				return n.refuse(newException(codeNotImplemented, "External tables are not supported by the embedded server. (NOT_IMPLEMENTED)"))
			}
			break
		}
	}
	if err := n.session.oneStatement(st.text); err != nil {
		return n.refuse(err)
	}
	if err := n.session.staysInData(st.text); err != nil {
		return n.refuse(err)
	}
	undo, err := n.session.apply(st.settings)
	if err != nil {
		return n.refuse(err)
	}
	if i := parseInsert(st.text); i != nil {
		err = n.insert(i, st.params)
	} else {
		err = n.run(st)
	}
	return errors.Join(err, undo())
}

// protocolError tells the client what was wrong with its packets, if it is still there, and ends the connection.
func (n *nativeConn) protocolError(err error) error {
	if errors.Is(err, errMalformed) {
		_ = n.refuse(newException(codeIncorrectData, "%v. (INCORRECT_DATA)", err)) // err ends the connection in any case
	}
	return err
}

// run answers a statement that needs nothing more from the client.
func (n *nativeConn) run(st statement) error {
	tag := n.server.engine.newTag()
	over, err := n.server.running.begin(st.id, tag)
	if err != nil {
		return n.refuse(err)
	}
	defer over()
	st.text = n.server.running.translate(st.text)
	watch, progress := n.watch(tag), n.progress(tag)
	var stats chdb.Stats
	whole := !streams(st.text)
	if !whole {
		stats, err = n.stream(tag, st)
		whole = notStreamable(err)
	}
	if whole {
		var answer []byte
		if answer, stats, err = n.session.conn.Query(tag+st.text, "Native", st.params...); err == nil {
			n.session.ran(st.text)
			if err = n.head(answer); err == nil {
				n.scratch, err = toClient(answer, n.rev, n.scratch, n.send)
			}
		}
	}
	told := progress()
	if err == nil {
		err = n.server.running.whole(tag)
	}
	switch cause := watch.end(); {
	case errors.Is(err, errBroken):
		return err
	case errors.Is(cause, errCancelled):
		return n.end(stats, told)
	case cause != nil:
		return cause
	case err != nil:
		return n.refuse(asException(err).withoutTag(tag))
	}
	n.profile(stats)
	return n.end(stats, told)
}

// stream runs a SELECT and sends its blocks as they come.
func (n *nativeConn) stream(tag string, st statement) (chdb.Stats, error) {
	text, format := cutFormat(st.text)
	if strings.EqualFold(format, "Null") {
		_, sum, err := n.session.conn.Query(tag+text, format, st.params...)
		if err == nil {
			err = n.send(headerBlock(n.session.resultColumns(text, st.params), n.rev))
		}
		return sum, err
	}
	var sum chdb.Stats
	blocks := 0
	err := n.session.conn.Stream(tag+text, "Native", st.params, func(chunk []byte, s chdb.Stats) error {
		sum.Rows += s.Rows
		sum.ReadRows += s.ReadRows
		sum.ReadBytes += s.ReadBytes
		if err := n.server.running.whole(tag); err != nil {
			return err // the engine may go on after a KILL QUERY
		}
		if blocks == 0 {
			if err := n.head(chunk); err != nil {
				return err
			}
		}
		var err error
		n.scratch, err = toClient(chunk, n.rev, n.scratch, func(block []byte) error {
			blocks++
			return n.send(block)
		})
		return err
	})
	if err == nil && blocks == 0 { // send the columns even without rows
		err = n.send(headerBlock(n.session.resultColumns(text, st.params), n.rev))
	}
	return sum, err
}

// head sends the columns of a result before its rows: a block without rows.
func (n *nativeConn) head(chunk []byte) error {
	columns, err := columnsOf(chunk)
	if err != nil || len(columns) == 0 {
		return err
	}
	return n.send(headerBlock(columns, n.rev))
}

// end reports what the statement did beyond what was reported already, and that it is over.
func (n *nativeConn) end(s chdb.Stats, told done) error {
	proto.ServerCodeProgress.Encode(&n.packet)
	told.less(done{rows: s.ReadRows, bytes: s.ReadBytes, wroteRows: s.WrittenRows, wroteBytes: s.WrittenBytes}).EncodeAware(&n.packet, n.rev)
	proto.ServerCodeEndOfStream.Encode(&n.packet)
	return n.flush()
}
