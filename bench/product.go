package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tomo-viz/tomo/nn/kernel"
)

// A product is a matrix product C = A·B that the engine meets.
type product struct {
	M, N, K int
	// Where is where it comes from.
	Where string
	// Packed says which operand is constant, so that it is packed once: 'A', 'B'
	// or 0 for none.
	Packed byte
}

var products = []product{
	{1024, 1024, 1024, "square", 0},
	{1024, 1024, 1024, "square", 'A'},
	{64, 3136, 576, "3×3 convolution at 56×56", 'A'},
	{512, 49, 4608, "3×3 convolution at 7×7", 'A'},
	{2048, 49, 512, "1×1 convolution at 7×7", 'A'},
	{197, 768, 768, "ViT-B projection", 'B'},
	{197, 3072, 768, "ViT-B MLP", 'B'},
	{128, 1536, 384, "MiniLM MLP", 'B'},
	{576, 64, 3136, "gradient of weights", 0},
	{1, 4096, 4096, "matrix by vector", 'B'},
}

// A productRow is how fast a product runs.
type productRow struct {
	product
	Rate float64 `json:"rate"` // operations a second, median
	Peak float64 `json:"peak"`
}

func (p product) String() string { return fmt.Sprintf("%d×%d×%d", p.M, p.N, p.K) }

// measureProducts measures all products in this process.
func (o *options) measureProducts(ctx context.Context) []productRow {
	pool := kernel.NewPool(o.threads)
	defer pool.Close()
	var rows []productRow
	for _, p := range products {
		rows = append(rows, productRow{p, p.rate(pool.Team(ctx), o.rounds), o.fmaPeak(ctx)})
	}
	return rows
}

// rate runs the product for some turns.
func (p product) rate(team *kernel.Team, rounds int) float64 {
	a := kernel.RowMajor(noise(p.M*p.K), p.M, p.K)
	b := kernel.RowMajor(noise(p.K*p.N), p.K, p.N)
	c := kernel.RowMajor(make([]float32, p.M*p.N), p.M, p.N)
	switch p.Packed {
	case 'A':
		a = a.PackLeft()
	case 'B':
		b = b.PackRight()
	}
	once := func() float64 {
		start := time.Now()
		kernel.Gemm(team, c, a, b, kernel.Epilogue{})
		return time.Since(start).Seconds()
	}
	once()
	var seconds []float64
	for start := time.Now(); len(seconds) < rounds || time.Since(start) < turn; {
		seconds = append(seconds, once())
	}
	return 2 * float64(p.M) * float64(p.N) * float64(p.K) / newTiming(seconds).Median
}

func noise(n int) []float32 {
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	list := make([]float32, n)
	for i := range list {
		list[i] = random.Float32() - 0.5
	}
	return list
}
