package kernel_test

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/nn/kernel"
)

func ExampleGemm() {
	a := kernel.RowMajor([]float32{
		1, 2, 3,
		4, 5, 6,
	}, 2, 3)
	b := kernel.RowMajor([]float32{
		1, 0, -1,
		0, 1, -1,
	}, 2, 3)
	c := kernel.RowMajor(make([]float32, 4), 2, 2)
	// C = relu(A*B' + bias)
	kernel.Gemm(nil, c, a, b.T(), kernel.Epilogue{
		ColBias: []float32{10, 0},
		Act:     kernel.Activation{Kind: kernel.ActRelu},
	})
	fmt.Println(c.Data)
	// Output: [8 0 8 0]
}

func ExampleConv() {
	pool := kernel.NewPool(2)
	defer pool.Close()
	team := pool.Team(context.Background())

	edges := []float32{-1, 0, 1} // the difference of both neighbours
	spec := kernel.ConvSpec{Window: kernel.Window1D(6, 3), Channels: 1, Filters: 1, Groups: 1}
	conv := kernel.NewConv(spec, edges)
	y := make([]float32, spec.OutSize())
	conv.Run(team, 1, y, []float32{1, 1, 1, 5, 5, 5}, kernel.Epilogue{})
	fmt.Println(y)
	// Output: [0 4 4 0]
}

func ExampleTeam_Ranges() {
	pool := kernel.NewPool(2)
	defer pool.Close()
	x := []float32{1, 2, 3, 4, 5}
	pool.Team(context.Background()).Ranges(len(x), 2, func(lo, hi int) {
		kernel.Scale(x[lo:hi], x[lo:hi], 10)
	})
	fmt.Println(x)
	// Output: [10 20 30 40 50]
}
