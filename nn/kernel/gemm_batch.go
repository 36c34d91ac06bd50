package kernel

// Offsets tells where one product of a batch finds its matrices: the index of
// each one's first element in the slice. A residual moves with c.
type Offsets struct{ C, A, B int }

// GemmBatch computes one product per element of at, all of the same sizes and
// with the same epilogue. Operands may be shared by giving equal offsets, as
// broadcasting does; destinations must not overlap. A packed operand keeps its
// gain where its offset is 0.
func GemmBatch(t *Team, c, a, b Mat, e Epilogue, at []Offsets) {
	for _, o := range at {
		checkProduct(c.from(o.C), a.from(o.A), b.from(o.B), e.at(o.C))
	}
	one := func(t *Team, o Offsets) { gemm(t, c.from(o.C), a.from(o.A), b.from(o.B), *e.at(o.C)) }
	if len(at) < 2*t.Threads() {
		for _, o := range at {
			one(t, o)
		}
		return
	}
	alone := t.alone()
	t.Run(len(at), func(i int) { one(alone, at[i]) })
}
