package local

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"csatflow/deploy/trial/browsertest"
)

// A page of evil.example points its name at this machine once it is loaded, and asks from its visitor's browser, of whom the
// server may require no password.
func TestAPageElsewhereReachesNoClickHouseByRebindingItsName(t *testing.T) {
	c, conn := startOver(t, ClickHouseOptions{})
	if err := conn.Exec(t.Context(), "CREATE TABLE mine (a String) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(c.HTTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	browser := browsertest.Start(t, chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1"))
	type answer struct {
		Status int
		Body   string
	}
	ask := func(host, method, query, body string) answer {
		t.Helper()
		tab := browser.Open(t, "http://"+host+":"+port+"/ping", 800, 600) // a document of that origin
		defer tab.Close()
		init := fmt.Sprintf("{method: %q}", method)
		if body != "" {
			init = fmt.Sprintf("{method: %q, body: %q}", method, body)
		}
		return browsertest.Eval[answer](tab, fmt.Sprintf(`fetch(%q, %s).then(async r => ({ Status: r.status, Body: await r.text() }))`, "/?"+query, init))
	}
	if own := ask("localhost", "POST", "", "SELECT 40 + 2"); own.Status != 200 || own.Body != "42\n" {
		t.Fatalf("a page of this machine is answered %+v", own)
	}
	for _, x := range [][3]string{{"GET", "query=SELECT+40%2B2", ""}, {"POST", "", "SELECT 40 + 2"}, {"POST", "", "DROP TABLE mine"}, {"POST", "user=default&password=", "SELECT file('/etc/hostname')"}} {
		if evil := ask("evil.example", x[0], x[1], x[2]); evil.Status != 421 || strings.Contains(evil.Body, "42") {
			t.Errorf("evil.example asks %v: %+v", x, evil)
		}
	}
	if err := conn.Exec(t.Context(), "SELECT count() FROM mine"); err != nil {
		t.Error(err)
	}
}
