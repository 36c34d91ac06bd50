package series

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"
)

// Points and summaries are kept column by column, each turned into small or
// similar numbers first, and all compressed by zstd:
//
//   - times and whole steps as differences of differences, in zigzag varints:
//     what grows evenly is zeros;
//   - other floats as the exclusive-or with the one before, in planes of bytes,
//     in four bytes where all of them are float32.
//
// A byte in front of each column of floats tells which it is.
const (
	asWhole byte = iota
	asFloat32
	asFloat64
)

var (
	packer, _   = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(0))
	unpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(64<<20))
)

// EncodePoints returns the compressed columns of up to ChunkPoints points.
func EncodePoints(points []Point) []byte {
	c := takeColumns()
	defer keepColumns.Put(c)
	c.points(points)
	return pack(c.raw)
}

// EncodeLoose is EncodePoints for points that are soon encoded again, together
// with others: it takes less time and more room.
func EncodeLoose(points []Point) []byte {
	c := takeColumns()
	defer keepColumns.Put(c)
	c.points(points)
	return append([]byte{asItIs}, c.raw...)
}

// DecodePoints is the reverse of EncodePoints.
func DecodePoints(packed []byte) ([]Point, error) {
	c, n, err := open(packed, ChunkPoints)
	if err != nil {
		return nil, err
	}
	steps, times, values := c.floats(n), c.whole(n), c.floats(n)
	if c.err != nil {
		return nil, c.err
	}
	points := make([]Point, n)
	for i := range points {
		points[i] = Point{steps[i], times[i], values[i]}
	}
	return points, nil
}

// EncodeNodes returns the compressed columns of up to BlockNodes summaries.
func EncodeNodes(nodes []Summary) []byte {
	c := takeColumns()
	defer keepColumns.Put(c)
	c.nodes(nodes)
	return pack(c.raw)
}

// DecodeNodes is the reverse of EncodeNodes.
func DecodeNodes(packed []byte) ([]Summary, error) {
	c, n, err := open(packed, BlockNodes)
	if err != nil {
		return nil, err
	}
	nodes := make([]Summary, n)
	for _, of := range wholes {
		for i, v := range c.whole(n) {
			*of(&nodes[i]) = v
		}
	}
	for _, of := range floats {
		for i, v := range c.floats(n) {
			*of(&nodes[i]) = v
		}
	}
	return nodes, c.err
}

// The columns of summaries.
var (
	wholes = []func(*Summary) *int64{
		func(s *Summary) *int64 { return &s.Count }, func(s *Summary) *int64 { return &s.NonFinite },
		func(s *Summary) *int64 { return &s.MinTime }, func(s *Summary) *int64 { return &s.MaxTime },
	}
	floats = []func(*Summary) *float64{
		func(s *Summary) *float64 { return &s.MinStep }, func(s *Summary) *float64 { return &s.MaxStep },
		func(s *Summary) *float64 { return &s.Min }, func(s *Summary) *float64 { return &s.Max },
		func(s *Summary) *float64 { return &s.Sum },
		func(s *Summary) *float64 { return &s.First }, func(s *Summary) *float64 { return &s.Last },
	}
)

// What is short, or no shorter when compressed, is kept as it is.
const (
	asItIs byte = iota
	asZstd
)

const shortest = 128 // bytes that are worth compressing

func pack(raw []byte) []byte {
	if len(raw) >= shortest {
		packed := packer.EncodeAll(raw, append(make([]byte, 0, len(raw)), asZstd))
		if len(packed) <= len(raw) {
			return packed
		}
	}
	return append([]byte{asItIs}, raw...)
}

func unpack(packed []byte) ([]byte, error) {
	switch {
	case len(packed) == 0:
	case packed[0] == asItIs:
		return packed[1:], nil
	case packed[0] == asZstd:
		raw, err := unpacker.DecodeAll(packed[1:], nil)
		if err != nil {
			err = fmt.Errorf("%w: %w", errColumns, err)
		}
		return raw, err
	}
	return nil, errColumns
}

// A columnReader takes columns off the front; after an error it returns zeros.
type columnReader struct {
	raw []byte
	err error
}

var errColumns = errors.New("columns of a series are damaged")

func open(packed []byte, most int) (*columnReader, int, error) {
	raw, err := unpack(packed)
	if err != nil {
		return nil, 0, err
	}
	n, size := binary.Uvarint(raw)
	if size <= 0 || n > uint64(most) {
		return nil, 0, errColumns
	}
	return &columnReader{raw: raw[size:]}, int(n), nil
}

func (c *columnReader) whole(n int) []int64 {
	out := make([]int64, n)
	last, step := int64(0), int64(0)
	for i := range out {
		d, size := binary.Varint(c.raw)
		if size <= 0 {
			c.err, c.raw = errColumns, nil
			return out
		}
		c.raw = c.raw[size:]
		step += d
		last += step
		out[i] = last
	}
	return out
}

func (c *columnReader) floats(n int) []float64 {
	out := make([]float64, n)
	if len(c.raw) == 0 {
		if n > 0 {
			c.err = errColumns
		}
		return out
	}
	kind := c.raw[0]
	c.raw = c.raw[1:]
	switch kind {
	case asWhole:
		for i, v := range c.whole(n) {
			out[i] = float64(v)
		}
	case asFloat32:
		for i, w := range c.planes(4, n) {
			out[i] = float64(math.Float32frombits(uint32(w)))
		}
	case asFloat64:
		for i, w := range c.planes(8, n) {
			out[i] = math.Float64frombits(w)
		}
	default:
		c.err = errColumns
	}
	return out
}

func (c *columnReader) planes(bytes, n int) []uint64 {
	out := make([]uint64, n)
	if len(c.raw) < bytes*n {
		c.err, c.raw = errColumns, nil
		return out
	}
	for b := range bytes {
		last := byte(0)
		for i, v := range c.raw[:n] {
			last ^= v
			out[i] |= uint64(last) << (8 * b)
		}
		c.raw = c.raw[n:]
	}
	return out
}
