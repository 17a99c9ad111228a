package clickhouse

import (
	"encoding/json"
	"fmt"
	"strings"

	"csatflow/deploy/local/chdb"
)

// session is a connection of the engine with its database and settings. One goroutine at a time.
type session struct {
	engine   *engine
	conn     *chdb.Conn
	database string
	sets     []string // SET statements of the client, which must outlive the settings of single statements
}

// open makes a session for a native connection.
func (e *engine) open(database string) (*session, error) {
	e.mu.Lock()
	conn, err := e.library.Connect(e.data)
	e.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s := &session{engine: e, conn: conn, database: "default"}
	if err := s.use(database); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) close() {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.conn.Close()
}

// acquire takes a session from the pool, or opens one.
func (e *engine) acquire(database string) (*session, error) {
	e.mu.Lock()
	var s *session
	if n := len(e.idle); n > 0 {
		s, e.idle = e.idle[n-1], e.idle[:n-1]
	}
	e.mu.Unlock()
	if s == nil {
		return e.open(database)
	}
	if err := s.use(database); err != nil {
		e.release(s)
		return nil, err
	}
	return s, nil
}

// release returns a session to the pool; it must be as it was.
func (e *engine) release(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.idle) >= maxIdle {
		s.conn.Close()
		return
	}
	e.idle = append(e.idle, s)
}

func (s *session) use(database string) error {
	if database == "" {
		database = "default"
	}
	if database == s.database {
		return nil
	}
	if _, _, err := s.conn.Query("USE "+quoteName(database), "Null"); err != nil {
		return err
	}
	s.database = database
	return nil
}

// current is the name of the database that the session is in.
func (s *session) current() (string, error) {
	if s.database == "" {
		text, _, err := s.conn.Query("SELECT currentDatabase()", "TSVRaw")
		if err != nil {
			return "", err
		}
		s.database = strings.TrimSuffix(string(text), "\n")
	}
	return s.database, nil
}

// apply sets the settings of one statement, and returns a function that resets them. If that fails the session is unusable.
func (s *session) apply(settings []chdb.Param) (undo func() error, err error) {
	if len(settings) == 0 {
		return func() error { return nil }, nil
	}
	set, reset := make([]string, len(settings)), make([]string, len(settings))
	for i, x := range settings {
		set[i] = quoteName(x.Name) + " = " + quoteText(x.Value)
		reset[i] = quoteName(x.Name) + " = DEFAULT"
	}
	undo = func() error {
		for _, q := range append([]string{"SET " + strings.Join(reset, ", ")}, s.sets...) {
			if _, _, err := s.conn.Query(q, "Null"); err != nil {
				return fmt.Errorf("resetting the settings of a statement: %w", err)
			}
		}
		return nil
	}
	// One statement sets all or, if one is unknown, none.
	if _, _, err := s.conn.Query("SET "+strings.Join(set, ", "), "Null"); err != nil {
		return nil, err
	}
	return undo, nil
}

// ran notes a statement that succeeded, if it changed the session.
func (s *session) ran(query string) {
	if setText.MatchString(query) {
		s.sets = append(s.sets, query)
	}
	if useText.MatchString(query) {
		s.database = "" // changed: use asks the engine
	}
}

// described is a column of DESCRIBE; its default kind says whether it can be inserted.
type described struct {
	column
	kind string
}

// describe returns the columns of a table or of a query in parentheses.
func (s *session) describe(what string, params []chdb.Param) ([]described, error) {
	text, _, err := s.conn.Query("DESCRIBE TABLE "+what+" SETTINGS print_pretty_type_names = 0", "JSONCompact", params...)
	if err != nil {
		return nil, err
	}
	var answer struct{ Data [][]any }
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("reading the description of %s: %w", what, err)
	}
	list := make([]described, len(answer.Data))
	for i, row := range answer.Data {
		var words [3]string
		for j := range min(len(words), len(row)) {
			words[j], _ = row[j].(string)
		}
		list[i] = described{column{words[0], words[1]}, words[2]}
	}
	return list, nil
}

// resultColumns returns the columns of a SELECT that returned no rows; none if they cannot be told.
func (s *session) resultColumns(query string, params []chdb.Param) []column {
	all, err := s.describe("("+strings.TrimRight(query, "; \t\r\n")+"\n)", params)
	if err != nil {
		s.engine.log.Debug("columns of an empty result", "err", err)
		return nil
	}
	list := make([]column, len(all))
	for i, c := range all {
		list[i] = c.column
	}
	return list
}

// insertColumns returns the columns that an INSERT expects.
func (s *session) insertColumns(i *insertInto) ([]column, error) {
	all, err := s.describe(i.table, nil)
	if err != nil {
		return nil, err
	}
	var list []column
	if len(i.columns) == 0 {
		for _, c := range all {
			if c.kind == "" || c.kind == "DEFAULT" {
				list = append(list, c.column)
			}
		}
		return list, nil
	}
next:
	for _, name := range i.columns {
		for _, c := range all {
			if c.Name == name && c.kind != "" && c.kind != "DEFAULT" {
				return nil, newException(codeIllegalColumn, "Cannot insert column %s, because it is %s column. (ILLEGAL_COLUMN)", name, c.kind)
			}
			if c.Name == name {
				list = append(list, c.column)
				continue next
			}
		}
		return nil, newException(codeNoSuchColumn, "No such column %s in table %s. (NO_SUCH_COLUMN_IN_TABLE)", name, i.table)
	}
	return list, nil
}
