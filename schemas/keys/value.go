package keys

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	goyaml "go.yaml.in/yaml/v3"
)

// Default returns a struct with the defaults of its keys. It panics on an invalid default, which the tests of a struct find.
func Default[T any]() T {
	var v T
	at := reflect.ValueOf(&v).Elem()
	for _, k := range All(Of(at.Type())) {
		value, err := k.Parse(k.Default)
		if err != nil {
			panic(err)
		}
		at.FieldByIndex(k.Index).Set(value)
	}
	return v
}

// Parse reads a value of the key's type as it is written in YAML.
func (k *Key) Parse(text string) (reflect.Value, error) {
	v := reflect.New(k.Type).Elem()
	var err error
	switch {
	case k.Type == reflect.TypeFor[time.Duration]():
		var d time.Duration
		d, err = time.ParseDuration(text)
		v.SetInt(int64(d))
	case k.Type.Kind() == reflect.String:
		v.SetString(text)
	case k.Type.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case k.Type.Kind() == reflect.Int:
		var n int
		n, err = strconv.Atoi(text)
		v.SetInt(int64(n))
	case k.Type.Kind() == reflect.Float64:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		v.SetFloat(n)
	case text == "[]":
		v.Set(reflect.MakeSlice(k.Type, 0, 0))
	case text == "{}":
		v.Set(reflect.MakeMap(k.Type))
	default:
		err = goyaml.Unmarshal([]byte(text), v.Addr().Interface())
	}
	if err != nil {
		return v, fmt.Errorf("%s: %q is no %s: %w", k.Path, text, k.Kind(), err)
	}
	return v, nil
}

// number returns a number, or a duration in nanoseconds; bounds are declared.
func (k *Key) number(text string) float64 {
	if k.Type == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			panic(fmt.Errorf("%s: bound: %w", k.Path, err))
		}
		return float64(d)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Errorf("%s: bound: %w", k.Path, err))
	}
	return n
}
