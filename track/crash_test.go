package track

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// crashing tells the test binary to log to the file it names until it is killed.
const crashing = "TOMO_TEST_LOGS_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashing); path != "" {
		if err := logForever(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// logForever logs, imports and cuts a ramp and says up to where it is
// acknowledged.
func logForever(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	r, err := s.CreateRun(ctx, Run{ID: "one", Project: "p"})
	if err != nil {
		return err
	}
	curves, err := s.Curves(ctx, r)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range curves {
		n = int(c.Points)
	}
	for i := 0; ; i++ {
		portion := 1 + i*i%3000
		batch := Batch{Metrics: []Metric{{"loss", ramp(n, portion)}}}
		switch {
		case i%7 == 6: // back to a checkpoint, which is said before
			n -= n / 5
			fmt.Println(n)
			err = s.Cut(ctx, r, float64(n))
			portion = 0
		case i%3 == 2:
			err = s.Import(ctx, &Piece{Run: r, Batch: batch})
		default:
			err = s.Log(ctx, r, &batch)
		}
		if err != nil {
			return err
		}
		n += portion
		fmt.Println(n)
	}
}

// TestKilled kills a process that logs and cuts, at random moments, and expects
// every acknowledged point, and of others only what follows them.
func TestKilled(t *testing.T) {
	times := 50
	if testing.Short() {
		times = 5
	}
	path := filepath.Join(t.TempDir(), "runs.tomo")
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for i := range times {
		acknowledged := killed(t, path, time.Duration(r.Int64N(int64(150*time.Millisecond))))
		s := open(t, path)
		run, err := s.Run(t.Context(), "one")
		if err != nil {
			if acknowledged > 0 {
				t.Fatalf("kill %d: %v", i, err)
			}
			s.Close()
			continue
		}
		curves, err := s.Curves(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(curves); acknowledged > 0 && (n != 1 || curves[0].Points < int64(acknowledged)) {
			t.Fatalf("kill %d: %d points were acknowledged, and there is %v", i, acknowledged, curves)
		}
		for _, c := range curves {
			checkRamp(t, s, c, int(c.Points))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killed runs the logging process for some time after its first word and kills
// it. It returns the last number that was acknowledged.
func killed(t *testing.T, path string, after time.Duration) (acknowledged int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashing+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var timer *time.Timer
	for lines.Scan() {
		if timer == nil {
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the process says %q", lines.Text())
		}
		acknowledged = n
	}
	_ = cmd.Wait()
	return acknowledged
}
