package kernel

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRunDoesEachIterationOnce(t *testing.T) {
	team := testPool.Team(t.Context())
	for n := range 200 {
		counts := make([]atomic.Int32, n)
		team.Run(n, func(i int) { counts[i].Add(1) })
		for i := range counts {
			if c := counts[i].Load(); c != 1 {
				t.Fatalf("iteration %d of %d ran %d times", i, n, c)
			}
		}
	}
}

func TestRangesCoverAll(t *testing.T) {
	onEachTeam(t, func(t *testing.T, team *Team) {
		for _, n := range []int{0, 1, 2, 7, 100, 1001} {
			for _, grain := range []int{-1, 0, 1, 3, 50, 5000, math.MaxInt} {
				counts := make([]atomic.Int32, n)
				team.Ranges(n, grain, func(lo, hi int) {
					if hi-lo < min(grain, n) {
						t.Errorf("%d by %d: range [%d, %d)", n, grain, lo, hi)
					}
					for i := lo; i < hi; i++ {
						counts[i].Add(1)
					}
				})
				for i := range counts {
					if counts[i].Load() != 1 {
						t.Fatalf("%d by %d: %d ran %d times", n, grain, i, counts[i].Load())
					}
				}
			}
		}
	})
}

func TestSplitIsEvenAndComplete(t *testing.T) {
	for _, n := range []int{0, 1, 5, 100, math.MaxInt} {
		for _, parts := range []int{1, 2, 3, 7, 64} {
			if split(n, parts, 0) != 0 || split(n, parts, parts) != n {
				t.Errorf("%d in %d parts: from %d to %d", n, parts, split(n, parts, 0), split(n, parts, parts))
			}
			for i := range parts {
				if size := split(n, parts, i+1) - split(n, parts, i); size < n/parts || size-n/parts > 1 {
					t.Errorf("%d in %d parts: part %d has %d", n, parts, i, size)
				}
			}
		}
	}
}

func TestRunInsideRun(t *testing.T) {
	team := testPool.Team(t.Context())
	var count atomic.Int64
	team.Run(20, func(int) {
		team.Run(20, func(int) {
			team.Run(5, func(int) { count.Add(1) })
		})
	})
	if count.Load() != 2000 {
		t.Errorf("%d iterations, want 2000", count.Load())
	}
}

func TestManyCallersShareAPool(t *testing.T) {
	var callers sync.WaitGroup
	for range 4 * maxJobs {
		callers.Go(func() {
			team := testPool.Team(context.Background())
			for range 50 {
				var sum atomic.Int64
				team.Run(9, func(i int) { sum.Add(int64(i)) })
				if sum.Load() != 36 {
					t.Errorf("sum %d, want 36", sum.Load())
				}
			}
		})
	}
	callers.Wait()
}

func TestWorkersWakeAfterSleep(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	team := pool.Team(t.Context())
	for range 5 {
		time.Sleep(5 * spinTime)
		// The two iterations wait for each other: without the worker this hangs.
		var both sync.WaitGroup
		both.Add(2)
		team.Run(2, func(int) { both.Done(); both.Wait() })
	}
}

func TestIdleWorkersSleep(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	pool.Team(t.Context()).Run(10, func(int) {})
	eventually(t, "a worker is still awake", func() bool {
		return !slices.ContainsFunc(pool.workers, func(w *worker) bool { return !w.asleep.Load() })
	})
}

func TestCancelledRunStopsEarly(t *testing.T) {
	for name, alone := range map[string]bool{"pool": false, "alone": true} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		team := testPool.Team(ctx)
		if alone {
			team = team.alone()
		}
		var count atomic.Int32
		team.Run(1_000_000, func(i int) {
			if count.Add(1) >= 10 { // each thread, since one of them may not get on
				cancel()
			}
		})
		if c := count.Load(); c > 1000 || team.Err() == nil {
			t.Errorf("%s: %d iterations, error %v", name, c, team.Err())
		}
	}
}

func TestCancelledKernelsReturn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, team := newRand(), testPool.Team(ctx)
	a := RowMajor(noise(r, 100*100), 100, 100)
	Gemm(team, RowMajor(make([]float32, 100*100), 100, 100), a, a, Epilogue{})
	s := ConvSpec{Window: Window2D(20, 20, 3, 3), Channels: 4, Filters: 4, Groups: 1}
	x, y, w := noise(r, s.InSize()), noise(r, s.OutSize()), noise(r, s.WeightSize())
	NewConv(s, w).Run(team, 1, y, x, Epilogue{})
	NewConvInputGrad(s, w).Run(team, 1, x, y, Epilogue{})
	ConvWeightGrad(team, s, 1, w, x, y, false)
	if team.Err() == nil {
		t.Error("no error")
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	onEachTeam(t, func(t *testing.T, team *Team) {
		defer func() {
			if r := recover(); r != "broken" {
				t.Errorf("recovered %v", r)
			}
		}()
		team.Run(100, func(i int) {
			if i == 50 {
				panic("broken")
			}
		})
		t.Error("no panic")
	})
}

func TestCloseEndsWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		pool := NewPool(4)
		pool.Team(t.Context()).Run(10, func(int) {})
		pool.Close()
		var count atomic.Int32
		pool.Team(t.Context()).Run(10, func(int) { count.Add(1) })
		if count.Load() != 10 {
			t.Errorf("a closed pool ran %d of 10", count.Load())
		}
	}
	eventually(t, "workers live on in closed pools", func() bool { return runtime.NumGoroutine() <= before })
}

func TestForgottenPoolEndsWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	func() { NewPool(4).Team(t.Context()).Run(10, func(int) {}) }()
	eventually(t, "workers live on of a pool that nobody has", func() bool {
		runtime.GC()
		return runtime.NumGoroutine() <= before
	})
}

// eventually waits until it is so, for as long as the slowest machine may take.
func eventually(t *testing.T, otherwise string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(otherwise)
		}
	}
}

func TestChoosePath(t *testing.T) {
	paths := []*path{{name: "avx512"}, {name: "avx2"}, portablePath}
	for limit, want := range map[string]string{"": "avx512", "avx2": "avx2", "portable": "portable", "nonsense": "avx512"} {
		if got := choosePath(limit, paths).name; got != want {
			t.Errorf("%q chooses %s, want %s", limit, got, want)
		}
	}
	if got := choosePath("avx512", paths[1:]).name; got != "avx2" {
		t.Errorf("avx512 on a lesser processor chooses %s", got)
	}
}
