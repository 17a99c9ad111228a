package api

import (
	"fmt"
	"regexp"
	"strings"

	"csatflow/schemas"
)

var placeholder = regexp.MustCompile(`\{(\w+):([^}]+)\}`)

// escaped writes a value as ClickHouse parses a parameter: as a field of TabSeparated.
var escaped = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`)

// asked returns the parameters that the SQL names, with their values: ClickHouse gets no others.
func (b *bound) asked() map[string]string {
	all := b.values
	if b.question.Most > 0 {
		// One row more than the limit shows whether there is more.
		all = map[string]string{"limit": fmt.Sprint(b.limit + 1), "offset": fmt.Sprint(b.offset)}
		for name, value := range b.values {
			all[name] = value
		}
	}
	asked := map[string]string{}
	for _, m := range placeholder.FindAllStringSubmatch(b.sql, -1) {
		asked[m[1]] = escaped.Replace(all[m[1]])
	}
	return asked
}

// written is the SQL for people, with the values filled in. ClickHouse gets the SQL with bound parameters.
func (b *bound) written() string {
	return placeholder.ReplaceAllStringFunc(b.sql, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		value, known := b.values[m[1]]
		switch {
		case m[1] == "limit":
			return fmt.Sprint(b.limit)
		case m[1] == "offset":
			return fmt.Sprint(b.offset)
		case !known:
			return s
		case b.hidden[m[1]] != "":
			return schemas.QuoteText(b.hidden[m[1]])
		case strings.HasPrefix(m[2], "UInt"):
			return value
		}
		return schemas.QuoteText(value)
	})
}
