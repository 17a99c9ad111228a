package clients

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "embed"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
	"csatflow/deploy/trial/clickhouseserver"
	"csatflow/deploy/trial/maven"
)

func TestMain(m *testing.M) {
	local.RunChild()
	clickhouseserver.RunChild()
	os.Exit(m.Run())
}

const password = "it's a password"

// own makes the tests ask ClickHouse's own handlers, to check that a server answers what they expect of package local.
var own = os.Getenv("CSATFLOW_TEST_CLIENTS") == "own"

// server returns the addresses of the native protocol and of HTTP.
func server(t *testing.T) (native, http string) {
	t.Helper()
	lib, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	if own {
		s, err := clickhouseserver.Start(t.Context(), clickhouseserver.Options{Library: lib, Dir: t.TempDir(), Password: password})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Kill() }) // its data are not needed any more
		return s.Addr, s.HTTP
	}
	c, err := local.StartClickHouse(t.Context(), local.ClickHouseOptions{Library: lib, Data: t.TempDir(), NativeAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Kill() }) // its data are not needed any more
	return c.NativeAddr(), c.HTTPAddr()
}

// cached returns a directory of the user's cache that fill fills once for each text of madeFrom.
func cached(t *testing.T, name, madeFrom string, fill func(dir string) error) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "csatflow", name)
	note := filepath.Join(dir, "made-from")
	if made, err := os.ReadFile(note); err == nil && string(made) == madeFrom {
		return dir
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := fill(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(note, []byte(madeFrom), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return nil
}

// said runs a client and returns its output by name, in JSON; names must be unique.
func said(t *testing.T, parse func(line string) (name, value string), name string, args ...string) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", name, err, &out, &complaint)
	}
	all := map[string]string{}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		k, v := parse(lines.Text())
		if _, twice := all[k]; twice {
			t.Errorf("%q is said twice", k)
		}
		all[k] = v
	}
	return all
}

func jsonLine(line string) (string, string) {
	var pair [2]json.RawMessage
	var name string
	if json.Unmarshal([]byte(line), &pair) != nil || json.Unmarshal(pair[0], &name) != nil {
		return line, ""
	}
	var b bytes.Buffer
	_ = json.Compact(&b, pair[1]) // parsed already
	return name, b.String()
}

// expect compares output with what is expected of each variant (compression) and of the whole.
func expect(t *testing.T, got map[string]string, prefixes []string, each, whole map[string]string) {
	t.Helper()
	n := 0
	check := func(name, want string) {
		n++
		if got[name] != want {
			t.Errorf("%s\n    says %.400s\n    want %.400s", name, got[name], want)
		}
	}
	for _, prefix := range prefixes {
		for name, want := range each {
			check(prefix+name, strings.ReplaceAll(want, "{prefix}", prefix))
		}
	}
	for name, want := range whole {
		check(name, want)
	}
	if len(got) != n {
		t.Errorf("%d things were said, %d are known: %v", len(got), n, got)
	}
}

//go:embed testdata/requirements.txt
var requirements string

