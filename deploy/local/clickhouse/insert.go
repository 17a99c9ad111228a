package clickhouse

import (
	"errors"

	"csatflow/deploy/local/chdb"
)

// insert takes the rows of an INSERT block by block. The engine stores them after the client's last block. If the client
// leaves before, only rows that the engine has already made a part of stay (it makes one of about a million rows).
func (n *nativeConn) insert(i *insertInto, params []chdb.Param) error {
	columns, err := n.session.insertColumns(i)
	if err != nil {
		return n.refuse(err)
	}
	if err := n.send(headerBlock(columns, n.rev)); err != nil {
		return err
	}
	if err := n.flush(); err != nil {
		return err
	}
	var open *chdb.Insert
	var failure error // sent after the client's last block: it does not listen before
	for {
		columns, rows, err := n.receive()
		if err != nil {
			if open != nil {
				open.Cancel()
			}
			if errors.Is(err, errCancelled) {
				return n.end(chdb.Stats{}, done{})
			}
			return n.protocolError(err)
		}
		if columns == 0 && rows == 0 {
			break
		}
		// A client of this revision waits for an answer to each block, even if the block failed.
		n.profile(chdb.Stats{WrittenRows: rows})
		if err := n.flush(); err != nil {
			if open != nil {
				open.Cancel()
			}
			return err
		}
		if rows == 0 || failure != nil {
			continue
		}
		if open == nil {
			if open, failure = n.session.conn.Insert(i.text, "Native", params...); failure != nil {
				continue
			}
		}
		_, failure = open.Write(n.scratch)
	}
	var stats chdb.Stats
	if open != nil {
		var err error
		if stats, err = open.Done(); err != nil {
			failure = err // the cause; a failed write is only its consequence
		}
	}
	if failure != nil {
		return n.refuse(failure)
	}
	n.profile(chdb.Stats{}) // the rows have been reported
	return n.end(stats, done{})
}
