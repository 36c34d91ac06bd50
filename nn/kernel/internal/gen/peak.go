package main

import "fmt"

// The functions here do nothing but multiply and add, on registers alone: what
// they reach is the most that any kernel can.

func peakAMD64() (string, *file) {
	f := &file{}
	for _, m := range []x86{avx512, avx2} {
		// Enough sums for twice the latency of four cycles at two a cycle.
		peak(f, m.name, m.count-2, m.lanes(), "MOVQ turns+0(FP), CX", "DECQ CX", "JNZ turn", func(sum int) {
			f.line("VFMADD231PS %[1]s%[2]d, %[1]s%[2]d, %[1]s%[3]d", m.reg, m.count-1, sum)
		}, func(reg int) { f.line("VXORPS %[1]s%[2]d, %[1]s%[2]d, %[1]s%[2]d", m.reg, reg) }, func() { f.line("VZEROUPPER") })
	}
	return "peak_amd64", f
}

func peakARM64() (string, *file) {
	f := &file{}
	peak(f, "NEON", 30, 4, "MOVD turns+0(FP), R0", "SUBS $1, R0, R0", "BNE turn",
		func(sum int) { f.neon("fmla", sum, 31, 31) }, f.neonZero, func() {})
	return "peak_arm64", f
}

// peak writes a loop of fused multiply-adds into that many sums, which do not
// wait for one another. The factors are in the last register.
func peak(f *file, name string, sums, lanes int, enter, count, again string, fma, zero func(reg int), leave func()) {
	f.begin("peak"+name, "turns int", 8)
	f.line("%s", enter)
	for reg := range sums + 2 {
		zero(reg)
	}
	f.label("turn")
	for sum := range sums {
		fma(sum)
	}
	f.line("%s", count)
	f.line("%s", again)
	leave()
	f.line("RET")
	f.end()
	fmt.Fprintf(&f.decls, "var arithmetic%[1]s = arithmeticKernel{peak%[1]s, %d}\n\n", name, 2*sums*lanes)
}
