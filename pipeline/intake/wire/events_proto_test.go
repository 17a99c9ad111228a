package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"csatflow/schemas/feeds"
)

// enumName is a name of an enumeration as the style guide of Protobuf has it: customer_type is CustomerType.
func enumName(field string) string {
	var b strings.Builder
	for _, word := range strings.Split(field, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// protoSchema is a .proto file whose first message is the event. presence stands before its single fields.
func protoSchema(m *made, f *feeds.Feed, presence string) string {
	var fields, rest strings.Builder
	for i := range f.Fields {
		field := &f.Fields[i]
		kind, before := "string", presence
		switch field.Kind {
		case feeds.Scale, feeds.Integer, feeds.Count:
			kind = "sint32"
		case feeds.Number:
			kind = "double"
		case feeds.Instant:
			kind, before = "google.protobuf.Timestamp", ""
		case feeds.Name, feeds.Set:
			kind = enumName(field.Name)
			prefix := strings.ToUpper(field.Name)
			fmt.Fprintf(&rest, "enum %s { %s_UNSPECIFIED = 0;", kind, prefix)
			for n, word := range m.words(field) {
				fmt.Fprintf(&rest, " %s_%s = %d;", prefix, strings.ToUpper(word), n+1)
			}
			rest.WriteString(" }\n")
			if field.Kind == feeds.Set {
				before = "repeated "
			}
		case feeds.Scales:
			kind, before = enumName(field.Name), ""
			fmt.Fprintf(&rest, "message %s {", kind)
			for n, name := range field.Members {
				fmt.Fprintf(&rest, " int32 %s = %d;", name, n+1)
			}
			rest.WriteString(" }\n")
		case feeds.Answers:
			kind, before = "map<string, int32>", ""
		case feeds.Attributes:
			kind, before = "map<string, string>", ""
		}
		fmt.Fprintf(&fields, "  %s%s %s = %d;\n", before, kind, field.Name, i+1)
	}
	return "syntax = \"proto3\"; package shop;\nimport \"google/protobuf/timestamp.proto\";\nmessage Event {\n" + fields.String() + "}\n" + rest.String()
}

func compiledProto(t *testing.T, schema string) protoreflect.MessageDescriptor {
	t.Helper()
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{"e.proto": schema})})}
	files, err := c.Compile(t.Context(), "e.proto")
	if err != nil {
		t.Fatalf("%v\n%s", err, schema)
	}
	return files[0].Messages().Get(0)
}

