package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestObserve asserts that an observer is told of every node once, fused or
// not, with all the work, and sees the values that come out.
func TestObserve(t *testing.T) {
	g := zoo.SqueezeNet11(1)
	x := tensor.New(tensor.Float32, 1, 3, 224, 224)
	for i := range x.F32() {
		x.F32()[i] = float32(i%17)/8 - 1
	}
	out := g.Outputs[0]
	for how, e := range map[string]exec.Executor{"native": exec.Native(exec.Options{}), "unfused": exec.Native(exec.Options{Unfused: true}), "plain": exec.Plain()} {
		if testing.Short() && how == "plain" {
			continue
		}
		t.Run(how, func(t *testing.T) {
			nodes := map[string]int{}
			var cost op.Cost
			var last, longest int
			var top float32
			ctx := exec.Observe(t.Context(), func(s *exec.Step) {
				for _, n := range s.Nodes {
					nodes[n.Op]++
				}
				c := s.Cost()
				cost.MACs += c.MACs
				longest = max(longest, len(s.Nodes))
				for _, v := range s.Writes {
					if v == out {
						last++
						top = s.Value(v).F32()[0]
					}
				}
				if s.Kernel == (e.Name() == "plain") {
					t.Errorf("%s (%s): kernel is %v", s.Nodes[0].Name, s.Nodes[0].Op, s.Kernel)
				}
			})
			y, err := exec.NewSession(g, e).Run(ctx, map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x}, out)
			if err != nil {
				t.Fatal(err)
			}
			// SqueezeNet 1.1 has 26 convolutions and, as torchvision counts them,
			// 0.349 billion multiply-accumulates.
			if nodes["Conv"] != 26 || nodes["Relu"] != 26 || cost.MACs < 348e6 || cost.MACs > 350e6 {
				t.Errorf("%d Conv, %d Relu and %d MACs were observed", nodes["Conv"], nodes["Relu"], cost.MACs)
			}
			if last != 1 || top != y[0].F32()[0] {
				t.Errorf("the output was seen %d times, as %v where it is %v", last, top, y[0].F32()[0])
			}
			if fuses := how == "native"; fuses != (longest > 1) {
				t.Errorf("a step has up to %d nodes", longest)
			}
		})
	}
}
