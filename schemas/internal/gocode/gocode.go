// Package gocode is what the generators of schemas share: Go names, and Go files made of templates.
package gocode

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"text/template"
)

// initialisms are the parts of names that Go writes in capitals.
var initialisms = []string{"id", "csi", "tcs", "nps", "ces"}

// Name returns the Go name of a field, table or column: customer_id is CustomerID.
func Name(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if slices.Contains(initialisms, part) {
			b.WriteString(strings.ToUpper(part))
		} else if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// Render executes a template.
func Render(text string, funcs template.FuncMap, data any) ([]byte, error) {
	t, err := template.New("").Funcs(funcs).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, data)
	return b.Bytes(), err
}

// Write makes a Go file of a template, formatted.
func Write(path, text string, funcs template.FuncMap, data any) error {
	code, err := Render(text, funcs, data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if code, err = format.Source(code); err != nil {
		return fmt.Errorf("%s would be no Go: %w", path, err)
	}
	return os.WriteFile(path, code, 0o644)
}
