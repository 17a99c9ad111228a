package local

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// User is the only user of the embedded ClickHouse.
const User = "default"

// passwordFile is kept beside the data of the servers, in a directory of its user.
const passwordFile = "clickhouse-password"

// Password returns the password of the ClickHouse whose state is in the directory, and its file. The first call makes it.
func Password(dir string) (password, file string, err error) {
	file = filepath.Join(dir, passwordFile)
	b, err := os.ReadFile(file) //nolint:gosec // the user's own directory
	if errors.Is(err, fs.ErrNotExist) {
		return makePassword(dir, file)
	}
	if err != nil {
		return "", "", fmt.Errorf("reading the password of the embedded ClickHouse: %w", err)
	}
	if password = strings.TrimSpace(string(b)); password == "" {
		return "", "", fmt.Errorf("%s holds no password: remove it, and a new one is made", file)
	}
	info, err := os.Stat(file)
	if err != nil {
		return "", "", fmt.Errorf("reading the password of the embedded ClickHouse: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", "", fmt.Errorf("%s (%v) can be read by others: chmod 600 %s, or remove it, and a new one is made", file, info.Mode(), file)
	}
	return password, file, nil
}

// makePassword writes the file whole or not at all.
func makePassword(dir, file string) (string, string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", "", fmt.Errorf("data directory: %w", err)
	}
	password := rand.Text()
	f, err := os.CreateTemp(dir, passwordFile+"-") // of mode 0600
	if err != nil {
		return "", "", fmt.Errorf("writing the password of the embedded ClickHouse: %w", err)
	}
	_, err = f.WriteString(password + "\n")
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return "", "", errors.Join(fmt.Errorf("writing the password of the embedded ClickHouse: %w", err), os.Remove(f.Name()))
	}
	return password, file, nil
}
