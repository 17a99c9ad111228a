package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// UnmarshalEvent parses one message for a schema. Numbers keep their exact value, except that a size far above 1e400
// or below 1e-400 becomes ±1e400 or ±1e-400, which makes no difference to any range of the schemas. The schema
// library writes numbers out in full: 1e1000000 takes it long, and 1e1000001 crashes it.
func UnmarshalEvent(message []byte) (any, error) {
	if !utf8.Valid(message) {
		return nil, errors.New("not UTF-8")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return tame(document), nil
}

// tame replaces the numbers of extreme size within v.
func tame(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = tame(x)
		}
	case []any:
		for i, x := range v {
			v[i] = tame(x)
		}
	case json.Number:
		return tameNumber(v)
	}
	return v
}

func tameNumber(n json.Number) json.Number {
	const extreme = 400
	mantissa, exponent, found := strings.Cut(strings.ToLower(string(n)), "e")
	if !found {
		return n
	}
	if strings.Trim(mantissa, "-0.") == "" {
		return "0"
	}
	sign := ""
	if mantissa[0] == '-' {
		sign = "-"
	}
	e, err := strconv.Atoi(exponent)
	switch beyond := extreme + len(mantissa); {
	case err != nil && exponent[0] == '-' || e < -beyond:
		return json.Number(sign + "1e-400")
	case err != nil || e > beyond:
		return json.Number(sign + "1e400")
	}
	return n
}
