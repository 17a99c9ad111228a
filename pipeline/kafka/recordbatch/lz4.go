package recordbatch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/pierrec/lz4/v4"
)

const (
	lz4Magic       = 0x184D2204
	lz4Independent = 1 << 5
	lz4BlockSum    = 1 << 4
	lz4Size        = 1 << 3
	lz4Dictionary  = 1
	lz4Raw         = 1 << 31 // in a block's size: it is not compressed
	lz4Window      = 64 << 10
)

var errLZ4 = errors.New("no LZ4 frame")

// unLZ4 decompresses a frame. It ignores the frame's own checksums, since the batch's CRC covers them.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
func unLZ4(dst, b []byte) ([]byte, error) {
	if len(b) < 7 || binary.LittleEndian.Uint32(b) != lz4Magic {
		return dst, errLZ4
	}
	flags, limit := b[4], 1<<(8+2*(b[5]>>4&7))
	if flags>>6 != 1 || flags&lz4Dictionary != 0 || limit < 64<<10 {
		return dst, fmt.Errorf("an LZ4 frame of a kind that Kafka does not know (flags %#x, block %#x)", flags, b[5])
	}
	b = b[7:]
	if flags&lz4Size != 0 {
		if len(b) < 8 {
			return dst, io.ErrUnexpectedEOF
		}
		b = b[8:]
	}
	for {
		if len(b) < 4 {
			return dst, io.ErrUnexpectedEOF
		}
		size := binary.LittleEndian.Uint32(b)
		b = b[4:]
		if size == 0 {
			return dst, nil
		}
		n := int(size &^ lz4Raw)
		if n > len(b) || n > limit {
			return dst, io.ErrUnexpectedEOF
		}
		var err error
		if size&lz4Raw != 0 {
			dst = append(dst, b[:n]...)
		} else if dst, err = unLZ4Block(dst, b[:n], limit, flags&lz4Independent == 0); err != nil {
			return dst, err
		}
		if len(dst) > MaxBytes {
			return dst, errTooLarge
		}
		b = b[n:]
		if flags&lz4BlockSum != 0 {
			if len(b) < 4 {
				return dst, io.ErrUnexpectedEOF
			}
			b = b[4:]
		}
	}
}

// unLZ4Block decompresses a block to at most limit bytes; it may refer to earlier blocks.
func unLZ4Block(dst, b []byte, limit int, linked bool) ([]byte, error) {
	dst = slices.Grow(dst, min(limit, 255*len(b))) // LZ4's greatest ratio
	room := dst[len(dst):min(cap(dst), len(dst)+limit)]
	var n int
	var err error
	if linked {
		n, err = lz4.UncompressBlockWithDict(b, room, dst[max(0, len(dst)-lz4Window):])
	} else {
		n, err = lz4.UncompressBlock(b, room)
	}
	return dst[:len(dst)+max(n, 0)], err
}
