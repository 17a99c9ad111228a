package clickhouse

import (
	"bufio"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
)

const (
	handshakeTime = 30 * time.Second
	readBuffer    = 1 << 18
	writeBuffer   = 1 << 18
	keptScratch   = 16 << 20 // a larger buffer is freed after its statement
	frameBytes    = 1 << 20  // of a compressed frame, before compression
)

// errBroken ends a connection whose client went away: nobody is left to hear of it.
var errBroken = errors.New("client went away")

// nativeConn is a client of the native protocol with its session.
type nativeConn struct {
	server  *server
	net     net.Conn
	in      *bufio.Reader
	out     *bufio.Writer
	packet  proto.Buffer // the packet being built
	session *session
	sending sync.Mutex // one whole packet at a time
	rev     int        // revision that both sides speak

	compressed bool // of the current statement
	inflate    *bufio.Reader
	deflate    map[compress.Method]*compress.Writer
	method     compress.Method
	scratch    []byte
}

// serveNative talks to one client until it leaves or breaks the protocol.
func (s *server) serveNative(c net.Conn) {
	in := bufio.NewReaderSize(c, readBuffer)
	n := &nativeConn{
		server: s, net: c, in: in, out: bufio.NewWriterSize(c, writeBuffer),
		inflate: bufio.NewReaderSize(compress.NewReader(in), readBuffer),
		deflate: map[compress.Method]*compress.Writer{}, method: compress.LZ4,
	}
	log := s.log.With("client", c.RemoteAddr().String())
	defer func() {
		if p := recover(); p != nil {
			log.Error("native connection panicked", "panic", p, "stack", string(debug.Stack()))
		}
		if n.session != nil {
			n.session.close()
		}
		_ = c.Close() // the client may have closed it
	}()
	if err := n.serve(); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errBroken) && !errors.Is(err, net.ErrClosed) {
		log.Warn("native connection ends", "err", err)
	}
}

func (n *nativeConn) serve() error {
	if err := n.handshake(); err != nil {
		return err
	}
	for {
		w := wire{Reader: n.in}
		code := w.uvarint()
		if w.err != nil {
			return w.err
		}
		var err error
		switch proto.ClientCode(code) {
		case proto.ClientCodePing:
			proto.ServerCodePong.Encode(&n.packet)
			err = n.flush()
		case proto.ClientCodeCancel: // the statement had ended by itself
		case proto.ClientCodeQuery:
			err = n.statement()
		default:
			return n.refuse(newException(codeUnknownPacket, "Unknown packet %d from client. (UNKNOWN_PACKET_FROM_CLIENT)", code))
		}
		if err != nil {
			return err
		}
		if cap(n.scratch) > keptScratch {
			n.scratch = nil
		}
	}
}

func (n *nativeConn) handshake() error {
	if err := n.net.SetReadDeadline(time.Now().Add(handshakeTime)); err != nil {
		return fmt.Errorf("setting the deadline of the handshake: %w", err)
	}
	w := wire{Reader: n.in}
	if code := w.uvarint(); w.err == nil && proto.ClientCode(code) != proto.ClientCodeHello {
		return fmt.Errorf("%w: first packet is %d", errMalformed, code)
	}
	h := w.hello()
	if w.err != nil {
		return w.err
	}
	n.rev = h.revision
	if !n.server.authentic(h.user, h.password) {
		return n.refuse(authenticationFailed(h.user))
	}
	var err error
	if n.session, err = n.server.engine.open(h.database); err != nil {
		return n.refuse(err)
	}
	e := n.server.engine
	(&proto.ServerHello{
		Name: "ClickHouse", Major: e.numbers[0], Minor: e.numbers[1], Patch: e.numbers[2], Revision: revision,
		Timezone: e.timezone, DisplayName: "csatflow",
	}).EncodeAware(&n.packet, n.rev)
	if err := n.flush(); err != nil {
		return err
	}
	if proto.FeatureAddendum.In(n.rev) {
		if w.text("quota key", maxWord); w.err != nil {
			return w.err
		}
	}
	if err := n.net.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("removing the deadline of the handshake: %w", err)
	}
	return nil
}

