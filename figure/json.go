package figure

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ToJSON returns everything a figure holds, with its kind first:
//
//	{"kind":"heatmap","about":{...},...}
func ToJSON(fig Figure) ([]byte, error) {
	raw, err := json.Marshal(fig)
	if err != nil {
		return nil, fmt.Errorf("write the %s as JSON: %w", fig.Kind(), err)
	}
	fields := bytes.TrimPrefix(raw, []byte("{"))
	comma := ","
	if bytes.HasPrefix(fields, []byte("}")) {
		comma = ""
	}
	return fmt.Appendf(nil, `{"kind":%q%s%s`, fig.Kind(), comma, fields), nil
}

// FromJSON reads a figure that ToJSON wrote.
func FromJSON(raw []byte) (Figure, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("this is no figure in JSON: %w", err)
	}
	fig := New(head.Kind)
	if fig == nil {
		return nil, fmt.Errorf("this JSON is no figure: its kind is %q", head.Kind)
	}
	if err := json.Unmarshal(raw, fig); err != nil {
		return nil, fmt.Errorf("this %s is damaged: %w", head.Kind, err)
	}
	return fig, nil
}
