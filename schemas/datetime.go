package schemas

import "time"

// DateTime writes an instant as ClickHouse reads a DateTime of UTC.
func DateTime(t time.Time) string { return t.UTC().Format(time.DateTime) }
