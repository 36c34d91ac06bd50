package tfevents

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track/protofield"
)

// A HistogramValue is what a HistogramProto holds
// (tensorflow/core/framework/summary.proto).
type HistogramValue struct {
	Min, Max, Sum, SumSquares float64
	// Limits are the right edges of the buckets, and Counts how many numbers lie
	// in each. The first bucket may reach from -MaxFloat64, the last to MaxFloat64.
	Limits, Counts []float64
}

// maxBuckets bounds a histogram.
const maxBuckets = 1 << 20

// Fields of HistogramProto.
const histogramMin, histogramMax, histogramSum, histogramSquares, histogramLimit, histogramBucket = 1, 2, 4, 5, 6, 7

// ParseHistogram reads a serialized HistogramProto.
func ParseHistogram(data []byte) (*HistogramValue, error) {
	h := &HistogramValue{}
	err := protofield.Each(data, func(f *protofield.Field) (err error) {
		switch f.Number {
		case histogramMin:
			h.Min = math.Float64frombits(f.Word)
		case histogramMax:
			h.Max = math.Float64frombits(f.Word)
		case histogramSum:
			h.Sum = math.Float64frombits(f.Word)
		case histogramSquares:
			h.SumSquares = math.Float64frombits(f.Word)
		case histogramLimit:
			h.Limits, err = appendDoubles(h.Limits, f)
		case histogramBucket:
			h.Counts, err = appendDoubles(h.Counts, f)
		}
		return err
	})
	if err == nil && len(h.Limits) != len(h.Counts) {
		err = fmt.Errorf("a histogram of %d limits and %d counts", len(h.Limits), len(h.Counts))
	}
	return h, err
}

// appendDoubles reads numbers, one by one or packed.
func appendDoubles(list []float64, f *protofield.Field) ([]float64, error) {
	if len(list)+len(f.Bytes)/8 > maxBuckets {
		return nil, fmt.Errorf("a histogram of more than %d buckets", maxBuckets)
	}
	if f.Bytes == nil {
		return append(list, math.Float64frombits(f.Word)), nil
	}
	for data := f.Bytes; len(data) > 0; {
		word, n := protowire.ConsumeFixed64(data)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		list = append(list, math.Float64frombits(word))
		data = data[n:]
	}
	return list, nil
}

// EncodedImage returns the file that a serialized Summary.Image holds, mostly a
// PNG; it lies in data.
func EncodedImage(data []byte) (file []byte, err error) {
	const encoded = 4
	err = protofield.Each(data, func(f *protofield.Field) error {
		if f.Number == encoded {
			file = f.Bytes
		}
		return nil
	})
	return file, err
}

// ParseScalar reads a serialized TensorProto that holds one number.
func ParseScalar(data []byte) (float64, error) {
	if v, ok := plainScalar(data); ok {
		return v, nil
	}
	t, err := ParseTensor(data)
	if err != nil {
		return 0, err
	}
	if len(t.Numbers) != 1 {
		return 0, fmt.Errorf("a scalar of shape %v", t.Shape)
	}
	return t.Numbers[0], nil
}

// plainScalar reads the two spellings that nearly all scalars have, a float of
// no dimensions in a list of one or as raw bytes, without taking memory.
func plainScalar(data []byte) (v float64, ok bool) {
	kind, found := uint64(0), 0
	var f protofield.Field
	for len(data) > 0 {
		var err error
		if data, err = f.Next(data); err != nil {
			return 0, false
		}
		switch {
		case f.Number == tensorType:
			kind = f.Word
		case f.Number == tensorShape && len(f.Bytes) == 0:
		case f.Number == tensorFloat && f.Bytes == nil:
			v, found = float64(math.Float32frombits(uint32(f.Word))), found+1
		case (f.Number == tensorFloat || f.Number == tensorContent) && len(f.Bytes) == 4:
			word, _ := protowire.ConsumeFixed32(f.Bytes)
			v, found = float64(math.Float32frombits(word)), found+1
		default:
			return 0, false
		}
	}
	return v, found == 1 && kind == dtFloat
}
