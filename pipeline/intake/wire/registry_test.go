package wire

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"

	"csatflow/deploy/trial/apicurio"
)

// register gives a registry a schema, and returns its id.
func register(t *testing.T, c *sr.Client, subject string, kind sr.SchemaType, text string, references ...sr.SchemaReference) int {
	t.Helper()
	s, err := c.CreateSchema(t.Context(), subject, sr.Schema{Schema: text, Type: kind, References: references})
	if err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	return s.ID
}

// wired puts the header of Confluent's wire format before data.
func wired(t *testing.T, id int, index []int, data []byte) []byte {
	t.Helper()
	b, err := (&sr.ConfluentHeader{}).AppendEncode(nil, id, index)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, data...)
}

const (
	storeAvro = `{"type":"record","name":"Store","namespace":"shop","fields":[{"name":"id","type":"string"}]}`
	pressAvro = `{"type":"record","name":"Press","namespace":"shop","fields":[
		{"name":"id","type":"string"},{"name":"stars","type":"int"},
		{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
		{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
		{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["A","B"]}},
		{"name":"store","type":["null","shop.Store"]},
		{"name":"tags","type":{"type":"array","items":"string"}},
		{"name":"more","type":{"type":"map","values":["null","long","string"]}}]}`
	storeProto = `syntax = "proto3"; package shop; message Store { string id = 1; }`
	pressProto = `syntax = "proto3"; package shop; import "store.proto"; import "google/protobuf/timestamp.proto";
		message Other { message Press { string id = 1; int32 stars = 2; google.protobuf.Timestamp at = 3; Store store = 4; repeated string tags = 5; map<string, int64> more = 6; optional string note = 7; Kind kind = 8; } enum Kind { A = 0; B = 1; } }`
	storeJSON = `{"$id":"https://shop.example/store.json","type":"object","properties":{"id":{"type":"string"}},"required":["id"]}`
	pressJSON = `{"type":"object","properties":{"id":{"type":"string"},"stars":{"type":"integer","maximum":5},"store":{"$ref":"https://shop.example/store.json"}},"required":["id","stars"]}`
)

func protoField(n int, data string) string {
	return string(rune(n<<3|2)) + string(rune(len(data))) + data
}

