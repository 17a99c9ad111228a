package intake

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"csatflow/pipeline/dimension"
)

// Lookups are look-up files: CSV with a header, whose first column is the key. A file that changes is read again; one that cannot
// be read any more keeps its last good content, and is told of. Many goroutines may use them.
type Lookups struct {
	files map[string]*lookupFile
	log   *slog.Logger
	now   func() time.Time
}

// lookAgain is how often a file is looked at, at most.
const lookAgain = time.Second

type lookupFile struct {
	path   string
	table  atomic.Pointer[lookupTable]
	looked atomic.Int64 // when it was looked at, Unix ns

	mu   sync.Mutex // of reading
	seen fileState
}

type fileState struct {
	size     int64
	modified time.Time
	said     string // what was wrong with it
}

// lookupTable is the content of a file.
type lookupTable struct {
	columns []string
	rows    map[string][]string
}

// OpenLookups reads the look-up files, which are paths by name.
func OpenLookups(paths map[string]string, log *slog.Logger) (*Lookups, error) {
	l := &Lookups{files: map[string]*lookupFile{}, log: log, now: time.Now}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		f := &lookupFile{path: paths[name]}
		if err := f.read(); err != nil {
			errs = append(errs, fmt.Errorf("intake.lookups.%s: %w", name, err))
		}
		f.looked.Store(l.now().UnixNano())
		l.files[name] = f
	}
	return l, errors.Join(errs...)
}

func (l *Lookups) names() []string { return slices.Sorted(maps.Keys(l.files)) }

// table returns the table of a file as of now.
func (l *Lookups) table(name string) (*lookupFile, *lookupTable, error) {
	f := l.files[name]
	if f == nil {
		if len(l.files) == 0 {
			return nil, nil, fmt.Errorf("no look-up file %q: name it in intake.lookups", name)
		}
		return nil, nil, fmt.Errorf("%w (intake.lookups)", dimension.Unknown("look-up file", name, l.names()))
	}
	now := l.now().UnixNano()
	if last := f.looked.Load(); now-last > int64(lookAgain) && f.looked.CompareAndSwap(last, now) {
		f.mu.Lock()
		if err := f.read(); err != nil && err.Error() != f.seen.said {
			f.seen.said = err.Error()
			l.log.Error("a look-up file cannot be read; its last good content is used", "file", name, "err", err)
		}
		f.mu.Unlock()
	}
	return f, f.table.Load(), nil
}

// find returns a row's value in a column, the second if column is empty; found is false if there is no such key.
func (l *Lookups) find(name, key, column string) (value string, found bool, err error) {
	f, t, err := l.table(name)
	if err != nil {
		return "", false, err
	}
	at := 1
	if column != "" {
		if at = slices.Index(t.columns, column); at < 0 {
			return "", false, fmt.Errorf("%s: %w", f.path, dimension.Unknown("column", column, t.columns))
		}
	}
	row, found := t.rows[key]
	if !found {
		return "", false, nil
	}
	return row[at], true, nil
}

// path is the path of a file, for messages.
func (l *Lookups) path(name string) string { return l.files[name].path }

// read reads the file if it has changed.
func (f *lookupFile) read() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if f.table.Load() != nil && info.Size() == f.seen.size && info.ModTime().Equal(f.seen.modified) {
		return nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	t, err := readTable(file)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.table.Store(t)
	f.seen = fileState{size: info.Size(), modified: info.ModTime()}
	return nil
}

func readTable(from io.Reader) (*lookupTable, error) {
	r := csv.NewReader(from)
	columns, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("is empty: the first line has the names of the columns, as in site,store")
	}
	if err != nil {
		return nil, err
	}
	if len(columns) < 2 {
		return nil, errors.New("has one column: the first is the key, the others are what is looked up")
	}
	columns[0] = strings.TrimPrefix(columns[0], "\ufeff")
	t := &lookupTable{columns: columns, rows: map[string][]string{}}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if _, twice := t.rows[row[0]]; twice {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: the key %q is there twice", line, row[0])
		}
		t.rows[row[0]] = row
	}
}
