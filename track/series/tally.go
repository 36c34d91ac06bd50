package series

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A Tally is what is known of a series without looking at its points.
type Tally struct {
	Summary       // of all points; without one its Count is 0
	Latest  Point // see LatestAt, at the greatest step
}

// Tally tells of all points.
func (a *Appender) Tally() Tally { return Tally{a.Total(), a.latest} }

// tallyBytes is how long an encoded tally is.
const tallyBytes = 14 * 8

// EncodeTally returns a tally as bytes: tables of runs read very many of them, so
// that they are not compressed.
func EncodeTally(t Tally) []byte {
	raw := make([]byte, 0, tallyBytes)
	for _, n := range []int64{t.Count, t.NonFinite, t.MinTime, t.MaxTime, t.Latest.Time} {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(n))
	}
	for _, f := range []float64{t.Min, t.Max, t.Sum, t.First, t.Last, t.MinStep, t.MaxStep, t.Latest.Step, t.Latest.Value} {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(f))
	}
	return raw
}

// DecodeTally is the reverse of EncodeTally.
func DecodeTally(raw []byte) (Tally, error) {
	var t Tally
	if len(raw) != tallyBytes {
		return t, fmt.Errorf("a tally of %d bytes, not %d", len(raw), tallyBytes)
	}
	for _, n := range []*int64{&t.Count, &t.NonFinite, &t.MinTime, &t.MaxTime, &t.Latest.Time} {
		*n = int64(binary.LittleEndian.Uint64(raw))
		raw = raw[8:]
	}
	for _, f := range []*float64{&t.Min, &t.Max, &t.Sum, &t.First, &t.Last, &t.MinStep, &t.MaxStep, &t.Latest.Step, &t.Latest.Value} {
		*f = math.Float64frombits(binary.LittleEndian.Uint64(raw))
		raw = raw[8:]
	}
	return t, nil
}
