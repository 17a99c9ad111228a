package chdb

import "unsafe"

// Insert is an open INSERT that takes its rows as formatted bytes. It must end with Done or Cancel, and its connection does
// nothing else until then.
type Insert struct {
	conn   *Conn
	stream unsafe.Pointer
}

// Insert opens an INSERT ("INSERT INTO t (a, b)", without VALUES or FORMAT) whose rows come in the format.
func (c *Conn) Insert(query, format string, params ...Param) (*Insert, error) {
	stream := c.call(c.lib.insert, query, format, params)
	if stream == nil {
		return nil, &Error{"the engine opened no insert"}
	}
	if err := textError(c.lib.insertError(stream)); err != nil {
		c.lib.insertFree(stream)
		return nil, err
	}
	return &Insert{conn: c, stream: stream}, nil
}

// Write passes bytes to the engine, which copies them. They need not end at a row or block.
func (i *Insert) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if i.conn.lib.insertAppend(i.stream, unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b))) == 0 {
		return len(b), nil
	}
	if err := textError(i.conn.lib.insertError(i.stream)); err != nil {
		return 0, err
	}
	return 0, &Error{"the engine takes no more rows"}
}

// Done ends the rows and waits until they are stored. After an error, no row of the block at fault is.
func (i *Insert) Done() (Stats, error) {
	lib := i.conn.lib
	defer lib.insertFree(i.stream)
	result := lib.insertDone(i.stream)
	if result == nil {
		return Stats{}, &Error{"the engine gave no result of the insert"}
	}
	defer lib.resultFree(result)
	if err := textError(lib.resultError(result)); err != nil {
		return Stats{}, err
	}
	return lib.stats(result), nil
}

// Cancel drops the insert. Rows that the engine had not yet stored as a part vanish.
func (i *Insert) Cancel() {
	i.conn.lib.insertCancel(i.stream)
	i.conn.lib.insertFree(i.stream)
}
