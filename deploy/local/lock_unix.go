//go:build unix

package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockFile holds the lock of a data directory. The file stays; the lock ends with its process.
const lockFile = "csatflow.lock"

// ErrInUse is returned when another process uses the data directory.
var ErrInUse = errors.New("in use by another process")

// lockWait is how long a killed process may take to release its files.
const lockWait = time.Second

// lockData creates the data directory and takes its lock.
func lockData(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the user's own directory
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	for end := time.Now().Add(lockWait); ; time.Sleep(lockWait / 50) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		_ = f.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("data directory %s is %w", dir, ErrInUse)
		}
		return nil, fmt.Errorf("locking data directory %s: %w", dir, err)
	}
	return f.Close, nil
}
