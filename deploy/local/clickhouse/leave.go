package clickhouse

import (
	"regexp"
	"strings"

	"csatflow/deploy/local/chdb"
)

// What the engine has no grant for: it is its own client, which reads and writes the files of INFILE and OUTFILE, and its scalar
// function file is bound to a directory only in a server. They are looked for in the statement as the engine writes it: without
// comments, in one kind of quotes, escapes undone, key words in capitals.
var (
	intoOutfileText = regexp.MustCompile(`\bINTO OUTFILE\b`)
	fromInfileText  = regexp.MustCompile(`\bFROM INFILE\b`)
	fileText        = regexp.MustCompile(`\bfile\(|\bAPPLY\s*\(?\s*file\b`)
	// What makes a file or directory before the engine looks whether that is granted.
	placeText = regexp.MustCompile(`(?i)\bdisk\s*\(|\bsqlite\s*\(|\bENGINE = (?:sqlite|\w*rocksdb)\b`)
	// writtenQuotes are a literal, and a name, of those that the engine has to quote.
	writtenQuotes = regexp.MustCompile("(?s)'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`")
	// hiddenText is a call of file in a text that the engine may come to read as a statement.
	hiddenText = regexp.MustCompile("(?i)file|x66|x46")
)

// leavingLetters are in each of the words above, unless escapes hide them.
var leavingLetters = regexp.MustCompile(`(?i)file|disk|sqlite|rocksdb|\\`)

// staysInData refuses a statement that reads or writes a file by means that the grants do not hold.
func (s *session) staysInData(query string) error {
	if !leavingLetters.MatchString(query) {
		return nil
	}
	written, _, err := s.conn.Query("SELECT formatQuery({query:String}) SETTINGS max_query_size = 0", "TSVRaw", chdb.Param{Name: "query", Value: fieldText.Replace(query)})
	if err != nil {
		return s.notWritten(query, err)
	}
	bare := writtenQuotes.ReplaceAllStringFunc(string(written), func(quoted string) string {
		if !s.engine.confined && quoted[0] == '\'' && hiddenText.MatchString(quoted) && strings.Contains(quoted, "(") {
			return " file("
		}
		return "''"
	})
	switch {
	case intoOutfileText.MatchString(bare):
		return intoOutfile()
	case fromInfileText.MatchString(bare):
		return newException(codeNotImplemented, "FROM INFILE is not supported by the server: send the rows. (NOT_IMPLEMENTED)")
	case placeText.MatchString(bare):
		return newException(codeAccessDenied, "%s: Not enough privileges. The embedded server keeps its data in its own directory: disk, SQLite and RocksDB name another. (ACCESS_DENIED)", "default")
	case fileText.MatchString(bare):
		return newException(codeAccessDenied, "%s: Not enough privileges. The embedded server reads no files: function file is not for it. (ACCESS_DENIED)", "default")
	}
	return nil
}

// notWritten is the error for a statement that the engine cannot write, which it cannot read then either.
func (s *session) notWritten(query string, err error) error {
	// Its own words, for those of formatQuery name another statement.
	if _, _, own := s.conn.Query("EXPLAIN AST "+query, "Null"); own != nil {
		if e := asException(own); e.code == codeSyntax {
			return e.withoutTag("EXPLAIN AST ")
		}
	}
	return err
}

// fieldText escapes the value of a parameter, which the engine reads as a field of TabSeparated.
var fieldText = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\b", `\b`, "\f", `\f`)
