package clickhouse

import (
	"regexp"
	"strings"
)

const (
	identifier = "(?:`(?:[^`\\\\]|\\\\.)*`|\"[^\"]*\"|[A-Za-z_][A-Za-z0-9_]*)"
	dotted     = identifier + `(?:\.` + identifier + `)*`
	setting    = `\w+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[\w.+-]+)`
	leading    = `(?is)^\s*(?:(?:--[^\n]*(?:\n|$)|/\*.*?\*/)\s*)*` // comments
)

var (
	// insertText is an INSERT whose rows follow as data: no SELECT, no rows in the text.
	insertText = regexp.MustCompile(leading + `INSERT\s+INTO\s+(?:TABLE\s+)?(` + identifier + `(?:\.` + identifier + `)?)\s*` +
		`(?:\(\s*(` + dotted + `(?:\s*,\s*` + dotted + `)*)\s*\))?\s*(SETTINGS\s+` + setting + `(?:\s*,\s*` + setting + `)*)?\s*(VALUES|FORMAT\s+\w+)?\s*;?\s*$`)
	columnText = regexp.MustCompile(dotted)
	// selectText is a statement that the engine can stream.
	selectText  = regexp.MustCompile(leading + `[\(\s]*(?:SELECT|WITH|FROM)\b`)
	formatText  = regexp.MustCompile(`(?is)\bFORMAT\s+(\w+)\s*;?\s*$`)
	sessionText = regexp.MustCompile(leading + `(?:SET|USE|CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY)\b`)
	// quotedText matches what may hold any words: literals, quoted names, comments.
	quotedText = regexp.MustCompile("(?s)'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`|\"[^\"]*\"|--[^\n]*|/\\*.*?\\*/")
	useText    = regexp.MustCompile(leading + `USE\b`)
	setText    = regexp.MustCompile(leading + `SET\b`)
)

// insertInto is the head of an INSERT whose rows come separately.
type insertInto struct {
	table   string
	columns []string // none: all columns that can be inserted
	text    string   // the statement up to its rows
	format  string
}

// parseInsert returns nil for every other statement.
func parseInsert(query string) *insertInto {
	m := insertText.FindStringSubmatch(query)
	if m == nil {
		return nil
	}
	i := &insertInto{table: m[1], text: "INSERT INTO " + m[1], format: "Values"}
	if m[2] != "" {
		for _, c := range columnText.FindAllString(m[2], -1) {
			i.columns = append(i.columns, strings.Trim(c, "`\""))
		}
		i.text += " (" + m[2] + ")"
	}
	if m[3] != "" {
		i.text += " " + m[3]
	}
	if words := strings.Fields(m[4]); len(words) == 2 {
		i.format = words[1]
	}
	return i
}

// streams reports whether the engine can stream the result.
func streams(query string) bool { return selectText.MatchString(query) }

// cutFormat takes a FORMAT clause off the end of a statement.
func cutFormat(query string) (rest, format string) {
	m := formatText.FindStringSubmatchIndex(query)
	if m == nil {
		return query, ""
	}
	return query[:m[0]], query[m[2]:m[3]]
}

func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}

func quoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
