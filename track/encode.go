package track

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tomo-viz/tomo/track/series"
)

// fewParts is how many parts are encoded before another goroutine is worth it.
const fewParts = 4

// encode encodes the parts of jobs, with all processors where there are many.
func encode(jobs []*job) {
	var tasks []func()
	for _, j := range jobs {
		j.bodies = make([][]byte, len(j.parts))
		for i, p := range j.parts {
			tasks = append(tasks, func() { j.bodies[i] = encodePart(p) })
		}
		if len(j.loose) > 0 {
			tasks = append(tasks, func() { j.log = series.EncodeLoose(j.loose) })
		}
	}
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(tasks) {
				return
			}
			tasks[i]()
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)-1, len(tasks)/fewParts) {
		others.Go(work)
	}
	work()
	others.Wait()
}

func encodePart(p series.Part) []byte {
	if p.Level == series.Chunk {
		return series.EncodePoints(p.Points)
	}
	return series.EncodeNodes(p.Nodes)
}
