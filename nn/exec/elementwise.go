package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// grain is how many numbers of an elementwise function are worth a task.
const grain = 1 << 14

// elementwise makes a stage that computes element i of out from elements i of
// the inputs, all of one size. f works on parts of them, on several threads.
func elementwise(inputs []ir.ValueID, out ir.ValueID, f func(dst []float32, src [][]float32)) *stage {
	return &stage{
		reads: inputs, writes: []ir.ValueID{out}, over: inputs, elementwise: true,
		run: func(r *run) error {
			dst := r.out(out)
			r.team.Ranges(len(dst), grain, func(lo, hi int) {
				src := make([][]float32, len(inputs))
				for i, v := range inputs {
					src[i] = r.in(v)[lo:hi]
				}
				f(dst[lo:hi], src)
			})
			return nil
		},
	}
}
