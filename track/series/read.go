package series

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
)

// A columnReader takes columns off the front; after an error it returns zeros. A
// column is valid until the next one is read. It is used again, so that it has
// its memory.
type columnReader struct {
	raw    []byte
	err    error
	memory []byte // of raw
	ints   [ChunkPoints]int64
	values [ChunkPoints]float64
}

var keepReaders = sync.Pool{New: func() any { return new(columnReader) }}

var errColumns = errors.New("columns of a series are damaged")

// readColumns begins to read columns of at most so many rows.
func readColumns(packed []byte, most int) (*columnReader, int, error) {
	c := keepReaders.Get().(*columnReader)
	c.err = nil
	if err := c.unpack(packed); err != nil {
		keepReaders.Put(c)
		return nil, 0, err
	}
	n, size := binary.Uvarint(c.raw)
	if size <= 0 || n > uint64(most) {
		keepReaders.Put(c)
		return nil, 0, errColumns
	}
	c.raw = c.raw[size:]
	return c, int(n), nil
}

func (c *columnReader) unpack(packed []byte) error {
	switch {
	case len(packed) == 0:
	case packed[0] == asItIs:
		c.raw = packed[1:]
		return nil
	case packed[0] == asZstd:
		raw, err := unpacker.DecodeAll(packed[1:], c.memory[:0])
		if err != nil {
			return fmt.Errorf("%w: %w", errColumns, err)
		}
		c.raw, c.memory = raw, raw
		return nil
	}
	return errColumns
}

func (c *columnReader) fail() { c.err, c.raw = errColumns, nil }

func (c *columnReader) whole(n int) []int64 {
	out := c.ints[:n]
	last, step := int64(0), int64(0)
	raw := c.raw
	for i := range out {
		var d int64
		if len(raw) > 0 && raw[0] < 0x80 { // most often
			d = int64(raw[0]>>1) ^ -int64(raw[0]&1)
			raw = raw[1:]
		} else {
			v, size := binary.Varint(raw)
			if size <= 0 {
				c.fail()
				clear(out)
				return out
			}
			d, raw = v, raw[size:]
		}
		step += d
		last += step
		out[i] = last
	}
	c.raw = raw
	return out
}

func (c *columnReader) floats(n int) []float64 {
	out := c.values[:n]
	clear(out)
	if len(c.raw) == 0 {
		if n > 0 {
			c.fail()
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
		c.planes32(out)
	case asFloat64:
		c.planes64(out)
	default:
		c.fail()
	}
	return out
}

// planes32 and planes64 put words together from planes of bytes, of which each
// is combined with the one before.
func (c *columnReader) planes32(out []float64) {
	n := len(out)
	if len(c.raw) < 4*n {
		c.fail()
		return
	}
	p0, p1, p2, p3 := c.raw[:n], c.raw[n:][:n], c.raw[2*n:][:n], c.raw[3*n:][:n]
	c.raw = c.raw[4*n:]
	word := uint32(0)
	for i := range out {
		word ^= uint32(p0[i]) | uint32(p1[i])<<8 | uint32(p2[i])<<16 | uint32(p3[i])<<24
		out[i] = float64(math.Float32frombits(word))
	}
}

func (c *columnReader) planes64(out []float64) {
	n := len(out)
	if len(c.raw) < 8*n {
		c.fail()
		return
	}
	word := uint64(0)
	for i := range out {
		for b := range 8 {
			word ^= uint64(c.raw[b*n+i]) << (8 * b)
		}
		out[i] = math.Float64frombits(word)
	}
	c.raw = c.raw[8*n:]
}