// TestValuesAreReadBySchemasOfARealRegistry registers schemas with references at Apicurio, and reads values of each format.
func TestValuesAreReadBySchemasOfARealRegistry(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a registry in Java")
	}
	server, err := apicurio.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Kill(); err != nil {
			t.Error(err)
		}
	})
	c, err := sr.NewClient(sr.URLs(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	register(t, c, "store-avro", sr.TypeAvro, storeAvro)
	ofAvro := register(t, c, "press-avro", sr.TypeAvro, pressAvro, sr.SchemaReference{Name: "shop.Store", Subject: "store-avro", Version: 1})
	register(t, c, "store-proto", sr.TypeProtobuf, storeProto)
	ofProto := register(t, c, "press-proto", sr.TypeProtobuf, pressProto, sr.SchemaReference{Name: "store.proto", Subject: "store-proto", Version: 1})
	register(t, c, "store-json", sr.TypeJSON, storeJSON)
	ofJSON := register(t, c, "press-json", sr.TypeJSON, pressJSON, sr.SchemaReference{Name: "https://shop.example/store.json", Subject: "store-json", Version: 1})

	r, err := OpenRegistry(RegistryConfig{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(t.Context()); err != nil {
		t.Error(err)
	}
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	cache := &avro.SchemaCache{}
	if _, err := avro.ParseWithCache(storeAvro, "", cache); err != nil {
		t.Fatal(err)
	}
	_, err = avro.ParseWithCache(pressAvro, "", cache)
	if err != nil {
		t.Fatal(err)
	}
	w := avro.NewWriter(nil, 100)
	for _, write := range []func(){
		func() { w.WriteString("k-1") }, func() { w.WriteInt(5) }, func() { w.WriteLong(at.UnixMilli()) }, func() { w.WriteBytes([]byte{0xff, 0x38}) }, // -200
		func() { w.WriteInt(1) }, func() { w.WriteLong(1); w.WriteString("s-1") },
		func() { w.WriteLong(2); w.WriteString("x"); w.WriteString("y"); w.WriteLong(0) },
		func() { w.WriteLong(1); w.WriteString("n"); w.WriteLong(1); w.WriteLong(7); w.WriteLong(0) },
	} {
		write()
	}
	avroData := append([]byte{}, w.Buffer()...)
	protoData := []byte(protoField(1, "k-1") + "\x10\x05" + protoField(3, "\x08\xa0\xf4\x94\xcd\x06") + protoField(4, protoField(1, "s-1")) + protoField(5, "x") + protoField(6, protoField(1, "n")+"\x10\x07") + "\x40\x01")
	for _, x := range []struct {
		format string
		value  []byte
		want   any
		wrong  string
	}{
		{Avro, wired(t, ofAvro, nil, avroData), map[string]any{"id": "k-1", "stars": int64(5), "at": at, "price": -2.0, "kind": "B", "store": map[string]any{"id": "s-1"}, "tags": []any{"x", "y"}, "more": map[string]any{"n": int64(7)}}, ""},
		{Avro, wired(t, ofAvro, nil, avroData[:9]), nil, "which it names: at: it ends too early"},
		{Avro, wired(t, ofAvro, nil, append(append([]byte{}, avroData...), 0)), nil, "bytes follow its end"},
		{Avro, wired(t, 987654, nil, avroData), nil, "the registry has no schema 987654"},
		{Avro, []byte(`{"id": 1}`), nil, "its format is json"},
		{Avro, []byte("x"), nil, "it has 1 bytes"},
		{Protobuf, wired(t, ofAvro, []int{0}, avroData), nil, "of the format avro, and the topic's is protobuf"},
		{Protobuf, wired(t, ofProto, []int{0, 0}, protoData), map[string]any{"id": "k-1", "stars": int64(5), "at": time.Unix(0x69a5_3a20, 0).UTC(), "store": map[string]any{"id": "s-1"}, "tags": []any{"x"}, "more": map[string]any{"n": int64(7)}, "kind": "B"}, ""},
		{Protobuf, wired(t, ofProto, []int{0, 3}, protoData), nil, "no message at [0 3]"},
		{Protobuf, wired(t, ofProto, []int{0, 0}, protoData[:3]), nil, "which it names"},
		{JSONSchema, wired(t, ofJSON, nil, []byte(`{"id":"k-1","stars":5,"store":{"id":"s-1"}}`)), map[string]any{"id": "k-1", "stars": int64(5), "store": map[string]any{"id": "s-1"}}, ""},
		{JSONSchema, wired(t, ofJSON, nil, []byte(`{"id":"k-1","stars":6}`)), nil, "stars"},
		{JSONSchema, wired(t, ofJSON, nil, []byte(`{"id":"k-1","stars":5,"store":{}}`)), nil, "missing property 'id'"},
	} {
		d, err := New(x.format, r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Decode(t.Context(), x.value)
		var away *RegistryError
		switch {
		case errors.As(err, &away):
			t.Errorf("%s %q: %v", x.format, x.value, err)
		case x.wrong == "" && (err != nil || !reflect.DeepEqual(got, x.want)):
			t.Errorf("%s: %v\n got %#v\nwant %#v", x.format, err, got, x.want)
		case x.wrong != "" && (err == nil || !strings.Contains(err.Error(), x.wrong)):
			t.Errorf("%s %q: %v, want %q", x.format, x.value, err, x.wrong)
		}
	}
	t.Run("what is known is read while the registry is away, and what is not is to be tried again", func(t *testing.T) {
		if err := server.Pause(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = server.Resume() }()
		d, _ := New(Avro, r)
		if _, err := d.Decode(t.Context(), wired(t, ofAvro, nil, avroData)); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := d.Decode(ctx, wired(t, 4711, nil, avroData))
		var away *RegistryError
		if !errors.As(err, &away) {
			t.Errorf("%v", err)
		}
	})
}

// TestOnlyTheRegistrysOwnAnswerMakesAnIDUnknown: a wrong URL, a login that is refused and a fault are tried again.
func TestOnlyTheRegistrysOwnAnswerMakesAnIDUnknown(t *testing.T) {
	var status int
	var body, login string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		login = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer s.Close()
	for _, x := range []struct {
		status int
		body   string
		again  bool
		says   string
	}{
		{404, `{"error_code":40403,"message":"Schema not found"}`, false, "the registry has no schema 7"},
		{404, `<html>`, true, "is the URL that of Confluent's API?"},
		{401, `{"error_code":401,"message":"Unauthorized"}`, true, "username and password_file"},
		{500, `{"error_code":50001,"message":"Error in the backend"}`, true, "status 500, Error in the backend"},
		{200, `{"schema":"{\"type\":\"nonsense\"}"}`, false, "schema 7 of the registry cannot be used"},
		{200, `{"schema":"{\"$ref\":\"file:///etc/passwd\"}","schemaType":"JSON"}`, false, "is not among the schema's references"},
		{200, `{"schema":"syntax = \"proto3\"; import \"/etc/passwd\";","schemaType":"PROTOBUF"}`, false, "cannot be used"},
	} {
		status, body = x.status, x.body
		r, err := OpenRegistry(RegistryConfig{URL: s.URL, Username: "ann", Password: "hush"})
		if err != nil {
			t.Fatal(err)
		}
		d, err := New(Avro, r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Decode(t.Context(), wired(t, 7, nil, []byte("x")))
		var away *RegistryError
		if err == nil || errors.As(err, &away) != x.again || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%d %s: %v", x.status, x.body, err)
		}
		if want := "Basic " + base64.StdEncoding.EncodeToString([]byte("ann:hush")); login != want {
			t.Errorf("it logged in with %q", login)
		}
	}
}

// TestHostileAvroIsRefused: values that say they have more than they can.
func TestHostileAvroIsRefused(t *testing.T) {
	for schema, data := range map[string][]byte{
		`{"type":"array","items":"null"}`:                                 {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0},
		`{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}`: {},
		`"string"`: {0xfe, 0xff, 0xff, 0xff, 0x0f},
	} {
		read, err := compileAvro(schema, nil)
		if err != nil {
			t.Logf("%s: %v", schema, err)
			continue
		}
		if v, err := read(data, &reading{}); err == nil {
			t.Errorf("%s: %v was read", schema, v)
		}
	}
}
