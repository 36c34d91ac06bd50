package series

import (
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
	c, n, err := readColumns(packed, ChunkPoints)
	if err != nil {
		return nil, err
	}
	defer keepReaders.Put(c)
	points := make([]Point, n)
	for i, v := range c.floats(n) {
		points[i].Step = v
	}
	for i, v := range c.whole(n) {
		points[i].Time = v
	}
	for i, v := range c.floats(n) {
		points[i].Value = v
	}
	if c.err != nil {
		return nil, c.err
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
	c, n, err := readColumns(packed, BlockNodes)
	if err != nil {
		return nil, err
	}
	defer keepReaders.Put(c)
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
