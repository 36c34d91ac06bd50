package mlflow

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A real is a double of a message, which in JSON may be NaN or infinite, by
// name. Any number may be in quotes.
type real float64

func (v *real) UnmarshalJSON(raw []byte) error {
	text := unquoted(raw)
	switch text {
	case "null":
		return nil
	case "NaN":
		*v = real(math.NaN())
		return nil
	case "Infinity":
		*v = real(math.Inf(1))
		return nil
	case "-Infinity":
		*v = real(math.Inf(-1))
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "xX_pPiIaA") { // what only Go takes
		return fmt.Errorf("%s is no number", raw)
	}
	*v = real(f)
	return nil
}

func (v real) MarshalJSON() ([]byte, error) {
	switch f := float64(v); {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(f)
	}
}

// A whole is an int64 of a message, which some clients put in quotes.
type whole int64

func (v *whole) UnmarshalJSON(raw []byte) error {
	text := unquoted(raw)
	if text == "null" {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		*v = whole(n)
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return fmt.Errorf("%s is no whole number", raw)
	}
	*v = whole(f)
	return nil
}

func unquoted(raw []byte) string {
	if len(raw) >= 2 && raw[0] == '"' {
		return string(raw[1 : len(raw)-1])
	}
	return string(raw)
}

// A name is an enumerated value of a message, which may be sent as its number.
type name string

func (n *name) from(raw []byte, names map[string]string) error {
	text := unquoted(raw)
	if known, ok := names[text]; ok {
		text = known
	}
	*n = name(text)
	return nil
}
