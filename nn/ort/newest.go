package ort

import (
	"errors"
	"math"
	"regexp"
	"strconv"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// newestOpset is the latest version of ONNX's operators that the library takes
// models of. It says so when it refuses a model of a later one, and nowhere
// else.
func (e *executor) newestOpset() int {
	l := e.lib
	l.newest.Do(func() {
		l.opset = math.MaxInt
		g := ir.New("question")
		g.Opsets[""] = 1000
		y := ir.NewBuilder(g, "").Op("Identity", nil, g.AddInput("x", tensor.Float32, ir.Shape{}))
		g.Values[y].DType, g.Outputs = tensor.Float32, []ir.ValueID{y}
		_, err := (&executor{lib: l, threads: e.threads}).newSession(g, make([]op.Type, len(g.Values)), 0)
		var refused *StatusError
		if !errors.As(err, &refused) {
			return
		}
		if found := supportedOpset.FindStringSubmatch(refused.Message); found != nil {
			l.opset, _ = strconv.Atoi(found[1])
		}
	})
	return l.opset
}

var supportedOpset = regexp.MustCompile(`domain ai\.onnx is till opset (\d+)`)
