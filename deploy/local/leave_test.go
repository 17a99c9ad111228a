package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// leaves are statements that read or write outside the data of the server. %[1]s is a file with a secret, %[2]s an address of
// this machine that notes connections, %[3]s a directory that must stay empty.
var leaves = []string{
	"SELECT * FROM file('%[1]s', 'LineAsString', 'line String')",
	"SELECT * FROM /* file */ `file`('%[1]s', LineAsString)",
	"select * from FiLe('%[1]s', 'LineAsString')",
	"SELECT * FROM '%[1]s'",
	"SELECT * FROM default.`%[1]s`",
	"SELECT * FROM {t:Identifier}",
	"DESCRIBE TABLE '%[1]s'",
	"SELECT file('%[1]s')",
	"SELECT `\\x66ile`('%[1]s')",
	"SELECT \"file\" /* ' */ ('%[1]s')",
	"SELECT $$'$$, file('%[1]s'), ''''",
	"SELECT ‘'’, file('%[1]s') -- '",
	"SELECT * APPLY file FROM (SELECT '%[1]s')",
	"SELECT * APPLY(`file`) FROM (SELECT '%[1]s')",
	"WITH (SELECT file('%[1]s')) AS x SELECT x",
	"SELECT (SELECT arrayMap(x -> file(x), ['%[1]s']))",
	"SELECT throwIf(1, file('%[1]s'))",
	"EXPLAIN SELECT * FROM file('%[1]s', 'LineAsString', 'line String')",
	"EXPLAIN SYNTAX SELECT file('%[1]s')",
	"SELECT * FROM viewExplain('EXPLAIN', '', (SELECT * FROM file('%[1]s', 'LineAsString', 'line String')))",
	"SELECT * FROM view(SELECT * FROM file('%[1]s', 'LineAsString', 'line String'))",
	"SELECT * FROM eval('SELECT * FROM file(\\'%[1]s\\')') SETTINGS allow_experimental_eval_table_function = 1",
	"SELECT * FROM format(JSONEachRow, 'a String DEFAULT file(\\'%[1]s\\'), b UInt8', '{\"b\":1}')",
	"SELECT * FROM format(JSONEachRow, 'a String DEFAULT `\\\\x66ile`(\\'%[1]s\\'), b UInt8', '{\"b\":1}')",
	"INSERT INTO mine VALUES (file('%[1]s'))",
	"INSERT INTO mine SELECT file('%[1]s')",
	"INSERT INTO mine FROM INFILE '%[1]s' FORMAT LineAsString",
	"INSERT INTO mine from/**/infile '%[1]s' FORMAT LineAsString",
	"INSERT INTO mine (a) FROM INFILE '%[1]s' COMPRESSION 'none' SETTINGS async_insert = 0 FORMAT LineAsString",
	"ALTER TABLE mine UPDATE b = file('%[1]s') WHERE 1 SETTINGS mutations_sync = 2",
	"ALTER TABLE mine ADD COLUMN c String DEFAULT file('%[1]s')",
	"CREATE VIEW leaving AS SELECT * FROM file('%[1]s', 'LineAsString', 'line String')",
	"CREATE VIEW leaving AS SELECT file('%[1]s')",
	"CREATE FUNCTION leaving AS x -> file(x)",
	"CREATE VIEW leaving SQL SECURITY NONE AS SELECT * FROM file('%[1]s', 'LineAsString', 'line String')",
	"CREATE TABLE leaving (a String DEFAULT file('%[1]s')) ENGINE = Memory",
	"SELECT 1 FORMAT Template SETTINGS format_template_resultset = '%[1]s'",
	"SELECT 1 AS a FORMAT CapnProto SETTINGS format_schema = '%[1]s:X'",
	"SELECT a FROM mine SETTINGS additional_table_filters = {'mine': 'throwIf(1, file(\\'%[1]s\\')) = 1'}",
	"SELECT a FROM mine SETTINGS additional_result_filter = 'throwIf(1, file(\\'%[1]s\\')) = 1'",
	"SELECT * FROM filesystem('%[3]s')",
	"SELECT * FROM sqlite('%[3]s/x.db', 't')",
	"SELECT * FROM executable('/bin/cat %[1]s', 'LineAsString', 'a String')",
	"SELECT * FROM executable('../../../../../../../../bin/true', 'TSV', 'a String')",
	"CREATE TABLE leaving (a String) ENGINE = File('LineAsString', '%[1]s')",
	"CREATE OR REPLACE TABLE leaving ENGINE = File('TSV', '%[3]s/x') AS SELECT 'x'",
	"ATTACH TABLE leaving FROM '%[3]s' (a String) ENGINE = File(TSV)",
	"ATTACH TABLE leaving FROM '%[3]s' (a String) ENGINE = MergeTree ORDER BY a",
	"CREATE DATABASE leaving ENGINE = Filesystem('%[3]s')",
	"CREATE DATABASE leaving ENGINE = SQLite('%[3]s/x.db')",
	"CREATE DATABASE leaving ENGINE = MySQL('%[2]s', 'd', 'u', 'p')",
	"CREATE DATABASE leaving ENGINE = PostgreSQL('%[2]s', 'd', 'u', 'p')",
	"CREATE DATABASE leaving ENGINE = S3('http://%[2]s/x', 'NOSIGN')",
	"CREATE DATABASE leaving ENGINE = DataLakeCatalog('http://%[2]s/') SETTINGS catalog_type = 'rest', warehouse = 'x'",
	"CREATE DATABASE leaving ENGINE = MaterializedPostgreSQL('%[2]s', 'd', 'u', 'p')",
	"CREATE DATABASE leaving ENGINE = HDFS('hdfs://%[2]s/')",
	"CREATE DATABASE leaving ENGINE = Replicated('/a', 's', 'r')",
	"CREATE DATABASE leaving ENGINE = Dictionary",
	"CREATE DATABASE leaving ENGINE = Backup('x', File('%[3]s'))",
	"CREATE DATABASE leaving ENGINE = Atomic SETTINGS disk = disk(type = 'local', path = '%[3]s/x/')",
	"CREATE DICTIONARY leaving (k UInt64, v String) PRIMARY KEY k SOURCE(FILE(path '%[1]s' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)",
	"CREATE DICTIONARY leaving (k UInt64, v String) PRIMARY KEY k SOURCE(HTTP(url 'http://%[2]s/' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)",
	"CREATE NAMED COLLECTION leaving AS url = 'http://%[2]s/'",
	"SELECT * FROM url('http://%[2]s/', 'LineAsString', 'line String')",
	"SELECT * FROM URL('http://%[2]s/', LineAsString)",
	"CREATE TABLE leaving (a String) ENGINE = URL('http://%[2]s/', 'TSV')",
	"SELECT * FROM s3('http://%[2]s/a/b', NOSIGN, 'TSV', 'a String')",
	"SELECT * FROM hdfs('hdfs://%[2]s/a', 'TSV', 'a String')",
	"SELECT * FROM remote('%[2]s', system.one)",
	"SELECT * FROM remoteSecure('%[2]s', system.one)",
	"SELECT * FROM mysql('%[2]s', 'd', 't', 'u', 'p')",
	"SELECT * FROM postgresql('%[2]s', 'd', 't', 'u', 'p')",
	"SELECT * FROM mongodb('%[2]s', 'd', 't', 'u', 'p', 'a String')",
	"SELECT * FROM redis('%[2]s', 'a', 'a String')",
	"SELECT * FROM jdbc('http://%[2]s/', 'd', 't')",
	"SELECT * FROM odbc('DSN=x', 'd', 't')",
	"SELECT * FROM azureBlobStorage('http://%[2]s/a', 'c', 'b', 'n', 'a2V5', 'TSV', 'auto', 'a String')",
	"SELECT * FROM iceberg('http://%[2]s/a', 'k', 's')",
	"SELECT * FROM icebergLocal('%[3]s')",
	"SELECT * FROM deltaLake('http://%[2]s/a', 'k', 's')",
	"SELECT * FROM hudi('http://%[2]s/a', 'k', 's')",
	"CREATE TABLE leaving (a UInt8) ENGINE = Distributed('default', 'system', 'one')",
	"CREATE TABLE leaving (a String) ENGINE = MySQL('%[2]s', 'd', 't', 'u', 'p')",
	"CREATE TABLE leaving (a String) ENGINE = S3('http://%[2]s/a/b', NOSIGN, 'TSV')",
	"CREATE TABLE leaving (a String) ENGINE = Kafka('%[2]s', 'a', 'b', 'TSV')",
	"CREATE TABLE leaving (a UInt8) ENGINE = EmbeddedRocksDB(0, '%[3]s/rocks') PRIMARY KEY a",
	"CREATE TABLE leaving (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'object_storage', object_storage_type = 'local', metadata_type = 'plain', path = '%[3]s/disk/')",
	"CREATE TABLE leaving (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'web', endpoint = 'http://%[2]s/x/')",
	"INSERT INTO FUNCTION file('%[3]s/x', 'TSV', 'a String') SELECT 'x'",
	"INSERT INTO TABLE FUNCTION file('%[3]s/x', 'TSV', 'a String') VALUES ('x')",
	"INSERT INTO FUNCTION url('http://%[2]s/', 'TSV', 'a String') SELECT 'x'",
	"SELECT 'x' INTO OUTFILE '%[3]s/x'",
	"SELECT $$'$$ into/**/outfile '%[3]s/x' TRUNCATE -- '",
	"SELECT ‘'’ INTO OUTFILE '%[3]s/x' AND STDOUT FORMAT CSV",
	"WITH 1 AS x SELECT x INTO\nOUTFILE '%[3]s/x'",
	"EXPLAIN SELECT 1 INTO OUTFILE '%[3]s/x'",
	"SHOW TABLES INTO OUTFILE '%[3]s/x'",
	"BACKUP TABLE mine TO File('%[3]s/b')",
	"BACKUP TABLE mine TO Disk('default', 'b')",
	"BACKUP TABLE mine TO S3('http://%[2]s/bucket/b', 'k', 's')",
	"BACKUP TEMPORARY TABLE system TO S3('http://%[2]s/bucket/b', 'k', 's')",
	"RESTORE TABLE mine FROM File('%[3]s/b')",
	"RESTORE TABLE mine FROM S3('http://%[2]s/bucket/b', 'k', 's')",
	"restore /* */ all from s3('http://%[2]s/bucket/b', 'k', 's') SETTINGS allow_different_table_def = 1",
	"RESTORE TABLE mine FROM AzureBlobStorage('DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://%[2]s/a;', 'c', 'b')",
	"RESTORE TABLE mine FROM Memory('b')",
	"CREATE TABLE IF NOT EXISTS mine (a String) ENGINE = Memory PARALLEL WITH RESTORE TABLE mine FROM S3('http://%[2]s/bucket/b', 'k', 's')",
	"CREATE TABLE IF NOT EXISTS mine (a String) ENGINE = Memory PARALLEL WITH CREATE TABLE leaving (a String) ENGINE = URL('http://%[2]s/', 'TSV')",
	"EXPLAIN AST RESTORE TABLE mine FROM S3('http://%[2]s/bucket/b', 'k', 's')",
	"EXPLAIN SYNTAX CREATE TABLE leaving (a String) ENGINE = URL('http://%[2]s/', 'TSV')",
	"CREATE TABLE leaving AS url('http://%[2]s/', 'TSV', 'a String')",
	"CREATE MATERIALIZED VIEW leaving (a String) ENGINE = URL('http://%[2]s/', 'TSV') AS SELECT a FROM mine",
	"CREATE TEMPORARY TABLE leaving (a String) ENGINE = URL('http://%[2]s/', 'TSV')",
	"CREATE TABLE leaving (a String) ENGINE = Redis('%[2]s') PRIMARY KEY a",
	"CREATE TABLE leaving (a String) ENGINE = MongoDB('%[2]s', 'd', 't', 'u', 'p')",
	"CREATE TABLE leaving (a String) ENGINE = PostgreSQL('%[2]s', 'd', 't', 'u', 'p')",
	"CREATE TABLE leaving (a String) ENGINE = S3Queue('http://%[2]s/bucket/*', 'TSV') SETTINGS mode = 'unordered'",
	"CREATE TABLE leaving (a String) ENGINE = NATS SETTINGS nats_url = '%[2]s', nats_subjects = 's', nats_format = 'TSV'",
	"CREATE TABLE leaving (a String) ENGINE = RabbitMQ SETTINGS rabbitmq_host_port = '%[2]s', rabbitmq_exchange_name = 'e', rabbitmq_format = 'TSV'",
	"CREATE TABLE leaving (a String) ENGINE = Executable('x.sh', 'TSV')",
	"CREATE TABLE leaving (a String) ENGINE `ExecutablePool`('x.sh', 'TSV')",
	"ATTACH TABLE leaving UUID '5a129bcb-5020-4e88-93c9-cbb3231f9a36' (a String) ENGINE = Executable('x.sh', 'TSV')",
	"CREATE TABLE leaving (a String) ENGINE = FileLog('%[3]s', 'TSV')",
	"CREATE TABLE leaving (query String) ENGINE = QueryRunner",
	"CREATE FUNCTION leaving AS x -> x + 1", "DROP FUNCTION IF EXISTS leaving",
	"SYSTEM STOP MERGES", "SYSTEM START MERGES", "SYSTEM STOP TTL MERGES", "SYSTEM STOP MERGES mine", "SYSTEM STOP MOVES", "SYSTEM STOP VIEWS", "SYSTEM STOP FETCHES",
	"DROP DATABASE system", "DETACH DATABASE system", "DROP DATABASE IF EXISTS INFORMATION_SCHEMA SYNC", "DROP DATABASE information_schema", "DROP TABLE system.one", "DETACH TABLE system.one PERMANENTLY",
	"TRUNCATE DATABASE system", "TRUNCATE ALL TABLES FROM system", "RENAME DATABASE system TO other", "CREATE TABLE system.leaving (a String) ENGINE = Memory", "CREATE OR REPLACE TABLE system.one (a String) ENGINE = Memory", "EXCHANGE TABLES system.one AND default.mine",
	"SYSTEM SHUTDOWN", "system /* */ kill", "SYSTEM RELOAD CONFIG", "SYSTEM STOP LISTEN TCP", "SYSTEM FLUSH DISTRIBUTED mine",
	"CREATE USER other", "ALTER USER default IDENTIFIED BY 'x'", "GRANT SOURCES ON *.* TO default", "GRANT ALL ON *.* TO CURRENT_USER",
	"SELECT addressToSymbol(1) SETTINGS allow_introspection_functions = 1", "SET dialect = 'kusto'",
}

