package clickhouse

import (
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"csatflow/deploy/local/chdb"
)

// hello is the first packet of a client.
type hello struct {
	revision                 int
	database, user, password string
}

func (w *wire) hello() hello {
	var h hello
	w.text("client name", maxWord)
	w.uvarint() // major and minor version
	w.uvarint()
	h.revision = int(min(w.uvarint(), revision))
	h.database = w.text("database", maxWord)
	h.user = w.text("user", maxWord)
	h.password = w.text("password", maxWord)
	if w.err == nil && !proto.FeatureSettingsSerializedAsStrings.In(h.revision) {
		w.fail(fmt.Errorf("client speaks protocol revision %d, older than %d", h.revision, proto.FeatureSettingsSerializedAsStrings.Version()))
	}
	return h
}

// statement is a Query packet.
type statement struct {
	id         string
	text       string
	settings   []chdb.Param
	params     []chdb.Param
	compressed bool
}

func (w *wire) statement(rev int) statement {
	var s statement
	s.id = w.text("query id", maxWord)
	w.clientInfo(rev)
	s.settings = w.settings()
	if proto.FeatureInterServerSecret.In(rev) {
		w.text("secret", maxWord)
	}
	w.uvarint() // stage: the engine always completes
	s.compressed = w.uvarint() == uint64(proto.CompressionEnabled)
	s.text = w.text("statement", maxStatement)
	if proto.FeatureParameters.In(rev) {
		s.params = w.settings()
		for i := range s.params {
			s.params[i].Value = unquote(s.params[i].Value)
		}
	}
	return s
}

// clientInfo steps over the client's description of itself in a statement.
func (w *wire) clientInfo(rev int) {
	if w.byte() == byte(proto.ClientQueryNone) {
		return
	}
	w.text("initial user", maxWord)
	w.text("initial query id", maxWord)
	w.text("initial address", maxWord)
	if proto.FeatureQueryStartTime.In(rev) {
		w.discard(8)
	}
	if i := w.byte(); w.err == nil && i != byte(proto.InterfaceTCP) {
		w.fail(fmt.Errorf("%w: interface %d", errMalformed, i))
	}
	w.text("operating system user", maxWord)
	w.text("client host", maxWord)
	w.text("client name", maxWord)
	for range 3 { // major, minor, revision
		w.uvarint()
	}
	if proto.FeatureQuotaKeyInClientInfo.In(rev) {
		w.text("quota key", maxWord)
	}
	if proto.FeatureDistributedDepth.In(rev) {
		w.uvarint()
	}
	if proto.FeatureVersionPatch.In(rev) {
		w.uvarint()
	}
	if proto.FeatureOpenTelemetry.In(rev) && w.byte() == 1 {
		w.discard(16 + 8)
		w.text("trace state", maxWord)
		w.byte()
	}
	if proto.FeatureParallelReplicas.In(rev) {
		for range 3 {
			w.uvarint()
		}
	}
}

// settings reads key, flags and value until an empty key.
func (w *wire) settings() []chdb.Param {
	var list []chdb.Param
	for {
		key := w.text("setting", maxWord)
		if key == "" || w.err != nil {
			return list
		}
		w.uvarint() // flags
		list = append(list, chdb.Param{Name: key, Value: w.text("value of a setting", maxStatement)})
		if len(list) > maxSettings {
			w.fail(fmt.Errorf("%w: more than %d settings", errMalformed, maxSettings))
		}
	}
}

// dumped undoes the escapes of a literal, like ClickHouse.
var dumped = strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\0`, "\x00", `\b`, "\b", `\f`, "\f")

// unquote reads a parameter, which clients send as a literal. Its content is escaped too, as a field of TabSeparated: the engine
// undoes that.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return s
	}
	return dumped.Replace(s[1 : len(s)-1])
}
