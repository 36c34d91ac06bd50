package mlflow

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestArtifactsAreCounted puts a file of one name in place by several writers at
// a time: whoever comes last, one counts.
func TestArtifactsAreCounted(t *testing.T) {
	const rounds, writers, size = 50, 8, 1000
	a := newArtifacts(Options{Artifacts: t.TempDir()})
	defer a.Close()
	for round := range rounds {
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				if _, err := a.save(fmt.Sprint("same", round), strings.NewReader(strings.Repeat("x", size))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got, want := a.used.Load(), int64(size*(round+1)); got != want {
			t.Fatalf("%d bytes count, want %d", got, want)
		}
	}
}
