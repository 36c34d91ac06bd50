package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/tomo-viz/tomo/figure"
)

// writeJSON writes everything a figure holds, with its kind first:
//
//	{"kind":"heatmap","about":{...},...}
func writeJSON(w io.Writer, fig figure.Figure, _ Options) error {
	raw, err := json.Marshal(fig)
	if err != nil {
		return fmt.Errorf("write the %s as JSON: %w", fig.Kind(), err)
	}
	fields := bytes.TrimPrefix(raw, []byte("{"))
	comma := ","
	if bytes.HasPrefix(fields, []byte("}")) {
		comma = ""
	}
	_, err = fmt.Fprintf(w, `{"kind":%q%s%s`+"\n", fig.Kind(), comma, fields)
	return err
}

// ReadJSON reads a figure that was written as JSON.
func ReadJSON(r io.Reader) (figure.Figure, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var head struct{ Kind string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("this is no figure in JSON: %w", err)
	}
	fig := figure.New(head.Kind)
	if fig == nil {
		return nil, fmt.Errorf("this JSON is no figure: its kind is %q", head.Kind)
	}
	if err := json.Unmarshal(raw, fig); err != nil {
		return nil, fmt.Errorf("this %s is damaged: %w", head.Kind, err)
	}
	return fig, nil
}
