package clickhouse

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// errCancelled is the cause after a Cancel packet of the client.
var errCancelled = errors.New("client cancelled the statement")

// watch stops a running statement when the client cancels it or goes away. Until it ends, nobody else reads the connection.
type watch struct {
	conn  *nativeConn
	done  chan struct{} // the statement is over
	cause chan error    // why the watch ended: nil, errCancelled or errBroken
}

func (n *nativeConn) watch(tag string) *watch {
	w := &watch{conn: n, done: make(chan struct{}), cause: make(chan error, 1)}
	go func() {
		cause := w.wait()
		if cause != nil {
			n.server.engine.stop(tag, w.done)
		}
		w.cause <- cause
	}()
	return w
}

// wait looks at the client's next packet. It leaves a packet other than Cancel for later.
func (w *watch) wait() error {
	next, err := w.conn.in.Peek(1)
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout(): // end has been called
		return nil
	case err != nil:
		return errBroken
	case proto.ClientCode(next[0]) == proto.ClientCodeCancel:
		_, _ = w.conn.in.Discard(1) // buffered: cannot fail
		return errCancelled
	}
	return nil
}

// end ends the watch after the statement, and returns the cause if the client ended it.
func (w *watch) end() error {
	close(w.done)
	broken := w.conn.net.SetReadDeadline(time.Unix(1, 0)) // wakes wait, unless a closed connection did already
	cause := <-w.cause
	if err := errors.Join(broken, w.conn.net.SetReadDeadline(time.Time{})); err != nil && cause == nil {
		return errBroken
	}
	return cause
}

// watchContext stops a running statement when ctx ends. Call end when the statement is over.
func (e *engine) watchContext(ctx context.Context, tag string) (end func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(ended)
		e.stop(tag, done)
	})
	return func() {
		close(done)
		if !cancel() {
			<-ended
		}
	}
}