// outside has the destinations of such statements.
type outside struct {
	secret, address, dir string
	connected            chan string
}

const secretText = "the secret of another"

func newOutside(t *testing.T) outside {
	t.Helper()
	o := outside{secret: filepath.Join(t.TempDir(), "secret"), dir: t.TempDir(), connected: make(chan string, 1000)}
	if err := os.WriteFile(o.secret, []byte(secretText+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	o.address = l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			o.connected <- c.RemoteAddr().String()
			_ = c.Close()
		}
	}()
	return o
}

// untouched fails if anything came from outside or went there.
func (o outside) untouched(t *testing.T, statement, answer string) {
	t.Helper()
	if strings.Contains(answer, secretText) {
		t.Errorf("%s\n    reads a file of another: %.300s", statement, answer)
	}
	entries, err := os.ReadDir(o.dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("%s\n    leaves files: %v %v", statement, entries, err)
		for _, e := range entries {
			_ = os.RemoveAll(filepath.Join(o.dir, e.Name()))
		}
	}
	select {
	case from := <-o.connected:
		t.Errorf("%s\n    connects elsewhere (%s)", statement, from)
	default:
	}
}

func startOver(t *testing.T, o ClickHouseOptions) (*ClickHouse, driver.Conn) {
	t.Helper()
	o.Library, o.Data, o.NativeAddr, o.HTTPAddr, o.Log = library(t), t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", testLog(t)
	c, err := StartClickHouse(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	conn, err := driver.Open(&driver.Options{Addr: []string{c.NativeAddr()}, Auth: driver.Auth{Username: User, Password: o.Password}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return c, conn
}

func TestNoStatementLeavesTheData(t *testing.T) {
	for name, unconfined := range map[string]bool{"by the kernel's means too": false, "without the kernel's": true} {
		t.Run(name, func(t *testing.T) {
			c, conn := startOver(t, ClickHouseOptions{unconfined: unconfined})
			if err := conn.Exec(t.Context(), "CREATE TABLE mine (a String, b String) ENGINE = MergeTree ORDER BY a"); err != nil {
				t.Fatal(err)
			}
			if err := conn.Exec(t.Context(), "INSERT INTO mine (a) VALUES ('a')"); err != nil {
				t.Fatal(err)
			}
			o := newOutside(t)
			for _, pattern := range leaves {
				statement := pattern
				if strings.Contains(pattern, "%[") {
					statement = fmt.Sprintf(pattern+"%[4]s", o.secret, o.address, o.dir, "")
				}
				status, code, answer := ask(t, c, http.MethodPost, values("param_t", o.secret), statement)
				if status == http.StatusOK {
					t.Errorf("HTTP does it: %s\n    %.300s", statement, answer)
				}
				if code == "497" && !strings.Contains(answer, "The embedded server ") {
					t.Errorf("who refuses it is not said: %s\n    %.300s", statement, answer)
				}
				if code == "62" && !strings.Contains(answer, "Cannot parse expression") {
					t.Errorf("no statement at all: %s\n    %.300s", statement, answer)
				}
				o.untouched(t, statement, answer)
				err := conn.Exec(driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"t": o.secret})), statement)
				var e *driver.Exception
				if !errors.As(err, &e) {
					t.Errorf("native does it: %s\n    %v", statement, err)
				} else {
					o.untouched(t, statement, e.Message)
				}
			}
			// Rows in the body of an INSERT are not part of its text.
			_, _, answer := ask(t, c, http.MethodPost, values("query", "INSERT INTO mine (a) VALUES"), "(file('"+o.secret+"'))")
			o.untouched(t, "rows", answer)
			_, _, answer = ask(t, c, http.MethodPost, "", "SELECT * FROM mine")
			o.untouched(t, "SELECT * FROM mine", answer)
			if answer != "a\t\n" {
				t.Errorf("mine holds %q", answer)
			}
		})
	}
}

