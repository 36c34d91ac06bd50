package render

import (
	"io"

	"github.com/tomo-viz/tomo/figure"
)

// writeJSON writes everything a figure holds, on one line.
func writeJSON(w io.Writer, fig figure.Figure, _ Options) error {
	raw, err := figure.ToJSON(fig)
	if err != nil {
		return err
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

// ReadJSON reads a figure that was written as JSON.
func ReadJSON(r io.Reader) (figure.Figure, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return figure.FromJSON(raw)
}
