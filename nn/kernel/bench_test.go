package kernel

import (
	"context"
	"fmt"
	"testing"
)

// onEachThreadCount runs a benchmark with one thread and with all.
func onEachThreadCount(b *testing.B, bench func(b *testing.B, team *Team)) {
	b.Run("one", func(b *testing.B) { bench(b, nil) })
	b.Run("all", func(b *testing.B) { bench(b, SharedPool().Team(context.Background())) })
}

// rate reports multiply-adds per iteration as GFLOP/s.
func rate(b *testing.B, products int) {
	b.ReportMetric(2*float64(products)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkPeak multiplies tiles whose operands stay in the first cache: what the
// processor can do at most.
func BenchmarkPeak(b *testing.B) {
	r, tile := newRand(), &active.tile
	const depth = 128
	x, y := noise(r, tile.height*depth), noise(r, tile.width*depth)
	c := make([]float32, tile.height*tile.width)
	for b.Loop() {
		for range 1000 {
			tile.multiply[tile.height](x, y, tile.rows[:depth], c, tile.width, tile.width, 1, false)
		}
	}
	rate(b, 1000*tile.height*tile.width*depth)
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range [][3]int{
		{1024, 1024, 1024}, {64, 3136, 576}, {512, 49, 4608}, {2048, 49, 512}, {64, 3136, 64},
		{128, 1536, 384}, {384, 128, 1536}, {1, 1000, 512}, {1, 4096, 4096}, {197, 768, 768},
	} {
		m, n, k := s[0], s[1], s[2]
		r := newRand()
		x, y, c := RowMajor(noise(r, m*k), m, k), RowMajor(noise(r, k*n), k, n), RowMajor(make([]float32, m*n), m, n)
		left, right := x.PackLeft(), y.PackRight()
		for _, v := range []struct {
			name string
			a, b Mat
		}{{"plain", x, y}, {"left", left, y}, {"right", x, right}} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, v.name), func(b *testing.B) {
				onEachThreadCount(b, func(b *testing.B, team *Team) {
					for b.Loop() {
						Gemm(team, c, v.a, v.b, Epilogue{})
					}
					rate(b, m*n*k)
				})
			})
		}
	}
}

// BenchmarkAttention multiplies the queries and keys of 12 heads of 128 tokens,
// and the weights with the values.
func BenchmarkAttention(b *testing.B) {
	const heads, tokens, size = 12, 128, 64
	r := newRand()
	q, k := RowMajor(noise(r, heads*tokens*size), tokens, size), RowMajor(noise(r, heads*tokens*size), tokens, size)
	w := RowMajor(noise(r, heads*tokens*tokens), tokens, tokens)
	var keys, values []Offsets
	for h := range heads {
		keys = append(keys, Offsets{C: h * tokens * tokens, A: h * tokens * size, B: h * tokens * size})
		values = append(values, Offsets{C: h * tokens * size, A: h * tokens * tokens, B: h * tokens * size})
	}
	onEachThreadCount(b, func(b *testing.B, team *Team) {
		for b.Loop() {
			GemmBatch(team, w, q, k.T(), Epilogue{Alpha: 0.125}, keys)
			GemmBatch(team, q, w, k, Epilogue{}, values)
		}
		rate(b, 2*heads*tokens*tokens*size)
	})
}

// benchSpecs are layers of ResNet-18 and MobileNetV2.
var benchSpecs = []struct {
	name                                        string
	channels, filters, groups, size, kernel, by int
}{
	{"stem", 3, 64, 1, 224, 7, 2},
	{"res2", 64, 64, 1, 56, 3, 1},
	{"res3", 128, 128, 1, 28, 3, 1},
	{"res4", 256, 256, 1, 14, 3, 1},
	{"res5", 512, 512, 1, 7, 3, 1},
	{"res3down", 64, 128, 1, 56, 3, 2},
	{"short3", 64, 128, 1, 56, 1, 2},
	{"expand", 24, 144, 1, 56, 1, 1},
	{"deep7", 320, 1280, 1, 7, 1, 1},
	{"depth112", 32, 32, 32, 112, 3, 1},
	{"depth56by2", 144, 144, 144, 56, 3, 2},
	{"depth7", 960, 960, 960, 7, 3, 1},
}

