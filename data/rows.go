package data

import (
	"runtime"
	"sync"
)

// inBands calls work for bands [y0, y1) that cover the rows 0..h-1, at the
// same time when the work is worth it. cost is the number of values touched
// per row. A panic in work is raised in the caller, where it can be recovered.
func inBands(h, cost int, work func(y0, y1 int)) {
	const worthAGoroutine = 1 << 17
	n := min(runtime.GOMAXPROCS(0), h, h*cost/worthAGoroutine+1)
	if n <= 1 {
		work(0, h)
		return
	}
	var wg sync.WaitGroup
	panics := make(chan any, n)
	for i := range n {
		wg.Go(func() {
			defer func() { panics <- recover() }()
			work(h*i/n, h*(i+1)/n)
		})
	}
	wg.Wait()
	for range n {
		if p := <-panics; p != nil {
			panic(p)
		}
	}
}