func TestWhatHoldsItsRowsHereIsGranted(t *testing.T) {
	for _, unconfined := range []bool{false, true} {
		c, conn := startOver(t, ClickHouseOptions{unconfined: unconfined})
		execute(t, conn,
			"CREATE DATABASE own", "CREATE DATABASE other ENGINE = Memory",
			"CREATE TABLE own.engine (a UInt64) ENGINE = ReplacingMergeTree ORDER BY a SETTINGS ttl_only_drop_parts = 1",
			"CREATE TABLE own.backup AS own.engine", "CREATE TABLE own.`system` ENGINE = Memory AS SELECT 'ENGINE = URL' AS a",
			"CREATE TABLE own.one (a UInt8) ENGINE = Log PARALLEL WITH CREATE TABLE own.two (a UInt8) ENGINE = Null",
			"CREATE VIEW own.restore AS SELECT 1 AS ENGINE, 2 AS backup WHERE\nENGINE = backup", "CREATE MATERIALIZED VIEW own.m ENGINE = SummingMergeTree ORDER BY a AS SELECT a FROM own.engine",
			"INSERT INTO own.engine VALUES (1)", "ALTER TABLE own.engine ADD COLUMN b String", "OPTIMIZE TABLE own.engine FINAL", "TRUNCATE TABLE own.engine",
			"SYSTEM FLUSH LOGS", "SYSTEM DROP MARK CACHE", "DROP TABLE own.backup SYNC", "DROP DATABASE own SYNC", "DROP DATABASE default", "CREATE DATABASE default")
		for statement, want := range map[string]string{
			"SELECT 'BACKUP', 'SYSTEM STOP MERGES' AS engine": "BACKUP\tSYSTEM STOP MERGES\n", "SELECT count() FROM system.one": "1\n", "SELECT count() > 0 FROM information_schema.tables": "1\n",
		} {
			if status, _, answer := ask(t, c, http.MethodPost, "", statement); status != 200 || answer != want {
				t.Errorf("%s: %d %q", statement, status, answer)
			}
		}
	}
}

