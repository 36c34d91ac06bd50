package figure

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// Floats are numbers that JSON carries as the base64 of little-endian float32:
// exact, compact, and able to hold NaN and infinities, which JSON is not.
type Floats []float32

// MarshalJSON implements json.Marshaler.
func (f Floats) MarshalJSON() ([]byte, error) {
	raw := make([]byte, 0, 4*len(f))
	for _, v := range f {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(raw))
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *Floats) UnmarshalJSON(data []byte) error {
	raw, err := numberBytes(data, 4)
	if err != nil {
		return err
	}
	*f = make(Floats, len(raw)/4)
	for i := range *f {
		(*f)[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return nil
}

// Doubles are Floats of float64, for what float32 cannot tell apart, such as
// steps beyond 16 million and times.
type Doubles []float64

// MarshalJSON implements json.Marshaler.
func (d Doubles) MarshalJSON() ([]byte, error) {
	raw := make([]byte, 0, 8*len(d))
	for _, v := range d {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(raw))
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Doubles) UnmarshalJSON(data []byte) error {
	raw, err := numberBytes(data, 8)
	if err != nil {
		return err
	}
	*d = make(Doubles, len(raw)/8)
	for i := range *d {
		(*d)[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return nil
}

func numberBytes(data []byte, size int) ([]byte, error) {
	var raw []byte
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	if len(raw)%size != 0 {
		return nil, fmt.Errorf("%d bytes are no whole number of float%d", len(raw), 8*size)
	}
	return raw, nil
}
