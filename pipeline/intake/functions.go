package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// Variables of expressions.
const (
	varMessage = "msg"     // the payload
	varHeaders = "headers" // of the request, names in small letters
	varCloud   = "ce"      // the attributes of a CloudEvent, empty for what is none
	varItem    = "item"    // with each, the member of its list
)

// names that expressions can use beside CEL's own, for suggestions.
var vocabulary = []string{varMessage, varHeaders, varCloud, varItem, "stars", "nps", "smileys", "scale", "lookup", "known", "seconds", "millis", "micros", "zoned", "mask", "hash",
	"timestamp", "duration", "string", "int", "double", "bool", "has", "size", "matches", "contains", "startsWith", "endsWith", "format", "split", "replace", "lowerAscii", "upperAscii", "substring", "trim", "join"}

// scaleFunctions make a grade of an answer in the scale of their name; scale(name, x) in any.
var scaleFunctions = []string{"stars", "nps", "smileys"}

// environment makes the language of expressions.
func environment(o *Options) (*cel.Env, error) {
	return language(o, cel.IntType, func(name string, v ref.Val) ref.Val { return gradeOf(o.Scales, name, v) })
}

// language makes the language of expressions with what the functions of scales give.
func language(o *Options, gives *cel.Type, graded func(scale string, v ref.Val) ref.Val) (*cel.Env, error) {
	scale := func(name string) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_dyn", []*cel.Type{cel.DynType}, gives, cel.UnaryBinding(func(v ref.Val) ref.Val {
			return graded(name, v)
		})))
	}
	instant := func(name string, unit time.Duration) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_dyn", []*cel.Type{cel.DynType}, cel.TimestampType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			return since(name, v, unit)
		})))
	}
	env, err := cel.NewEnv(
		cel.Variable(varMessage, cel.DynType), cel.Variable(varHeaders, cel.MapType(cel.StringType, cel.StringType)), cel.Variable(varCloud, cel.MapType(cel.StringType, cel.DynType)),
		cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(), ext.Strings(), ext.Lists(), ext.Bindings(), ext.Encoders(), ext.Math(),
		cel.Function("scale", cel.Overload("scale_string_dyn", []*cel.Type{cel.StringType, cel.DynType}, gives, cel.BinaryBinding(func(name, v ref.Val) ref.Val {
			return graded(string(name.(types.String)), v)
		}))),
		cel.Function("lookup",
			cel.Overload("lookup_string_dyn", []*cel.Type{cel.StringType, cel.DynType}, cel.StringType, cel.BinaryBinding(func(name, key ref.Val) ref.Val {
				return lookUp(o.Lookups, string(name.(types.String)), key, "")
			})),
			cel.Overload("lookup_string_dyn_string", []*cel.Type{cel.StringType, cel.DynType, cel.StringType}, cel.StringType, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return lookUp(o.Lookups, string(args[0].(types.String)), args[1], string(args[2].(types.String)))
			}))),
		cel.Function("known", cel.Overload("known_string_dyn", []*cel.Type{cel.StringType, cel.DynType}, cel.BoolType, cel.BinaryBinding(func(name, key ref.Val) ref.Val {
			k, err := keyText(key)
			if err != nil {
				return types.WrapErr(err)
			}
			_, found, err := o.Lookups.find(string(name.(types.String)), k, "")
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Bool(found)
		}))),
		instant("seconds", time.Second), instant("millis", time.Millisecond), instant("micros", time.Microsecond),
		cel.Function("zoned",
			cel.Overload("zoned_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.TimestampType, cel.BinaryBinding(func(v, zone ref.Val) ref.Val {
				return zoned(v, string(zone.(types.String)), "")
			})),
			cel.Overload("zoned_dyn_string_string", []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, cel.TimestampType, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return zoned(args[0], string(args[1].(types.String)), string(args[2].(types.String)))
			}))),
		cel.Function("mask", cel.Overload("mask_string", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			return types.String(Mask(string(v.(types.String))))
		}))),
		cel.Function("hash", cel.Overload("hash_dyn", []*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			return hashed(o.HashKey, v)
		}))),
	)
	if err != nil {
		return nil, err
	}
	var scales []cel.EnvOption
	for _, name := range scaleFunctions {
		scales = append(scales, scale(name))
	}
	return env.Extend(scales...)
}

func gradeOf(s Scales, name string, v ref.Val) ref.Val {
	g, err := s.grade(name, v.Value())
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Int(g)
}

// keyText is a key as text: ids may be numbers.
func keyText(v ref.Val) (string, error) {
	switch v := v.(type) {
	case types.String:
		return string(v), nil
	case types.Int:
		return strconv.FormatInt(int64(v), 10), nil
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), nil
	}
	return "", fmt.Errorf("a key must be a text or a whole number, is %s", kindOf(v))
}