func TestWordsOfFilesAreNoFiles(t *testing.T) {
	for _, unconfined := range []bool{false, true} {
		c, _ := startOver(t, ClickHouseOptions{unconfined: unconfined})
		for statement, want := range map[string]string{
			"SELECT 'INTO OUTFILE', 'file(x'": "INTO OUTFILE\tfile(x\n", "SELECT 1 AS file /* file(1) */": "1\n", "SELECT `file(`, 'it\\'s' FROM (SELECT 2 AS `file(`)": "2\tit\\'s\n",
			"SELECT count() FROM system.tables WHERE name = 'infile'": "0\n", "SELECT lower('PROFILE (\\x41)')": "profile (a)\n",
		} {
			if unconfined && strings.Contains(statement, "(") && strings.Contains(strings.ToLower(statement), "file") && strings.Contains(want, "file") {
				continue // there a text looks like a statement that a function runs
			}
			if status, _, answer := ask(t, c, http.MethodPost, "", statement); status != 200 || answer != want {
				t.Errorf("%s: %d %q", statement, status, answer)
			}
		}
	}
}

func TestPasswordIsMadeOnceAndForItsUserAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	password, file, err := Password(dir)
	if err != nil || len(password) < 20 {
		t.Fatalf("%q: %v", password, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v: %v", info, err)
	}
	if again, _, err := Password(dir); err != nil || again != password {
		t.Errorf("%q is not %q: %v", again, password, err)
	}
	if other, _, err := Password(t.TempDir()); err != nil || other == password {
		t.Errorf("two directories have one password: %v", err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Password(dir); err == nil || !strings.Contains(err.Error(), "chmod 600 "+file) {
		t.Errorf("a file for everybody: %v", err)
	}
}

func TestHTTPAnswersUnderTheNamesOfItsMachineOnly(t *testing.T) {
	c, _ := startOver(t, ClickHouseOptions{})
	_, port, _ := net.SplitHostPort(c.HTTPAddr())
	for host, want := range map[string]int{
		"127.0.0.1:" + port: 200, "localhost:" + port: 200, "LOCALHOST": 200, "[::1]:" + port: 200, "127.1.2.3": 200,
		"evil.example:" + port: 421, "evil.example": 421, "127.0.0.1.evil.example:" + port: 421, "localhost.evil.example": 421, "192.168.1.2:" + port: 421, "0.0.0.0:" + port: 421, "localhost.:" + port: 421,
	} {
		for _, path := range []string{"/?query=SELECT+1", "/ping"} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.HTTPAddr()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s of %q: %d", path, host, answer.StatusCode)
			}
			cancel()
		}
	}
}
