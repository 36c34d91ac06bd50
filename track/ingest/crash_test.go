package ingest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wire"
)

// serving tells the test binary to serve the file it names until it is killed.
const serving = "TOMO_TEST_SERVES"

func TestMain(m *testing.M) {
	if path := os.Getenv(serving); path != "" {
		if err := serveForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func serveForever(path string) error {
	store, err := track.Open(context.Background(), path)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	return http.Serve(l, New(store, Options{Failed: func(err error) { fmt.Fprintln(os.Stderr, err) }}))
}

// A child is a server in a process of its own.
type child struct {
	*exec.Cmd
	url string
}

func startChild(t testing.TB, path string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), serving+"="+path)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server says %q, %v", line, err)
	}
	c.url = strings.TrimSpace(line)
	return c
}

func (c *child) kill() {
	_ = c.Process.Kill()
	_ = c.Wait()
}

func (c *child) post(path string, body []byte) error {
	answer, err := http.Post(c.url+path, wire.Columns, bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", answer.Status)
	}
	return nil
}

// A sender logs a ramp to metrics of its own, as clients do: a batch without an
// answer is sent again under its ID.
type sender struct {
	name  string
	n     int // points that were acknowledged
	batch int
}

const killMetrics = 20

func (s *sender) portion() int { return 1 + s.batch*s.batch%700 }

func (s *sender) send(t testing.TB, c *child) error {
	b := &wire.Batch{ID: fmt.Sprint(s.name, "-", s.batch)}
	for m := range killMetrics {
		points := make([]series.Point, s.portion())
		for i := range points {
			points[i] = series.Point{Step: float64(s.n + i), Time: int64(s.n+i) + 1, Value: float64(m)}
		}
		b.Metrics = append(b.Metrics, wire.Metric{Name: fmt.Sprint(s.name, "/", m), Points: points})
	}
	if err := c.post("/api/runs/one/batch", columns(t, b)); err != nil {
		return err
	}
	s.n += s.portion()
	s.batch++
	return nil
}

// check expects every acknowledged point once and in order, and of others at
// most the batch whose answer was lost.
func (s *sender) check(t *testing.T, at *site) {
	t.Helper()
	for m := range killMetrics {
		if s.n == 0 {
			continue
		}
		got := at.points(t, "one", fmt.Sprint(s.name, "/", m))
		if len(got) != s.n && len(got) != s.n+s.portion() {
			t.Fatalf("metric %d of %s has %d points; %d were acknowledged, and %d more were sent", m, s.name, len(got), s.n, s.portion())
		}
		for i, p := range got {
			if p.Step != float64(i) || p.Value != float64(m) {
				t.Fatalf("point %d of metric %d of %s is %v", i, m, s.name, p)
			}
		}
	}
}

// TestKilled kills a server at random moments while four clients send.
func TestKilled(t *testing.T) {
	times := 50
	if testing.Short() {
		times = 4
	}
	path := filepath.Join(t.TempDir(), "runs.tomo")
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(1, seed))
	senders := []*sender{{name: "a"}, {name: "b"}, {name: "c"}, {name: "d"}}
	for i := range times {
		c := startChild(t, path)
		if err := createOne(c); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		answered := make(chan struct{}, len(senders))
		for _, s := range senders {
			all.Go(func() {
				err := s.send(t, c)
				for answered <- struct{}{}; err == nil; {
					err = s.send(t, c)
				}
			})
		}
		if i%2 == 0 { // or before the first answer
			<-answered
		}
		time.Sleep(time.Duration(r.Int64N(int64(200 * time.Millisecond))))
		c.kill()
		all.Wait()
		store, err := track.Open(t.Context(), path)
		if err != nil {
			t.Fatalf("kill %d of seed %d: %v", i, seed, err)
		}
		for _, s := range senders {
			s.check(t, &site{store: store})
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sum := 0
	for _, s := range senders {
		sum += s.n * killMetrics
	}
	if t.Logf("%d points were acknowledged in spite of %d kills", sum, times); sum == 0 {
		t.Error("nothing was acknowledged that could have been lost")
	}
}

func createOne(c *child) error {
	answer, err := http.Post(c.url+"/api/runs", wire.JSON, strings.NewReader(`{"id": "one"}`))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}
