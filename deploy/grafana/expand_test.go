package grafana

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// picked is a user's choice: the range and the variables.
type picked struct {
	from, to  time.Time
	variables map[string]string
}

var (
	bracedVariable = regexp.MustCompile(`\$\{(\w+)(?::([^}]*))?\}`)
	macro          = regexp.MustCompile(`\$__(\w+)(?:\(([^()]*)\))?`)
	bareVariable   = regexp.MustCompile(`\$(\w+)`)
)

// expand turns a panel's SQL into what reaches ClickHouse: variables by Grafana's rules, then macros by the plugin's
// (grafana/clickhouse-datasource, pkg/macros). Anything unknown is an error.
func (p *picked) expand(sql string) (string, error) {
	var bad error
	fail := func(format string, args ...any) string {
		if bad == nil {
			bad = fmt.Errorf(format, args...)
		}
		return ""
	}
	sql = bracedVariable.ReplaceAllStringFunc(sql, func(s string) string {
		m := bracedVariable.FindStringSubmatch(s)
		value, found := p.variables[m[1]]
		if !found {
			return fail("no such variable: %s", s)
		}
		switch m[2] {
		case "", "raw":
			return value
		case "singlequote":
			return "'" + strings.ReplaceAll(value, "'", `\'`) + "'"
		}
		return fail("no such format of a variable: %s", s)
	})
	sql = macro.ReplaceAllStringFunc(sql, func(s string) string {
		m := macro.FindStringSubmatch(s)
		expanded, err := p.macro(m[1], m[2])
		if err != nil {
			return fail("%s: %w", s, err)
		}
		return expanded
	})
	if s := bareVariable.FindString(sql); s != "" {
		return "", fmt.Errorf("%s: write a variable as ${name}", s)
	}
	return sql, bad
}

func (p *picked) macro(name, argument string) (string, error) {
	seconds := func(t time.Time) string { return fmt.Sprintf("toDateTime(%d)", t.Unix()) }
	millis := func(t time.Time) string { return fmt.Sprintf("fromUnixTimestamp64Milli(%d)", t.UnixMilli()) }
	switch name {
	case "fromTime":
		return seconds(p.from), nil
	case "toTime":
		return seconds(p.to), nil
	case "fromTime_ms":
		return millis(p.from), nil
	case "toTime_ms":
		return millis(p.to), nil
	case "interval_s":
		return strconv.Itoa(60), nil
	}
	if argument == "" || strings.Contains(argument, ",") {
		return "", fmt.Errorf("no such macro without or with several arguments")
	}
	switch name {
	case "timeFilter":
		return fmt.Sprintf("%[1]s >= %[2]s AND %[1]s <= %[3]s", argument, seconds(p.from), seconds(p.to)), nil
	case "timeFilter_ms":
		return fmt.Sprintf("%[1]s >= %[2]s AND %[1]s <= %[3]s", argument, millis(p.from), millis(p.to)), nil
	case "timeInterval":
		return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL 60 second)", argument), nil
	}
	return "", fmt.Errorf("no such macro")
}

func TestUnknownMacrosAndVariablesAreErrors(t *testing.T) {
	p := picked{variables: map[string]string{"store": "it's"}}
	for _, sql := range []string{"$__timeFiltre(a)", "$__timeFilter", "$__timeFilter(a, b)", "${shop}", "${store:csv}", "$store"} {
		if got, err := p.expand(sql); err == nil {
			t.Errorf("%s expands to %s", sql, got)
		}
	}
	if got, err := p.expand("${store:singlequote} $__fromTime"); err != nil || got != `'it\'s' toDateTime(-62135596800)` {
		t.Errorf("got %s, %v", got, err)
	}
}
