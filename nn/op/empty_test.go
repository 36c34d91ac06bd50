package op_test

import (
	"runtime"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestHugeAndEmpty gives every operator tensors that have no elements but a
// large extent, which a file of a few bytes can declare. An operator and its
// gradient may work through a megabyte of extents, and not through its square.
func TestHugeAndEmpty(t *testing.T) {
	const huge = 1 << 16
	for _, o := range op.All() {
		if o.MinIn == 0 {
			continue
		}
		var before, after runtime.MemStats
		for _, shape := range [][]int{
			{huge, 0}, {0, huge}, {huge, 0, 3}, {0, huge, 3}, {huge, 3, 0}, {1, 0, huge},
			{huge, 0, 4, 4}, {0, huge, 4, 4}, {huge, 1, 0, 4}, {0, 1, 4, huge}, {1, 0, 1, huge},
		} {
			for _, rest := range [][]int{shape, {1, 1, 3}} {
				for _, attrs := range []ir.Attrs{nil, ir.Pairs(
					"kernel_shape", []int{2}, "size", 2, "num_groups", 1, "equation", "ij->i", "hidden_size", 1, "axis", 0, "border", []int{0, 0, 0, 0}, "num_heads", 1,
				)} {
					n := &ir.Node{Name: "n", Op: o.Name, Domain: o.Domain, Version: 20, Attrs: attrs, Outputs: []ir.ValueID{20, 21, 22}}
					in := make([]*tensor.Tensor, o.MinIn)
					for i := range in {
						n.Inputs = append(n.Inputs, ir.ValueID(i))
						if in[i] = tensor.New(tensor.Float32, rest...); i == 0 {
							in[i] = tensor.New(tensor.Float32, shape...)
						}
					}
					runtime.ReadMemStats(&before)
					if msg := survives(n, in); msg != "" {
						t.Fatal(msg)
					}
					runtime.ReadMemStats(&after)
					if taken := after.TotalAlloc - before.TotalAlloc; taken > 256<<20 {
						t.Errorf("%s%v %v took %d MiB", o.Name, in, attrs, taken>>20)
					}
				}
			}
		}
	}
}

func TestAbsurdExtentsAreRefused(t *testing.T) {
	refuses(t, "Relu", nil, "no shape of data", tensor.New(tensor.Float32, 1<<30, 0))
}
