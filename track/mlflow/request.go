package mlflow

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// maxBody bounds the body of a request, whose longest is the profile of a
// dataset.
const maxBody = 17 << 20

// decode reads a request: a body of JSON, or parameters in the address. What it
// does not know is passed over, as later clients may say more.
func decode(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		raw, err = fromAddress(r.URL.Query(), reflect.TypeOf(into).Elem())
		if err != nil {
			return err
		}
	}
	err = json.Unmarshal(raw, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return invalid("the parameter %q cannot be a %s", wrong.Field, wrong.Value)
	case err != nil:
		return invalid("the request is no JSON as it should be: %v", err)
	}
	return nil
}

// fromAddress writes parameters of an address as JSON; those that a request has
// as a list are lists, however many there are.
func fromAddress(q url.Values, request reflect.Type) ([]byte, error) {
	fields := map[string]any{}
	for _, f := range reflect.VisibleFields(request) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch values := q[name]; {
		case len(values) == 0:
		case f.Type.Kind() == reflect.Slice:
			fields[name] = values
		default:
			fields[name] = values[0]
		}
	}
	return json.Marshal(fields)
}
