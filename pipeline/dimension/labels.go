package dimension

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Labels are names for people of scopes, by kind and id.
type Labels map[string]map[string]string

// ReadLabels reads a CSV file with the columns kind, id and name, like store,store-001,Main Street. kinds are the valid kinds of scopes. An error
// names the line.
func ReadLabels(file string, kinds []string) (Labels, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.TrimLeadingSpace, r.Comment = 3, true, '#'
	head, err := r.Read()
	if err == nil && !slices.Equal(head, []string{"kind", "id", "name"}) {
		err = fmt.Errorf("line 1 is %q, and must be kind,id,name", strings.Join(head, ","))
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("it is empty: line 1 must be kind,id,name")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all := Labels{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		line, _ := r.FieldPos(0)
		switch {
		case err != nil:
		case !slices.Contains(kinds, row[0]):
			err = fmt.Errorf("line %d: %w", line, Unknown("kind of scope", row[0], kinds))
		case row[1] == "" || row[2] == "":
			err = fmt.Errorf("line %d: id and name must not be empty", line)
		case all[row[0]][row[1]] != "":
			err = fmt.Errorf("line %d: %s %s stands twice", line, row[0], row[1])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if all[row[0]] == nil {
			all[row[0]] = map[string]string{}
		}
		all[row[0]][row[1]] = row[2]
	}
}
