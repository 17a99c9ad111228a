package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// compileProtobuf returns what reads messages of a .proto file: maps with the fields' names as the file writes them, those without
// presence with their defaults, enumerations as the names of their values, the well-known types as what they stand for.
func compileProtobuf(text string, parts []part) (reader, error) {
	const root = "csatflow.schema.proto"
	files := map[string]string{root: text}
	for _, p := range parts {
		files[p.name] = p.text
	}
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(files)})}
	compiled, err := c.Compile(context.Background(), root)
	if err != nil {
		return nil, err
	}
	file := compiled[0]
	return func(data []byte, as *reading) (any, error) {
		path, data, err := messagePath(data)
		if err != nil {
			return nil, err
		}
		d, err := messageAt(file, path)
		if err != nil {
			return nil, err
		}
		m := dynamicpb.NewMessage(d)
		if err := (proto.UnmarshalOptions{RecursionLimit: mostDepth}).Unmarshal(data, m); err != nil {
			return nil, err
		}
		return (&protoReader{as: as}).message(m), nil
	}, nil
}

// messagePath reads the path of the message in its file: the index of a message, then of one within it, and so on. A zero stands for
// the first message.
func messagePath(data []byte) (path []int64, rest []byte, err error) {
	wrong := errors.New("the path of its message in the .proto file cannot be read")
	n, size := binary.Varint(data)
	if size <= 0 || n < 0 || n > mostDepth {
		return nil, nil, wrong
	}
	if data = data[size:]; n == 0 {
		return []int64{0}, data, nil
	}
	for range n {
		i, size := binary.Varint(data)
		if size <= 0 || i < 0 {
			return nil, nil, wrong
		}
		path, data = append(path, i), data[size:]
	}
	return path, data, nil
}

func messageAt(file protoreflect.FileDescriptor, path []int64) (d protoreflect.MessageDescriptor, err error) {
	list := file.Messages()
	for _, i := range path {
		if i >= int64(list.Len()) {
			return nil, fmt.Errorf("the .proto file has no message at %v", path)
		}
		d = list.Get(int(i))
		list = d.Messages()
	}
	return d, nil
}

// protoReader makes values of messages.
type protoReader struct{ as *reading }

// message is a message as expressions see it.
func (p *protoReader) message(m protoreflect.Message) any {
	if v, known := p.wellKnown(m); known {
		return v
	}
	fields := m.Descriptor().Fields()
	out := make(map[string]any, fields.Len())
	for i := range fields.Len() {
		f := fields.Get(i)
		if !m.Has(f) && (f.HasPresence() || !p.zero(f)) {
			continue
		}
		out[string(f.Name())] = p.whole(m, f)
	}
	return out
}

// zero reports whether a field that has no presence is there when it is zero. An enumeration says itself what its zero means.
func (p *protoReader) zero(f protoreflect.FieldDescriptor) bool {
	if p.as.zero == nil || f.Kind() == protoreflect.EnumKind && !f.IsList() {
		return true
	}
	return p.as.zero(string(f.Name()))
}

func (p *protoReader) single(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch f.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return p.message(v.Message())
	case protoreflect.EnumKind:
		if known := f.Enum().Values().ByNumber(v.Enum()); known != nil {
			return p.as.symbol(string(f.Enum().Name()), string(known.Name()))
		}
		return int64(v.Enum())
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return v.Float()
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind, protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return v.Int()
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return int64(v.Uint())
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		if n := v.Uint(); n > 1<<63-1 {
			return n
		}
		return int64(v.Uint())
	}
	return v.Interface()
}

// wellKnown is what a message of Google's well-known types stands for.
func (p *protoReader) wellKnown(m protoreflect.Message) (v any, known bool) {
	d := m.Descriptor()
	field := func(name protoreflect.Name) protoreflect.Value { return m.Get(d.Fields().ByName(name)) }
	switch d.FullName() {
	case "google.protobuf.Timestamp":
		return time.Unix(field("seconds").Int(), field("nanos").Int()).UTC(), true
	case "google.protobuf.Duration":
		return time.Duration(field("seconds").Int())*time.Second + time.Duration(field("nanos").Int()), true
	case "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int64Value", "google.protobuf.UInt64Value", "google.protobuf.Int32Value",
		"google.protobuf.UInt32Value", "google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
		return p.whole(m, d.Fields().ByName("value")), true
	case "google.protobuf.Struct":
		return p.whole(m, d.Fields().ByName("fields")), true
	case "google.protobuf.ListValue":
		return p.whole(m, d.Fields().ByName("values")), true
	case "google.protobuf.Value":
		f := m.WhichOneof(d.Oneofs().ByName("kind"))
		if f == nil || f.Name() == "null_value" {
			return nil, true
		}
		return p.whole(m, f), true
	}
	return nil, false
}

// whole is a field with all its values.
func (p *protoReader) whole(m protoreflect.Message, f protoreflect.FieldDescriptor) any {
	v := m.Get(f)
	switch {
	case f.IsMap():
		out := map[string]any{}
		v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			out[k.String()] = p.single(f.MapValue(), v)
			return true
		})
		return out
	case f.IsList():
		list := make([]any, v.List().Len())
		for i := range list {
			list[i] = p.single(f, v.List().Get(i))
		}
		return list
	}
	return p.single(f, v)
}