func benchConvs(b *testing.B, bench func(b *testing.B, s ConvSpec, team *Team)) {
	for _, l := range benchSpecs {
		s := ConvSpec{Window: Window2D(l.size, l.size, l.kernel, l.kernel), Channels: l.channels, Filters: l.filters, Groups: l.groups}
		for i := 1; i < 3; i++ {
			s.Stride[i], s.PadLo[i], s.PadHi[i] = l.by, l.kernel/2, l.kernel/2
		}
		b.Run(l.name, func(b *testing.B) {
			onEachThreadCount(b, func(b *testing.B, team *Team) {
				bench(b, s, team)
				rate(b, s.WeightSize()*volume(s.Out()))
			})
		})
	}
}

func BenchmarkConv(b *testing.B) {
	benchConvs(b, func(b *testing.B, s ConvSpec, team *Team) {
		r := newRand()
		x, y, bias := noise(r, s.InSize()), make([]float32, s.OutSize()), noise(r, s.Filters)
		c := NewConv(s, noise(r, s.WeightSize()))
		for b.Loop() {
			c.Run(team, 1, y, x, Epilogue{RowBias: bias, Act: Activation{Kind: ActRelu}})
		}
	})
}

func BenchmarkConvInputGrad(b *testing.B) {
	benchConvs(b, func(b *testing.B, s ConvSpec, team *Team) {
		r := newRand()
		dx, dy := make([]float32, s.InSize()), noise(r, s.OutSize())
		c := NewConvInputGrad(s, noise(r, s.WeightSize()))
		for b.Loop() {
			c.Run(team, 1, dx, dy, Epilogue{})
		}
	})
}

func BenchmarkConvWeightGrad(b *testing.B) {
	benchConvs(b, func(b *testing.B, s ConvSpec, team *Team) {
		r := newRand()
		x, dy, dw := noise(r, s.InSize()), noise(r, s.OutSize()), make([]float32, s.WeightSize())
		for b.Loop() {
			ConvWeightGrad(team, s, 1, dw, x, dy, false)
		}
	})
}

// BenchmarkFunctions runs over numbers that lie in the second cache.
func BenchmarkFunctions(b *testing.B) {
	r := newRand()
	src, other, dst := noise(r, 1<<14), noise(r, 1<<14), make([]float32, 1<<14)
	for name, f := range map[string]func(){
		"add": func() { Add(dst, src, other) }, "relu": func() { Relu(dst, src) }, "exp": func() { Exp(dst, src) },
		"tanh": func() { Tanh(dst, src) }, "gelu": func() { Gelu(dst, src) }, "sum": func() { Sum(src) },
		"max": func() { MaxOf(src) }, "log": func() { Log(dst, src) },
		"softmax": func() { Softmax(nil, dst, src, 128, 128) },
		"norm":    func() { LayerNorm(nil, dst, src, other, other, 128, 128, 1e-5, RowStats{}) },
		"square":  func() { Transpose(dst, src, 128, 128) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.N)*float64(len(src))/b.Elapsed().Seconds()/1e9, "Gnumbers/s")
		})
	}
}

func BenchmarkMaxPool(b *testing.B) {
	w := Window2D(112, 112, 3, 3)
	for i := 1; i < 3; i++ {
		w.Stride[i], w.PadLo[i], w.PadHi[i] = 2, 1, 1
	}
	src, dst := noise(newRand(), 64*112*112), make([]float32, 64*56*56)
	onEachThreadCount(b, func(b *testing.B, team *Team) {
		for b.Loop() {
			MaxPool(team, w, 64, dst, src, nil)
		}
	})
}
