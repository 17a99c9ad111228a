package clickhouse

import (
	"regexp"
	"slices"
	"strings"

	"csatflow/deploy/local/chdb"
)

// What no grant of the engine covers: it is its own client, which reads and writes the files of INFILE and OUTFILE, and only a
// server binds its scalar function file to a directory. The patterns match the statement as the engine formats it: without
// comments, with one kind of quotes, without escapes, with key words in capitals.
var (
	intoOutfileText = regexp.MustCompile(`\bINTO OUTFILE\b`)
	fromInfileText  = regexp.MustCompile(`\bFROM INFILE\b`)
	fileText        = regexp.MustCompile(`\bfile\(|\bAPPLY\s*\(?\s*file\b`)
	// What makes a file or directory before the engine checks the grant.
	placeText = regexp.MustCompile(`(?i)\bdisk\s*\(|\bsqlite\s*\(|\bENGINE = (?:sqlite|\w*rocksdb)\b`)
	// What opens another destination, or a temporary table, before the engine checks the grant.
	backupText = regexp.MustCompile(`(?m)^(?:BACKUP|RESTORE)\b`)
	// What acts on every table for which there is a grant, and so succeeds even for none.
	stopText = regexp.MustCompile(`(?m)^SYSTEM (?:STOP|START)\b`)
	// engineText is the engine of a table or database, at the begin of a line. No literal has a line of its own.
	engineText = regexp.MustCompile("(?m)^ENGINE = `?(\\w*)")
	// writtenQuotes matches a literal, or a name that the engine has to quote.
	writtenQuotes = regexp.MustCompile("(?s)'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`")
	// hiddenText is a call of file within a text that the engine may later run as a statement.
	hiddenText = regexp.MustCompile("(?i)file|x66|x46")
)

// leavingLetters match every pattern above, unless escapes hide it.
var leavingLetters = regexp.MustCompile(`(?i)file|disk|sqlite|rocksdb|\\|backup|restore|system|engine`)

// staysInData refuses a statement that reads or writes outside this server's data in a way that no grant covers.
func (s *session) staysInData(query string) error {
	if !leavingLetters.MatchString(query) {
		return nil
	}
	written, err := s.written(query)
	if err != nil {
		return s.notWritten(query, err)
	}
	bare := writtenQuotes.ReplaceAllStringFunc(written, func(quoted string) string {
		if !s.engine.confined && quoted[0] == '\'' && hiddenText.MatchString(quoted) && strings.Contains(quoted, "(") {
			return " file("
		}
		return "''"
	})
	for _, m := range engineText.FindAllStringSubmatch(written, -1) {
		if !slices.Contains(engines, m[1]) {
			return refused("its tables and databases keep their rows in its own data, with engines like MergeTree and Memory: %s is not one of them", m[1])
		}
	}
	switch {
	case intoOutfileText.MatchString(bare):
		return intoOutfile()
	case fromInfileText.MatchString(bare):
		return newException(codeNotImplemented, "FROM INFILE is not supported by the server: send the rows. (NOT_IMPLEMENTED)")
	case placeText.MatchString(bare):
		return refused("it keeps its data in its own directory: disk, SQLite and RocksDB name another")
	case fileText.MatchString(bare):
		return refused("it reads no files: function file is not available")
	case backupText.MatchString(bare):
		return refused("it makes and reads no backups: copy its directory while it does not run")
	case stopText.MatchString(bare):
		return refused("SYSTEM STOP and SYSTEM START are not available to clients")
	}
	return nil
}

// refused is the error for what the embedded server does not do.
func refused(format string, args ...any) error {
	return newException(codeAccessDenied, "default: Not enough privileges. The embedded server refuses this: "+format+". (ACCESS_DENIED)", args...)
}

// written returns a statement as the engine formats it.
func (s *session) written(query string) (string, error) {
	text, _, err := s.conn.Query("SELECT formatQuery({query:String}) SETTINGS max_query_size = 0", "TSVRaw", chdb.Param{Name: "query", Value: fieldText.Replace(query)})
	return string(text), err
}

// notWritten is the error for a statement that the engine cannot format, since it cannot parse it.
func (s *session) notWritten(query string, err error) error {
	// The engine's error for the statement itself: that of formatQuery names another.
	if _, _, own := s.conn.Query("EXPLAIN AST "+query, "Null"); own != nil {
		if e := asException(own); e.code == codeSyntax {
			return e.withoutTag("EXPLAIN AST ")
		}
	}
	return err
}

// fieldText escapes the value of a parameter, which the engine reads as a field of TabSeparated.
var fieldText = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\b", `\b`, "\f", `\f`)