func encodeProto(t *testing.T, _ *made, f *feeds.Feed, schema string, e map[string]any) []byte {
	t.Helper()
	m := dynamicpb.NewMessage(compiledProto(t, schema))
	for i := range f.Fields {
		field := &f.Fields[i]
		v, given := e[field.Name]
		if !given {
			continue
		}
		d := m.Descriptor().Fields().ByName(protoreflect.Name(field.Name))
		word := func(text any) protoreflect.Value {
			name := protoreflect.Name(strings.ToUpper(field.Name + "_" + text.(string)))
			return protoreflect.ValueOfEnum(d.Enum().Values().ByName(name).Number())
		}
		switch field.Kind {
		case feeds.ID, feeds.Text:
			m.Set(d, protoreflect.ValueOfString(v.(string)))
		case feeds.Scale, feeds.Integer, feeds.Count:
			m.Set(d, protoreflect.ValueOfInt32(int32(v.(int))))
		case feeds.Number:
			m.Set(d, protoreflect.ValueOfFloat64(v.(float64)))
		case feeds.Instant:
			at, err := time.Parse(time.RFC3339Nano, v.(string))
			if err != nil {
				t.Fatal(err)
			}
			in := m.Mutable(d).Message()
			in.Set(in.Descriptor().Fields().ByName("seconds"), protoreflect.ValueOfInt64(at.Unix()))
			in.Set(in.Descriptor().Fields().ByName("nanos"), protoreflect.ValueOfInt32(int32(at.Nanosecond())))
		case feeds.Name:
			m.Set(d, word(v))
		case feeds.Set:
			list := m.Mutable(d).List()
			for _, w := range v.([]any) {
				list.Append(word(w))
			}
		case feeds.Scales:
			in := m.Mutable(d).Message()
			for name, x := range v.(map[string]any) {
				in.Set(in.Descriptor().Fields().ByName(protoreflect.Name(name)), protoreflect.ValueOfInt32(int32(x.(int))))
			}
		case feeds.Answers, feeds.Attributes:
			in := m.Mutable(d).Map()
			for name, x := range v.(map[string]any) {
				if n, is := x.(int); is {
					x = int32(n)
				}
				in.Set(protoreflect.ValueOfString(name).MapKey(), protoreflect.ValueOf(x))
			}
		default:
			t.Fatalf("no Protobuf of the kind %v", field.Kind)
		}
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWhatAProtobufFieldSaysThatIsZero: without presence nothing but a number that every event has; with presence what it says.
func TestWhatAProtobufFieldSaysThatIsZero(t *testing.T) {
	f := feeds.Of("purchases")
	m := &made{schema: mustCompile(t, f.Name)}
	for presence, want := range map[string]string{
		"":          `{"amount":0}`,
		"optional ": `{"amount":0,"customer_id":"","margin":0}`,
	} {
		schema := protoSchema(m, f, presence)
		events, id := readingOf(t, Protobuf, schema, f)
		data := encodeProto(t, m, f, schema, map[string]any{"amount": 0.0, "customer_id": "", "margin": 0.0})
		if got, err := events.JSON(t.Context(), wired(t, id, []int{0}, data)); err != nil || string(got) != want {
			t.Errorf("%q: %s, %v, want %s", presence, got, err, want)
		}
	}
	f = feeds.Of("responses")
	schema := `syntax = "proto3"; import "google/protobuf/wrappers.proto"; import "google/protobuf/timestamp.proto"; enum Source { POS = 0; SOURCE_SERVICE_DESK = 1; } enum Survey { SURVEY_UNSPECIFIED = 0; }
		message Rater { int32 empathy = 1; } message Event { int32 grade = 1; google.protobuf.Int32Value equity = 2; Source source = 3; Survey survey = 4; Rater rater = 5; repeated string experience = 6;
		oneof who { string customer_id = 7; string terminal_id = 8; } bytes comment = 9; uint64 count = 10; google.protobuf.Timestamp occurred_at = 11; Source other = 12; }`
	events, id := readingOf(t, Protobuf, schema, f)
	e := dynamicpb.NewMessage(compiledProtoOf(t, schema, "Event"))
	field := func(name protoreflect.Name) protoreflect.FieldDescriptor { return e.Descriptor().Fields().ByName(name) }
	e.Mutable(field("equity"))
	e.Mutable(field("rater"))
	e.Mutable(field("occurred_at"))
	e.Set(field("customer_id"), protoreflect.ValueOfString(""))
	e.Set(field("other"), protoreflect.ValueOfEnum(1))
	e.Set(field("comment"), protoreflect.ValueOfBytes([]byte{0xff}))
	e.Set(field("count"), protoreflect.ValueOfUint64(1<<63))
	b, err := proto.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"comment":"/w==","count":9223372036854775808,"customer_id":"","equity":0,"occurred_at":"1970-01-01T00:00:00Z","other":"service_desk","rater":{},"source":"pos"}`
	if got, err := events.JSON(t.Context(), wired(t, id, []int{1}, b)); err != nil || string(got) != want || !json.Valid(got) {
		t.Errorf("%s, %v", got, err)
	}
}

func compiledProtoOf(t *testing.T, schema string, name protoreflect.Name) protoreflect.MessageDescriptor {
	t.Helper()
	return compiledProto(t, schema).ParentFile().Messages().ByName(name)
}
