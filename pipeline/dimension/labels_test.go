package dimension

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesOfPlacesAreReadAndErrorsNameTheLine(t *testing.T) {
	read := func(text string) (Labels, error) {
		file := filepath.Join(t.TempDir(), "names.csv")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return ReadLabels(file, []string{"store", "employee"})
	}
	got, err := read("kind,id,name\n# the north\nstore,store-001,\"Main Street, Hull\"\nemployee,e-0001,李雷\n")
	if want := (Labels{"store": {"store-001": "Main Street, Hull"}, "employee": {"e-0001": "李雷"}}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{
		"":                           "is empty",
		"id,name\n":                  "wrong number of fields",
		"kind,name,id\n":             "line 1 is",
		"kind,id,name\nshop,s-1,A\n": `line 2: no kind of scope "shop": did you mean "store"? There are store, employee`,
		"kind,id,name\nstore,s-1,A\nstore,s-1,B\n": "line 3: store s-1 stands twice",
		"kind,id,name\nstore,s-1,\n":               "line 2: id and name",
		"kind,id,name\nstore,s-1\n":                "line 2",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ReadLabels(filepath.Join(t.TempDir(), "none.csv"), nil); err == nil {
		t.Error("a file that is not there is read")
	}
}
