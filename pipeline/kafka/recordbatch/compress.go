package recordbatch

import (
	"csatflow/schemas/reasons"

	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

var errTooLarge = errors.New(reasons.Decompressed.Text(reasons.Number(MaxBytes)))

var errTooLargeStored = fmt.Errorf("it is larger than the %d bytes that are taken at once", MaxBytes)

// decompress returns the bytes of a batch's records: b itself, or a new buffer.
func decompress(codec int16, b []byte) ([]byte, error) {
	if codec == 0 {
		return b, nil
	}
	out, name, err := takeScratch(), "", error(nil)
	defer func() { keepScratch(out) }()
	switch codec {
	case 1:
		name = "gzip"
		out, err = unGzip(out, b)
	case 2:
		name = "snappy"
		out, err = unSnappy(out, b)
	case 3:
		name = "lz4"
		out, err = unLZ4(out, b)
	case 4:
		name = "zstd"
		out, err = unZstd(out, b)
	default:
		return nil, fmt.Errorf("compression %d is unknown", codec)
	}
	switch {
	case errors.Is(err, errTooLarge) || err == nil && len(out) > MaxBytes:
		return nil, &badContent{errTooLarge}
	case err != nil:
		return nil, &badContent{fmt.Errorf("decompressing %s: %w", name, err)}
	}
	return bytes.Clone(out), nil
}

// badContent is unreadable content that a producer wrote. Its CRC is right, so no other replica has a better copy.
type badContent struct{ err error }

func (e *badContent) Error() string { return e.err.Error() }
func (e *badContent) Unwrap() error { return e.err }

// Codecs decompress into a scratch buffer, since the size is known only at the end. A few are kept. A [sync.Pool] would
// lose them at each garbage collection, and decompressing causes many.
var scratches = make(chan []byte, 4)

const keptScratch = 8 << 20

func takeScratch() []byte {
	select {
	case b := <-scratches:
		return b
	default:
		return nil
	}
}

func keepScratch(b []byte) {
	if cap(b) > keptScratch {
		return
	}
	select {
	case scratches <- b[:0]:
	default:
	}
}

var gzips = sync.Pool{New: func() any { return new(gzip.Reader) }}

func unGzip(dst, b []byte) ([]byte, error) {
	z := gzips.Get().(*gzip.Reader)
	defer gzips.Put(z)
	if err := z.Reset(bytes.NewReader(b)); err != nil {
		return dst, err
	}
	for {
		dst = slices.Grow(dst, 512)
		n, err := z.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, err
		case len(dst) > MaxBytes:
			return dst, errTooLarge
		}
	}
}

// xerial starts the Java client's frames of snappy: a header of 16 bytes, then blocks, each after its length.
var xerial = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

func unSnappy(dst, b []byte) ([]byte, error) {
	if !bytes.HasPrefix(b, xerial) {
		return unSnappyBlock(dst, b)
	}
	if len(b) < 16 {
		return dst, io.ErrUnexpectedEOF
	}
	for b = b[16:]; len(b) > 0; {
		if len(b) < 4 {
			return dst, io.ErrUnexpectedEOF
		}
		n := int64(binary.BigEndian.Uint32(b))
		b = b[4:]
		if n > int64(len(b)) {
			return dst, io.ErrUnexpectedEOF
		}
		var err error
		if dst, err = unSnappyBlock(dst, b[:n]); err != nil {
			return dst, err
		}
		b = b[n:]
	}
	return dst, nil
}

func unSnappyBlock(dst, b []byte) ([]byte, error) {
	n, err := snappy.DecodedLen(b)
	if err != nil {
		return dst, err
	}
	if n > MaxBytes-len(dst) {
		return dst, errTooLarge
	}
	dst = slices.Grow(dst, n)
	if _, err := snappy.Decode(dst[len(dst):len(dst)+n], b); err != nil {
		return dst, err
	}
	return dst[:len(dst)+n], nil
}

var unzstd = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxBytes), zstd.WithDecoderConcurrency(0))
})

func unZstd(dst, b []byte) ([]byte, error) {
	z, err := unzstd()
	if err != nil {
		return dst, err
	}
	out, err := z.DecodeAll(b, dst)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = errTooLarge
	}
	return out, err
}