func lookUp(l *Lookups, name string, key ref.Val, column string) ref.Val {
	k, err := keyText(key)
	if err != nil {
		return types.WrapErr(fmt.Errorf("lookup(%q, …): %w", name, err))
	}
	value, found, err := l.find(name, k, column)
	if err != nil {
		return types.WrapErr(err)
	}
	if !found {
		return types.WrapErr(fmt.Errorf("%s has no key %s (intake.lookups.%s): add it to the file, or ask known(%q, …) before", l.path(name), shown(k), name, name))
	}
	return types.String(value)
}

// since is an instant that counts from 1970 in a unit; the number may be a text.
func since(name string, v ref.Val, unit time.Duration) ref.Val {
	outside := func(n any) ref.Val {
		return types.WrapErr(fmt.Errorf("%s: %v is outside of the years 1 to 9999: another unit? There are seconds, millis and micros", name, n))
	}
	per := int64(time.Second / unit)
	var n int64
	switch v := v.(type) {
	case types.Int:
		n = int64(v)
	case types.Uint:
		if n = int64(v); n < 0 {
			return outside(v)
		}
	case types.Double:
		whole := math.Floor(float64(v))
		if !(math.Abs(whole) < 1<<62) {
			return outside(v)
		}
		n = int64(whole)
		if per == 1 { // seconds with a fraction
			return instantOf(time.Unix(n, int64((float64(v)-whole)*1e9)), outside)
		}
	case types.String:
		f, err := strconv.ParseInt(strings.TrimSpace(string(v)), 10, 64)
		if err != nil {
			d, err := strconv.ParseFloat(strings.TrimSpace(string(v)), 64)
			if err != nil {
				return types.WrapErr(fmt.Errorf("%s: %s is no number", name, shown(string(v))))
			}
			return since(name, types.Double(d), unit)
		}
		n = f
	default:
		return types.WrapErr(fmt.Errorf("%s: must be a number, is %s", name, kindOf(v)))
	}
	s := n / per
	rest := n - s*per
	return instantOf(time.Unix(s, rest*int64(unit)), outside)
}

func instantOf(t time.Time, outside func(any) ref.Val) ref.Val {
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return outside(t.Unix())
	}
	return types.Timestamp{Time: t}
}

// zonedLayouts are the forms of times without a zone that are tried.
var zonedLayouts = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04"}

// zones caches time zones by name: a name may come from a payload, and loading reads a file.
var zones = newZones()

// zoned is a time without a zone in a zone; what is a time already stays as it is.
func zoned(v ref.Val, zone, layout string) ref.Val {
	if _, is := v.(types.Timestamp); is {
		return v
	}
	t, is := v.(types.String)
	if !is {
		return types.WrapErr(fmt.Errorf("zoned: must be a text, is %s", kindOf(v)))
	}
	text := string(t)
	where, err := zones.load(zone)
	if err != nil {
		return types.WrapErr(err)
	}
	layouts := zonedLayouts
	if layout != "" {
		layouts = []string{layout}
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, strings.TrimSpace(text), where); err == nil {
			return instantOf(t, func(any) ref.Val {
				return types.WrapErr(fmt.Errorf("zoned: %s is outside of the years 1 to 9999", shown(text)))
			})
		}
	}
	if layout != "" {
		return types.WrapErr(fmt.Errorf("zoned: %s is not like %q (a layout says how 2 January 2006, 15:04:05, is written)", shown(text), layout))
	}
	return types.WrapErr(fmt.Errorf("zoned: %s is not like 2006-01-02 15:04:05: give its layout, as zoned(text, zone, \"02.01.2006 15:04\")", shown(text)))
}

// What mask hides: addresses of mail, and five digits or more with what people write between them.
var masked = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN.-]+|\+?\d(?:[ ()./-]{0,2}\d){4,}`)

// Mask replaces addresses of mail and numbers of five digits or more (telephones, cards, accounts) in a text by ***.
func Mask(text string) string { return masked.ReplaceAllString(text, "***") }

// hashed is a keyed hash: 32 hexadecimal digits of HMAC-SHA256.
func hashed(key []byte, v ref.Val) ref.Val {
	if len(key) == 0 {
		return types.WrapErr(errNoHashKey)
	}
	text, err := keyText(v)
	if err != nil {
		return types.WrapErr(fmt.Errorf("hash: %w", err))
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return types.String(hex.EncodeToString(m.Sum(nil)[:16]))
}

var errNoHashKey = errors.New("hash needs a key: set intake.hash_secret_file (openssl rand -base64 32 makes one)")

// kindOf names the kind of a value for people.
func kindOf(v ref.Val) string {
	switch v := v.(type) {
	case types.String:
		return "the text " + shown(string(v))
	case types.Int, types.Uint, types.Double:
		return "the number " + fmt.Sprint(v.Value())
	case types.Bool:
		return fmt.Sprintf("%v", v.Value())
	case types.Null:
		return "null"
	case types.Timestamp:
		return "a time"
	}
	return "a " + v.Type().TypeName()
}
