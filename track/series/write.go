package series

import (
	"encoding/binary"
	"math"
	"sync"
)

// A columnWriter writes columns one behind the other. It is used again, so that
// it has its memory.
type columnWriter struct {
	raw    []byte
	floats []float64 // the column that is being written
	ints   []int64
}

var keepColumns = sync.Pool{New: func() any { return new(columnWriter) }}

func takeColumns() *columnWriter {
	c := keepColumns.Get().(*columnWriter)
	c.raw = c.raw[:0]
	return c
}

func (c *columnWriter) points(points []Point) {
	c.raw = binary.AppendUvarint(c.raw, uint64(len(points)))
	c.reset()
	for i := range points {
		c.floats = append(c.floats, points[i].Step)
	}
	c.writeFloats()
	c.reset()
	for i := range points {
		c.ints = append(c.ints, points[i].Time)
	}
	c.writeWhole()
	c.reset()
	for i := range points {
		c.floats = append(c.floats, points[i].Value)
	}
	c.writeFloats()
}

func (c *columnWriter) nodes(nodes []Summary) {
	c.raw = binary.AppendUvarint(c.raw, uint64(len(nodes)))
	for _, of := range wholes {
		c.reset()
		for i := range nodes {
			c.ints = append(c.ints, *of(&nodes[i]))
		}
		c.writeWhole()
	}
	for _, of := range floats {
		c.reset()
		for i := range nodes {
			c.floats = append(c.floats, *of(&nodes[i]))
		}
		c.writeFloats()
	}
}

func (c *columnWriter) reset() { c.floats, c.ints = c.floats[:0], c.ints[:0] }

func (c *columnWriter) writeWhole() {
	last, step := int64(0), int64(0)
	raw := c.raw
	for _, v := range c.ints {
		d := v - last
		change := d - step
		zigzag := uint64(change)<<1 ^ uint64(change>>63)
		for zigzag >= 0x80 {
			raw = append(raw, byte(zigzag)|0x80)
			zigzag >>= 7
		}
		raw = append(raw, byte(zigzag))
		last, step = v, d
	}
	c.raw = raw
}

// mostWhole bounds whole floats, so that none is rounded on the way.
const mostWhole = 1 << 53

func (c *columnWriter) writeFloats() {
	switch {
	case c.allWhole():
		c.raw = append(c.raw, asWhole)
		c.ints = c.ints[:0]
		for _, v := range c.floats {
			c.ints = append(c.ints, int64(v))
		}
		c.writeWhole()
	case c.allSingle():
		c.raw = append(c.raw, asFloat32)
		c.writePlanes(4)
	default:
		c.raw = append(c.raw, asFloat64)
		c.writePlanes(8)
	}
}

func (c *columnWriter) allWhole() bool {
	for _, v := range c.floats {
		if !(v >= -mostWhole && v <= mostWhole) || float64(int64(v)) != v || v == 0 && math.Signbit(v) {
			return false
		}
	}
	return true
}

func (c *columnWriter) allSingle() bool {
	for _, v := range c.floats {
		if math.Float64bits(float64(float32(v))) != math.Float64bits(v) {
			return false
		}
	}
	return true
}

// writePlanes writes words of some bytes, each combined with the one before:
// first the lowest byte of all of them, at last the highest.
func (c *columnWriter) writePlanes(bytes int) {
	n, from := len(c.floats), len(c.raw)
	c.raw = append(c.raw, make([]byte, n*bytes)...)
	last := uint64(0)
	for i, v := range c.floats {
		word := math.Float64bits(v)
		if bytes == 4 {
			word = uint64(math.Float32bits(float32(v)))
		}
		change := word ^ last
		last = word
		for b := range bytes {
			c.raw[from+b*n+i] = byte(change >> (8 * b))
		}
	}
}
