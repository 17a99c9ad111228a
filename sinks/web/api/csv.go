package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// writeCSV writes an answer by RFC 4180, with the names of the columns first. Instants are in the zone, with its offset; lists are JSON; NULL is empty.
func writeCSV(w http.ResponseWriter, a *Answer, zone *time.Location) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "csatflow-"+a.Question+".csv"))
	w.Header().Set("Cache-Control", "no-store")
	c := csv.NewWriter(w)
	record := make([]string, len(a.Columns))
	for i := range a.Columns {
		record[i] = a.Columns[i].Name
	}
	_ = c.Write(record) // a client that has gone needs no answer
	for _, row := range a.Rows {
		for i, v := range row {
			record[i] = cell(v)
			if strings.Contains(a.Columns[i].Type, "DateTime") {
				record[i] = inZone(record[i], zone)
			}
		}
		_ = c.Write(record) // as above
	}
	c.Flush()
}

// inZone is an instant as an answer has it, by the clock of a zone; anything else stays as it is.
func inZone(text string, zone *time.Location) string {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return at.In(zone).Format(instantLayout)
}

// harmless puts an apostrophe before a text that a spreadsheet would take for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection). Numbers stay as they are.
func harmless(text string) string {
	switch first, _ := utf8.DecodeRuneInString(text); first {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return "'" + text
	}
	return text
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return harmless(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any, json.RawMessage:
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	}
	return fmt.Sprint(v)
}
