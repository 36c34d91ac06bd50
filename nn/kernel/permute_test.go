package kernel

import "testing"

func TestPermuteAnyShape(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range 300 {
				shape := make([]int, r.IntN(6))
				for i := range shape {
					shape[i] = []int{1, 1 + r.IntN(4), 1 + r.IntN(20), r.IntN(9)}[r.IntN(4)]
				}
				perm := r.Perm(len(shape))
				n, _ := product(shape...)
				src, dst := noise(r, n), make([]float32, n)
				Permute(team, dst, src, shape, perm)
				from := strides(shape)
				for i, got := range dst {
					rest, at := i, 0
					for j := len(perm) - 1; j >= 0; j-- {
						at += rest % shape[perm[j]] * from[perm[j]]
						rest /= shape[perm[j]]
					}
					if got != src[at] {
						t.Fatalf("%v by %v: number %d is %v, want %v", shape, perm, i, got, src[at])
					}
				}
			}
		})
	})
}

func TestPermuteRefuses(t *testing.T) {
	f := make([]float32, 6)
	for _, c := range []struct{ shape, perm []int }{
		{[]int{2, 3}, []int{0}}, {[]int{2, 3}, []int{0, 0}}, {[]int{2, 3}, []int{0, 2}}, {[]int{2, 3}, []int{-1, 0}}, {[]int{2, 4}, []int{1, 0}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v by %v was accepted", c.shape, c.perm)
				}
			}()
			Permute(nil, f, f, c.shape, c.perm)
		}()
	}
}
