package audit

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// TempError is trouble with the temporary files: a full disk, a folder that cannot be written.
type TempError struct {
	Dir string
	Err error
}

func (e *TempError) Error() string {
	return fmt.Sprintf("temporary files in %s: %v (--temp names a folder with more room; every row of a partition, stored or computed, takes about 24 bytes, panes more)", e.Dir, e.Err)
}
func (e *TempError) Unwrap() error { return e.Err }

// tempFile is a buffer that is written to a file when it is full. The file is gone once it is closed or the process ends.
type tempFile struct {
	dir   string
	limit int
	f     *os.File // nil while everything is in the buffer
	buf   []byte
	n     int64 // bytes in the file
}

func newTempFile(dir string, limit int) *tempFile { return &tempFile{dir: dir, limit: limit} }

// writable tries to make a file, so that an unusable folder is reported before the work begins.
func writable(dir string) error {
	t := newTempFile(dir, 0)
	defer t.close()
	return t.flush()
}

// room returns a buffer with room for n more bytes; give it back with take.
func (t *tempFile) room(n int) ([]byte, error) {
	if len(t.buf)+n > t.limit {
		if err := t.flush(); err != nil {
			return nil, err
		}
	}
	return t.buf, nil
}

func (t *tempFile) take(b []byte) { t.buf = b }

// size is how many bytes it holds.
func (t *tempFile) size() int64 { return t.n + int64(len(t.buf)) }

func (t *tempFile) flush() error {
	if t.f == nil {
		f, err := os.CreateTemp(t.dir, "csatflow-audit-*")
		if err != nil {
			return &TempError{t.dir, err}
		}
		_ = os.Remove(f.Name()) // on systems that cannot remove an open file, close removes it
		t.f = f
	}
	n, err := t.f.Write(t.buf)
	t.n += int64(n)
	t.buf = t.buf[:0]
	if err != nil {
		return &TempError{t.dir, err}
	}
	return nil
}

// each calls each with everything, in pieces of size bytes, in order.
func (t *tempFile) each(size int, each func([]byte) error) error {
	if t.n > 0 {
		r := bufio.NewReaderSize(io.NewSectionReader(t.f, 0, t.n), 1<<16)
		piece := make([]byte, size)
		for at := int64(0); at < t.n; at += int64(size) {
			if _, err := io.ReadFull(r, piece); err != nil {
				return &TempError{t.dir, err}
			}
			if err := each(piece); err != nil {
				return err
			}
		}
	}
	for rest := t.buf; len(rest) >= size; rest = rest[size:] {
		if err := each(rest[:size]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tempFile) reset() error {
	t.buf, t.n = t.buf[:0], 0
	if t.f == nil {
		return nil
	}
	if err := errors.Join(t.f.Truncate(0), seekStart(t.f)); err != nil {
		return &TempError{t.dir, err}
	}
	return nil
}

func seekStart(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

func (t *tempFile) close() {
	if t.f != nil {
		_ = t.f.Close()
		_ = os.Remove(t.f.Name())
	}
}

// spill groups records by key in bounded memory: it deals them out to files by the key's hash, and sorts file by file.
type spill struct {
	files [fanOut]*tempFile
}

const (
	fanOut     = 64
	fanBuffer  = 1 << 15
	fewRecords = 1 << 10 // always sorted at once, however small the memory
)

func newSpill(dir string) *spill {
	s := &spill{}
	for i := range s.files {
		s.files[i] = newTempFile(dir, fanBuffer)
	}
	return s
}

func (s *spill) add(r record) error {
	f := s.files[r.key%fanOut]
	b, err := f.room(recordSize)
	if err != nil {
		return err
	}
	f.take(r.put(b))
	return nil
}

func (s *spill) reset() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.reset())
	}
	return errors.Join(errs...)
}

func (s *spill) close() {
	for _, f := range s.files {
		f.close()
	}
}

// group calls each with the records of every key, in order of turns. It keeps about limit records in memory.
func (s *spill) group(limit int, each func([]record) error) error {
	limit = max(limit, fewRecords)
	var list []record
	for _, f := range s.files {
		parts := uint64(f.size()/recordSize/int64(limit)) + 1
		for part := range parts {
			list = list[:0]
			err := f.each(recordSize, func(b []byte) error {
				if r := takeRecord(b); mix(r.key)%parts == part {
					list = append(list, r)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if err := runs(list, each); err != nil {
				return err
			}
		}
	}
	return nil
}

// runs sorts records, and calls each with the records of every key.
func runs(list []record, each func([]record) error) error {
	slices.SortFunc(list, func(a, b record) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.turn(), b.turn())) })
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].key == list[from].key {
			to++
		}
		if err := each(list[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}
