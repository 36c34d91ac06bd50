package figure

import (
	"encoding/json"
	"math"
)

// A real is a number that JSON writes as null if it is not finite, and reads
// back from null as NaN: networks that have gone wrong give such numbers, and
// their figures must still be kept and shown.
type real float64

// MarshalJSON implements json.Marshaler.
func (r real) MarshalJSON() ([]byte, error) {
	if v := float64(r); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(r))
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *real) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*r = real(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(r))
}

// Each of the types below is written through a copy of itself without methods
// in which the numbers that may not be finite are shadowed by reals.
type (
	plainPrediction Prediction
	jsonPrediction  struct {
		plainPrediction
		Score real `json:"score"`
		Logit real `json:"logit"`
	}
	plainMap Map
	jsonMap  struct {
		plainMap
		Low  real `json:"low"`
		High real `json:"high"`
	}
	plainTile Tile
	jsonTile  struct {
		plainTile
		Value real `json:"value"`
		Low   real `json:"low"`
		High  real `json:"high"`
	}
	plainMatrix Matrix
	jsonMatrix  struct {
		plainMatrix
		Low  real `json:"low"`
		High real `json:"high"`
	}
	jsonCell struct {
		Text  string `json:"text"`
		Value real   `json:"value,omitempty"`
	}
	jsonNote struct {
		X    real   `json:"x"`
		Y    real   `json:"y"`
		Text string `json:"text"`
	}
)

// MarshalJSON implements json.Marshaler.
func (p Prediction) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonPrediction{plainPrediction(p), real(p.Score), real(p.Logit)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Prediction) UnmarshalJSON(data []byte) error {
	var j jsonPrediction
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*p = Prediction(j.plainPrediction)
	p.Score, p.Logit = float64(j.Score), float64(j.Logit)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (m Map) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonMap{plainMap(m), real(m.Low), real(m.High)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Map) UnmarshalJSON(data []byte) error {
	var j jsonMap
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*m = Map(j.plainMap)
	m.Low, m.High = float32(j.Low), float32(j.High)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (t Tile) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonTile{plainTile(t), real(t.Value), real(t.Low), real(t.High)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Tile) UnmarshalJSON(data []byte) error {
	var j jsonTile
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*t = Tile(j.plainTile)
	t.Value, t.Low, t.High = float64(j.Value), float32(j.Low), float32(j.High)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (m Matrix) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonMatrix{plainMatrix(m), real(m.Low), real(m.High)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Matrix) UnmarshalJSON(data []byte) error {
	var j jsonMatrix
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*m = Matrix(j.plainMatrix)
	m.Low, m.High = float32(j.Low), float32(j.High)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (c Cell) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonCell{c.Text, real(c.Value)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Cell) UnmarshalJSON(data []byte) error {
	var j jsonCell
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*c = Cell{j.Text, float64(j.Value)}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (n Note) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonNote{real(n.X), real(n.Y), n.Text})
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Note) UnmarshalJSON(data []byte) error {
	var j jsonNote
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*n = Note{float64(j.X), float64(j.Y), j.Text}
	return nil
}
