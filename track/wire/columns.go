package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/track/series"
)

const magic = "tomo\x01"

// What the byte in front of a metric's columns says.
const (
	withTimes = 1 << iota
	consecutive
)

// besidePoints is what a batch has as JSON when its points are columns.
type besidePoints struct {
	Config  map[string]any    `json:"config,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Records []Record          `json:"records,omitempty"`
}

// AppendColumns writes a batch as columns behind what is there.
func AppendColumns(out []byte, b *Batch) ([]byte, error) {
	out = append(out, magic...)
	out = appendText(out, b.ID)
	out = binary.AppendUvarint(out, uint64(len(b.Metrics)))
	for _, m := range b.Metrics {
		out = appendText(out, m.Name)
		out = appendPoints(out, m.Points)
	}
	var rest []byte
	if len(b.Config)+len(b.Tags)+len(b.Records) > 0 {
		var err error
		if rest, err = json.Marshal(besidePoints{b.Config, b.Tags, b.Records}); err != nil {
			return nil, err
		}
	}
	return appendText(out, string(rest)), nil
}

func appendText(out []byte, text string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(text))), text...)
}

func appendPoints(out []byte, points []series.Point) []byte {
	kind := shapeOf(points)
	out = append(binary.AppendUvarint(out, uint64(len(points))), kind)
	for i, p := range points {
		if kind&consecutive != 0 && i > 0 {
			break
		}
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p.Step))
	}
	if kind&withTimes != 0 {
		for _, p := range points {
			out = binary.LittleEndian.AppendUint64(out, uint64(p.Time))
		}
	}
	for _, p := range points {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p.Value))
	}
	return out
}

func shapeOf(points []series.Point) byte {
	kind := byte(consecutive)
	for i, p := range points {
		if p.Time != 0 {
			kind |= withTimes
		}
		if p.Step != points[0].Step+float64(i) {
			kind &^= consecutive
		}
	}
	return kind
}

// DecodeColumns reads a batch as columns.
func DecodeColumns(raw []byte) (*Batch, error) {
	if len(raw) < len(magic) || string(raw[:len(magic)]) != magic {
		return nil, errors.New("it does not begin as columns do")
	}
	c := cursor{rest: raw[len(magic):]}
	b := &Batch{ID: c.text("the ID")}
	count := c.count("the number of metrics", 3) // a name's length, the points, a byte
	if count > MaxMetrics {
		return nil, errManyMetrics
	}
	b.Metrics = make([]Metric, 0, count)
	for i := range count {
		m := Metric{Name: c.text("a name")}
		m.Points = c.points()
		if c.err != nil {
			return nil, fmt.Errorf("metric %d, %.64q: %w", i, m.Name, c.err)
		}
		b.Metrics = append(b.Metrics, m)
	}
	rest := c.text("the JSON")
	if c.err != nil {
		return nil, c.err
	}
	if len(c.rest) > 0 {
		return nil, fmt.Errorf("%d bytes follow its end", len(c.rest))
	}
	if rest == "" {
		return b, nil
	}
	more, err := DecodeJSON([]byte(rest))
	if err != nil {
		return nil, err
	}
	b.Metrics = append(b.Metrics, more.Metrics...)
	b.Config, b.Tags, b.Records = more.Config, more.Tags, more.Records
	return b, nil
}

// A cursor takes what it reads off the front; after an error there is nothing.
type cursor struct {
	rest []byte
	err  error
}

// count reads how many things follow that take so many bytes each, at least.
func (c *cursor) count(what string, bytes int) int {
	v, size := binary.Uvarint(c.rest)
	switch {
	case c.err != nil:
		return 0
	case size <= 0:
		c.fail("it ends in %s", what)
		return 0
	case v > uint64(len(c.rest)/bytes):
		c.fail("%s is %d, and %d bytes follow", what, v, len(c.rest))
		return 0
	}
	c.rest = c.rest[size:]
	return int(v)
}

func (c *cursor) fail(format string, args ...any) {
	c.err, c.rest = fmt.Errorf(format, args...), nil
}

func (c *cursor) take(what string, n int) []byte {
	if n > len(c.rest) {
		if c.err == nil {
			c.fail("it ends in %s", what)
		}
		return nil
	}
	out := c.rest[:n]
	c.rest = c.rest[n:]
	return out
}

func (c *cursor) text(what string) string {
	return string(c.take(what, c.count("the length of "+what, 1)))
}

func (c *cursor) points() []series.Point {
	n := c.count("the number of points", 8)
	kind := c.take("a metric", 1)
	if len(kind) == 0 {
		return nil
	}
	if kind[0] > withTimes|consecutive {
		c.fail("there are no columns of kind %d", kind[0])
		return nil
	}
	var steps, times []byte
	if kind[0]&consecutive != 0 {
		steps = c.take("the steps", 8*min(n, 1))
	} else {
		steps = c.take("the steps", 8*n)
	}
	if kind[0]&withTimes != 0 {
		times = c.take("the times", 8*n)
	}
	values := c.take("the values", 8*n)
	if c.err != nil {
		return nil
	}
	out := make([]series.Point, n)
	for i := range out {
		p := &out[i]
		p.Value = float64At(values, i)
		if times != nil {
			p.Time = int64(binary.LittleEndian.Uint64(times[8*i:]))
		}
		if kind[0]&consecutive != 0 {
			p.Step = float64At(steps, 0) + float64(i)
		} else {
			p.Step = float64At(steps, i)
		}
	}
	return out
}

func float64At(raw []byte, i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
}
