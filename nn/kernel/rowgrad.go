package kernel

import "fmt"

// SoftmaxGrad sets each row of dx to y*(dy - sum(dy*y)), the gradient of the input
// of a softmax with the outputs y.
func SoftmaxGrad(t *Team, dx, dy, y []float32, rows, cols int) {
	checkRows("the gradient of softmax", rows, cols, len(dx), len(dy), len(y))
	t.Ranges(rows, rowGrain/max(1, cols), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			g, p := dy[r*cols:(r+1)*cols], y[r*cols:(r+1)*cols]
			to := dx[r*cols : (r+1)*cols]
			AddScalar(to, g, -Dot(g, p))
			Mul(to, to, p)
		}
	})
}

// normBlock is how many rows add up to one partial sum of the gradient of gamma,
// whatever the number of threads.
const normBlock = 32

// LayerNormGrad computes the gradients of [LayerNorm] from dy: dx of its input x,
// and dgamma. Either may be nil. With d = dy*gamma and the row standardized, h,
// each row of dx is inv*(d - mean(d) - h*mean(d*h)).
func LayerNormGrad(t *Team, dx, dgamma, dy, x, gamma []float32, rows, cols int, eps float32) {
	checkRows("the gradient of layer norm", rows, cols, len(dy), len(x))
	if dx != nil && len(dx) < rows*cols || len(gamma) < cols || dgamma != nil && len(dgamma) < cols {
		panic(fmt.Sprintf("kernel: the gradient of layer norm of %d rows of %d numbers with gamma of %d to %d and %d",
			rows, cols, len(gamma), len(dx), len(dgamma)))
	}
	blocks := (rows + normBlock - 1) / normBlock
	var sums *scratch // of dy*h, block by block
	if dgamma != nil {
		sums = borrow(blocks * cols)
		defer sums.giveBack()
	}
	t.Ranges(blocks, rowGrain/max(1, normBlock*cols), func(lo, hi int) {
		s := borrow(2 * cols)
		defer s.giveBack()
		g := normGrad{h: s.f[:cols], d: s.f[cols:], gamma: gamma[:cols], eps: eps}
		for b := lo; b < hi; b++ {
			if sums != nil {
				g.sum = sums.f[b*cols : (b+1)*cols]
				clear(g.sum)
			}
			for r := b * normBlock; r < min(rows, (b+1)*normBlock); r++ {
				g.row(dx, dy, x, r*cols, (r+1)*cols)
			}
		}
	})
	if dgamma != nil {
		clear(dgamma[:cols])
		for b := range blocks {
			Add(dgamma[:cols], dgamma[:cols], sums.f[b*cols:])
		}
	}
}

// normGrad is the gradient of layer norm under way: room for a standardized row
// and for what comes through gamma, and the sum of a block, nil if not wanted.
type normGrad struct {
	h, d, sum, gamma []float32
	eps              float32
}

// row adds dy*h of the row [lo, hi) to the sum and computes its dx.
func (g *normGrad) row(dx, dy, x []float32, lo, hi int) {
	_, inv := normRow(g.h, x[lo:hi], nil, nil, g.eps)
	if g.sum != nil {
		Mul(g.d, dy[lo:hi], g.h)
		Add(g.sum, g.sum, g.d)
	}
	if dx == nil {
		return
	}
	n := float32(hi - lo)
	Mul(g.d, dy[lo:hi], g.gamma)
	mean, along := Sum(g.d)/n, Dot(g.d, g.h)/n
	ScaleShift(dx[lo:hi], g.d, inv, -inv*mean)
	Axpy(dx[lo:hi], g.h, -inv*along)
}
