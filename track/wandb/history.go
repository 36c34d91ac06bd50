package wandb

import (
	"math"
	"strings"

	"github.com/tomo-viz/tomo/track/protofield"
	"github.com/tomo-viz/tomo/track/pyjson"
)

func (h *History) parse(data []byte) error {
	var all items
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case historyStep:
			return protofield.Each(f.Bytes, func(f *protofield.Field) error {
				if f.Number == stepNumber {
					h.Step = int64(f.Word)
				}
				return nil
			})
		case historyItem:
			return all.parse(f.Bytes)
		}
		return nil
	})
	for _, v := range all.values() {
		h.add(v)
	}
	return err
}

// add adds a value, or takes what the client says of the step itself under names
// that begin with an underscore.
func (h *History) add(v Value) {
	switch {
	case v.Name == "_step" && v.Kind == Number && math.Abs(v.Number) < 1<<53:
		h.Step = int64(v.Number)
	case v.Name == "_timestamp" && v.Kind == Number:
		if us := v.Number * 1e6; us > 0 && us < math.MaxInt64/2 {
			h.Time = int64(math.Round(us))
		}
	case v.Name == "_runtime", strings.HasPrefix(v.Name, "_wandb"):
	default:
		h.Values = append(h.Values, v)
	}
}

func (r *Record) parseSummary(data []byte) error {
	var all items
	err := protofield.Each(data, func(f *protofield.Field) error {
		if f.Number != update {
			return nil
		}
		return all.parse(f.Bytes)
	})
	for _, v := range all.values() {
		if !strings.HasPrefix(v.Name, "_") {
			r.Summary = append(r.Summary, v)
		}
	}
	return err
}

// parseConfig reads what the run is configured with. What the client keeps there
// for itself, under _wandb, is left out.
func (r *Record) parseConfig(data []byte) error {
	if r.Config == nil {
		r.Config = map[string]any{}
	}
	return protofield.Each(data, func(f *protofield.Field) error {
		if f.Number != update {
			return nil
		}
		var keys []string
		var document []byte
		err := protofield.Each(f.Bytes, func(f *protofield.Field) error {
			switch f.Number {
			case itemKey, itemNested:
				keys = append(keys, f.Text())
			case itemOldJSON:
				document = f.Bytes
			}
			return nil
		})
		name := strings.Join(keys, "/")
		if err != nil || document == nil || name == "" || strings.HasPrefix(name, "_wandb") {
			return err
		}
		v, err := pyjson.Value(document)
		flatten(r.Config, name, v)
		return err
	})
}

// flatten sets settings under their names.
func flatten(out map[string]any, name string, v any) {
	inner, ok := v.(map[string]any)
	if !ok || len(inner) == 0 {
		out[name] = v
		return
	}
	for key, v := range inner {
		flatten(out, name+"/"+key, v)
	}
}
