// Command generate writes what follows from the declarations of the tables: the builders of their rows, and the
// reference. Run it by go generate ./schemas/tables.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/template"

	"csatflow/schemas/internal/gocode"
	"csatflow/schemas/tables"
)

//go:embed builders.go.tmpl
var builders string

//go:embed reference.md.tmpl
var reference string

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: generate BUILDERS.go REFERENCE.md")
	}
	if err := gocode.Write(args[0], builders, funcs, tables.All()); err != nil {
		return err
	}
	text, err := gocode.Render(reference, funcs, tables.All())
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], text, 0o644)
}

var funcs = template.FuncMap{"field": gocode.Name, "goType": goType, "join": strings.Join, "kept": kept, "isKey": isKey, "cell": cell}

// goType is the Go type of the values of a ClickHouse type.
func goType(ch string) (string, error) {
	name, inner := ch, ""
	if i := strings.IndexByte(ch, '('); i > 0 {
		name, inner = ch[:i], ch[i+1:len(ch)-1]
	}
	switch name {
	case "UInt8", "UInt16", "UInt32", "UInt64", "Int8", "Int16", "Int32", "Int64", "Float64", "Bool", "String":
		return strings.ToLower(name), nil
	case "DateTime", "DateTime64":
		return "time.Time", nil
	case "LowCardinality":
		return goType(inner)
	case "Nullable":
		t, err := goType(inner)
		return "*" + t, err
	case "Array":
		t, err := goType(inner)
		return "[]" + t, err
	case "Map":
		i := strings.LastIndex(inner, ", ")
		key, e1 := goType(inner[:i])
		value, e2 := goType(inner[i+2:])
		return "map[" + key + "]" + value, errors.Join(e1, e2)
	}
	return "", fmt.Errorf("no Go type for %s", ch)
}

func kept(t *tables.Table) string {
	switch {
	case t.Keep.Raw:
		return "as long as events as received (`clickhouse.raw_days`), by `" + t.Keep.Column + "`"
	case t.Keep.Days > 0:
		return fmt.Sprintf("%d days, by `%s`", t.Keep.Days, t.Keep.Column)
	}
	return "for ever"
}

func isKey(t *tables.Table, column string) bool { return slices.Contains(t.Key, column) }

// cell escapes a text for a cell of a Markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