func TestPythonsClientsGetWhatAServerGives(t *testing.T) {
	version, err := exec.CommandContext(t.Context(), "python3", "--version").Output()
	if err != nil {
		t.Fatalf("Python 3.11 or later with venv is wanted: %v", err)
	}
	dir := cached(t, "clickhouse-python", requirements+string(version), func(dir string) error {
		if err := command(t.Context(), dir, "python3", "-m", "venv", dir); err != nil {
			return err
		}
		file, err := filepath.Abs("testdata/requirements.txt")
		if err != nil {
			return err
		}
		return command(t.Context(), dir, filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", file)
	})
	native, http := server(t)
	got := said(t, jsonLine, filepath.Join(dir, "bin", "python"), "testdata/clients.py", native, http, password)
	driver, connect := map[string]string{}, map[string]string{}
	for k, v := range got {
		if strings.HasPrefix(k, "driver") {
			driver[k] = v
		} else {
			connect[k] = v
		}
	}
	t.Run("clickhouse-driver", func(t *testing.T) {
		expect(t, driver, []string{"driver False: ", "driver lz4: ", "driver zstd: "}, map[string]string{
			"types":                  `[[[1,"a",[1,2],"2026-03-01"]],[["n","UInt8"],["s","String"],["l","Array(UInt8)"],["d","Date"]]]`,
			"types of nothing":       `[[],[["n","UInt8"],["s","String"]]]`,
			"types of SHOW":          `[[[1]],[["result","UInt8"]]]`,
			"data frame":             `{"n":[0,1,2],"s":["0","1","2"]}`,
			"empty data frame":       `{"n":[]}`,
			"many blocks":            `4999950000`,
			"insert":                 `2`,
			"insert a data frame":    `2`,
			"insert a bad row":       `"TypeMismatchError 53"`,
			"inserted":               `[[1,"x'y",null,1772359200],[2,"b",0.5,1772359201],[3,"c",null,0],[4,"d",null,0]]`,
			"parameters":             `true`,
			"server's parameters":    `true`,
			"error":                  `"ServerException 60"`,
			"after an error":         `[[2]]`,
			"setting":                `[[77]]`,
			"progress while it runs": `[true,true,true,[[0]]]`,
		}, map[string]string{"driver: wrong password": `"ServerException 516"`})
	})
	t.Run("clickhouse-connect", func(t *testing.T) {
		got := map[string]string{}
		for k, v := range connect { // the id includes its variant
			if strings.HasSuffix(k, ": query id") {
				v = strings.Replace(v, "an id "+strings.TrimSuffix(strings.TrimPrefix(k, "connect "), ": query id"), "an id", 1)
			}
			got[k] = v
		}
		expect(t, got, []string{"connect False: ", "connect lz4: ", "connect zstd: ", "connect gzip: "}, map[string]string{
			"rows":                 `[[0,"0"],[1,"1"],[2,"2"]]`,
			"columns of nothing":   `[[],[]]`,
			"many rows":            `44999850000`,
			"insert":               `2`,
			"insert a data frame":  `2`,
			"inserted":             `[[1,"x'y",null],[2,"b",0.5],[3,"c",null],[4,"d",null]]`,
			"data frame":           `{"n":[1,2,3,4],"s":["x'y","b","c","d"]}`,
			"parameters":           `true`,
			"client's parameters":  `true`,
			"session":              `[null,1,[[7]]]`,
			"setting of a session": `[null,77]`,
			"query id":             `"an id"`,
			"error":                `"DatabaseError 60"`,
		}, map[string]string{"connect: wrong password": `"DatabaseError 194"`, "connect: KILL QUERY by query id": `[[true,"DatabaseError",394]]`})
	})
}

//go:embed testdata/jdbc.xml
var jdbcPom []byte

func TestJDBCGetsWhatAServerGives(t *testing.T) {
	jars, err := maven.Jars(t.Context(), "clickhousejdbc", jdbcPom)
	if err != nil {
		t.Fatal(err)
	}
	tabbed := func(line string) (string, string) {
		name, value, _ := strings.Cut(line, "\t")
		return name, value
	}
	_, http := server(t)
	got := said(t, tabbed, "java", "-Xmx256m", "-cp", filepath.Join(jars, "*"), "testdata/Clients.java", http, password)
	expect(t, got, []string{"jdbc compress=false: ", "jdbc compress=true: "}, map[string]string{
		"rows":               "n UInt64|s String|0,0|1,1|2,2",
		"columns of nothing": "n UInt8",
		"many rows":          "44999850000",
		"insert":             "[1, 1]",
		"inserted":           `n UInt64|s String|x Nullable(Float64)|1,x'y,null|2,back\slash,0.5`,
		"parameter":          `a String|l UInt64|x'y\n,5`,
		"error":              "SQLException Code: 60",
		"tables":             "by_jdbc",
	}, map[string]string{
		"jdbc: cancel stops the query":    "1 ran, 0 runs, ended",
		"jdbc: a statement over its time": "SQLException Code: 159",
		"jdbc: the driver's timeout":      "s UInt64|0", // it stops nothing, here as at a server
		"jdbc: wrong password":            "SQLException Code: 194",
	})
}

const nodeClient = "@clickhouse/client@1.23.1"

func TestNodesClientGetsWhatAServerGives(t *testing.T) {
	dir := cached(t, "clickhouse-node", nodeClient, func(dir string) error {
		return command(t.Context(), dir, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, nodeClient)
	})
	_, http := server(t)
	got := said(t, jsonLine, "node", "testdata/clients.mjs", dir, http, password)
	stops := 0
	if own { // a server does so only with cancel_http_readonly_queries_on_client_close
		stops = 1
	}
	for _, compress := range []string{"false", "true"} {
		if k := "node compress=" + compress + ": query id"; got[k] == `"node id `+compress+`"` {
			got[k] = "its own"
		}
	}
	expect(t, got, []string{"node compress=false: ", "node compress=true: "}, map[string]string{
		"rows":               `[{"n":0,"s":"0"},{"n":1,"s":"1"},{"n":2,"s":"2"}]`,
		"columns of nothing": `[{"name":"n","type":"UInt8"}]`,
		"many rows":          `44999850000`,
		"insert":             `true`,
		"written rows":       `"1"`,
		"inserted":           `[{"n":1,"s":"x'y","x":null},{"n":2,"s":"b","x":0.5},{"n":3,"s":"c","x":1.5}]`,
		"parameters":         `true`,
		"session":            `[{"x":7}]`,
		"query id":           "its own",
		"setting":            `[{"s":77}]`,
		"error":              `"ClickHouseError 60"`,
	}, map[string]string{
		"node: an aborted query stops": fmt.Sprintf(`[1,"ended",%d]`, stops),
		"node: ping":                   `true`,
		"node: wrong password":         `"ClickHouseError 194"`,
	})
}
