// Package output is what commands write to: text from outside, which must do nothing to a terminal; how far a long work is; files
// that are put in their place only when they are whole.
package output

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is where a report goes. A file is put in its place only when it is whole.
type File struct {
	io.Writer
	file *os.File
	name string
}

// Open opens a file before the work begins, so that a name that cannot be does not cost it; without a name it is stdout.
func Open(stdout io.Writer, name string) (*File, error) {
	if name == "" {
		return &File{Writer: stdout}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	return &File{f, f, name}, nil
}

// Keep puts the file in its place.
func (r *File) Keep() error {
	if r.file == nil {
		return nil
	}
	const readable = 0o644
	return errors.Join(r.file.Chmod(readable), r.file.Close(), os.Rename(r.file.Name(), r.name))
}

// Discard removes a file that was not kept.
func (r *File) Discard() {
	if r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
}
