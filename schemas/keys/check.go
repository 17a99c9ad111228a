package keys

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"reflect"
	"slices"
	"time"
)

// Check compares the values of a struct with what its fields declare, and returns an error for each key that is wrong. v is
// a pointer to the struct; prefix is put before its keys.
func Check(v any, prefix string) (list []error) {
	at := reflect.ValueOf(v).Elem()
	for _, k := range All(Of(at.Type())) {
		k.Path = prefix + k.Path
		list = append(list, k.check(at.FieldByIndex(k.Index))...)
	}
	return list
}

func (k *Key) wrong(format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{k.Path}, args...)...)
}

func (k *Key) check(v reflect.Value) []error {
	switch x := v.Interface().(type) {
	case string:
		if x == "" && !k.Required && k.Enum == nil {
			return nil
		}
		return k.text(x)
	case []string:
		return k.list(x)
	case time.Duration:
		return k.within(float64(x), x)
	case int:
		return k.within(float64(x), x)
	case float64:
		return k.within(x, x)
	}
	return nil
}

func (k *Key) within(v float64, shown any) []error {
	if !k.outside(v) {
		return nil
	}
	must := "must be " + k.bounds()
	if k.bounds() == notNegative {
		must = "must not be negative"
	}
	return []error{k.wrong("%s, is %v", must, shown)}
}

// bounds says the bounds of a number, with its unit.
func (k *Key) bounds() string {
	if k.Unit == "" || k.Max == "" {
		return k.Bounds()
	}
	return k.Bounds() + " (" + k.Unit + ")"
}

func (k *Key) outside(v float64) bool {
	return k.Min != "" && !(v >= k.number(k.Min)) || k.Max != "" && !(v <= k.number(k.Max)) || k.Multiple != "" && math.Mod(v, k.number(k.Multiple)) != 0
}

func (k *Key) text(text string) []error {
	switch {
	case k.Required && text == "":
		return []error{k.wrong("must not be empty")}
	case k.Enum != nil && !slices.Contains(k.Enum, text):
		return []error{k.wrong("must be one of %s, is %q", choices(k.Enum), text)}
	case k.Format == HostPort:
		if _, _, err := net.SplitHostPort(text); err != nil {
			return []error{k.wrong("%q must be host:port: %v", text, err)}
		}
	case k.Format == URL:
		u, err := url.Parse(text)
		if err == nil && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			err = errors.New("no http or https, or no host")
		}
		switch {
		case err == nil:
		case k.Secret != "":
			return []error{k.wrong("must be a URL, like https://host:port/path")} // it may hold a secret, so the value is not shown
		default:
			return []error{k.wrong("must be a URL, like https://host:port/path, is %q", text)}
		}
	}
	return nil
}

func (k *Key) list(list []string) (wrong []error) {
	if k.Required && len(list) == 0 {
		what := "value"
		if k.Format == HostPort {
			what = "address"
		}
		wrong = append(wrong, k.wrong("must name at least one %s, as %s", what, k.Example))
	}
	for _, text := range list {
		if k.Enum != nil && !slices.Contains(k.Enum, text) {
			wrong = append(wrong, k.wrong("no such value %q: one of %s", text, choices(k.Enum)))
		} else if k.Enum == nil {
			wrong = append(wrong, k.text(text)...)
		}
	}
	return wrong
}
