// Package output helps commands to write: text from outside that must not control the terminal, progress bars, and files that
// appear only when they are complete.
package output

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is the destination of a report. A file appears only when it is complete.
type File struct {
	io.Writer
	file *os.File
	name string
}

// Open opens a file before the work begins, so that a bad name does not waste the work; without a name, or with -, it is stdout.
func Open(stdout io.Writer, name string) (*File, error) {
	if name == "" || name == "-" {
		return &File{Writer: stdout}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	return &File{f, f, name}, nil
}

// Keep moves the complete file to its name.
func (r *File) Keep() error {
	if r.file == nil {
		return nil
	}
	const readable = 0o644
	return errors.Join(r.file.Chmod(readable), r.file.Close(), os.Rename(r.file.Name(), r.name))
}

// Discard removes the file unless it was kept.
func (r *File) Discard() {
	if r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
}