// authentic reports whether the client may enter. Without a configured user everybody may, since only this machine connects.
func (s *server) authentic(user, password string) bool {
	if s.user == "" {
		return true
	}
	sameUser := subtle.ConstantTimeCompare([]byte(user), []byte(s.user))
	return sameUser&subtle.ConstantTimeCompare([]byte(password), []byte(s.password)) == 1
}

const (
	defaultUser        = "default"
	authenticationText = "%s: Authentication failed: password is incorrect, or there is no user with such name."
)

func authenticationFailed(user string) error {
	return newException(codeAuthentication, authenticationText+" (AUTHENTICATION_FAILED)", user)
}

// flush sends the packet being built and all before it.
func (n *nativeConn) flush() error {
	n.sending.Lock()
	defer n.sending.Unlock()
	if _, err := n.out.Write(n.packet.Buf); err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	n.packet.Reset()
	if err := n.out.Flush(); err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return nil
}

// refuse sends the client an error; the connection goes on after a failed statement.
func (n *nativeConn) refuse(err error) error {
	e := asException(err)
	proto.ServerCodeException.Encode(&n.packet)
	(&proto.Exception{Code: proto.Error(e.code), Name: e.name, Message: e.text}).EncodeAware(&n.packet, n.rev)
	return n.flush()
}

// send writes a Data packet.
func (n *nativeConn) send(block []byte) error {
	n.sending.Lock()
	defer n.sending.Unlock()
	proto.ServerCodeData.Encode(&n.packet)
	n.packet.PutString("") // table name
	if _, err := n.out.Write(n.packet.Buf); err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	n.packet.Reset()
	if !n.compressed {
		if _, err := n.out.Write(block); err != nil {
			return fmt.Errorf("%w: %w", errBroken, err)
		}
		return nil
	}
	w := n.deflate[n.method]
	if w == nil {
		w = compress.NewWriter(compress.LevelZero, n.method)
		n.deflate[n.method] = w
	}
	for len(block) > 0 {
		frame := block[:min(len(block), frameBytes)]
		block = block[len(frame):]
		if err := w.Compress(frame); err != nil {
			return fmt.Errorf("compressing a block: %w", err)
		}
		if _, err := n.out.Write(w.Data); err != nil {
			return fmt.Errorf("%w: %w", errBroken, err)
		}
	}
	return nil
}

// receive reads a Data packet into scratch. An end of the stream within it is an error.
func (n *nativeConn) receive() (columns, rows uint64, err error) {
	w := wire{Reader: n.in}
	code := w.uvarint()
	if w.err == nil && proto.ClientCode(code) == proto.ClientCodeCancel {
		return 0, 0, errCancelled
	}
	if w.err == nil && proto.ClientCode(code) != proto.ClientCodeData {
		return 0, 0, fmt.Errorf("%w: packet %d instead of data", errMalformed, code)
	}
	w.text("table name", maxWord)
	if w.err != nil {
		return 0, 0, w.err
	}
	source := n.in
	if n.compressed {
		if source = n.inflate; source.Buffered() > 0 {
			return 0, 0, fmt.Errorf("%w: compressed bytes after the end of a block", errMalformed)
		}
		n.method = n.methodAhead()
	}
	n.scratch, columns, rows, err = readBlock(source, n.rev, n.scratch)
	if err == nil && n.compressed && n.inflate.Buffered() > 0 {
		err = fmt.Errorf("%w: compressed bytes after the end of a block", errMalformed)
	}
	return columns, rows, err
}

// methodAhead is the compression of the next frame: answers to the client use the same.
func (n *nativeConn) methodAhead() compress.Method {
	const methodAt, zstd = 16, 0x90
	if head, err := n.in.Peek(methodAt + 1); err == nil && head[methodAt] == zstd {
		return compress.ZSTD
	}
	return compress.LZ4
}
