package clickhouse

import (
	"errors"
	"fmt"
	"testing"
)

func TestAnInsertIsKnownByItsRowsComingApart(t *testing.T) {
	for query, want := range map[string]string{
		"INSERT INTO t":                                            "INSERT INTO t [] Values",
		"insert into d.t (a, `b c`) values":                        "INSERT INTO d.t (a, `b c`) [a b c] Values",
		"/* x */ INSERT INTO t (a, n.b) FORMAT Native;":            "INSERT INTO t (a, n.b) [a n.b] Native",
		"-- x\nINSERT INTO TABLE t SETTINGS async_insert=1 VALUES": "INSERT INTO t SETTINGS async_insert=1 [] Values",
		"INSERT INTO t VALUES (1)":                                 "",
		"INSERT INTO t SELECT 1":                                   "",
		"INSERT INTO t (a) SELECT 1 FORMAT Null":                   "",
		"SELECT 'INSERT INTO t'":                                   "",
	} {
		got := ""
		if i := parseInsert(query); i != nil {
			got = fmt.Sprint(i.text, " ", i.columns, " ", i.format)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestSelectsStream(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT 1": true, " ( select 1)": true, "-- c\n/* d */ WITH x AS (SELECT 1) SELECT * FROM x": true, "FROM t SELECT a": true,
		"SHOW TABLES": false, "INSERT INTO t SELECT 1": false, "SELECTED": false, "CREATE TABLE t AS SELECT 1": false,
	} {
		if streams(query) != want {
			t.Errorf("%s: %v", query, !want)
		}
	}
	if rest, format := cutFormat("SELECT 1 FORMAT JSON ;"); rest != "SELECT 1 " || format != "JSON" {
		t.Errorf("%q %q", rest, format)
	}
}

func TestExceptionsKeepCodeNameAndText(t *testing.T) {
	e := asException(errors.New("Code: 60. DB::Exception: Unknown table 'x'. (UNKNOWN_TABLE)"))
	if e.code != 60 || e.name != "DB::Exception" || e.text != "Unknown table 'x'. (UNKNOWN_TABLE)" {
		t.Errorf("%+v", e)
	}
	if e := asException(errors.New("something else")); e.code != codeUnknownFailure || e.text != "something else" {
		t.Errorf("%+v", e)
	}
	tag := "/* 1:2 */ "
	e = newException(62, "Syntax error: failed at position 11 (%sSELEC)", tag).withoutTag(tag)
	if want := "Syntax error: failed at position 1 (SELEC)"; e.text != want {
		t.Errorf("%q", e.text)
	}
}
