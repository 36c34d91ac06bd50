package logs

import (
	"os"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

// wandbRun is the record that says what a run is, and wandbExit that of its end.
func wandbRun(project, id string) []byte { return message(17, message(1, id, 3, project)) }

var wandbExit = message(18, message(1, 0))

// TestSessions reads the sessions of a run that was resumed as one run, in the
// order of their times, whichever is there first: one counts its steps anew, one
// tells them. A run of the same ID in another project is another.
func TestSessions(t *testing.T) {
	const first, second, third = "wandb/run-20260101_000000-x", "wandb/offline-run-20260101_000001-x", "wandb/run-20260101_000002-x"
	s := newShelf(t)
	step := func(folder, log, want string, state track.State) {
		t.Helper()
		s.write(folder+"/run-x.wandb", log, os.O_APPEND)
		s.update()
		s.want("wandb/p/x", want)
		if r := s.run("wandb/p/x"); r.Run.State != state {
			t.Errorf("after %s the run has %s", folder, r.Run.State)
		}
		s.close()
	}
	one := wandbFile(wandbRun("p", "x"), wandbStep(0, 1), wandbStep(1, 2), wandbExit)
	two := wandbFile(wandbRun("p", "x"), wandbStep(0, 3), wandbStep(1, 4))
	cut := len(two) - len(wandbFile(wandbStep(1, 4))) + len(wandbFile()) // before the last step
	step(second, two[:cut], "loss 0:3", track.Running)
	step(first, one[:len(one)-30], "loss 0:1 1:3", track.Running)
	step(first, one[len(one)-30:], "loss 0:1 1:2 2:3", track.Running)
	step(second, two[cut:], "loss 0:1 1:2 2:3 3:4", track.Running)
	step(third, wandbFile(wandbRun("p", "x"), wandbStep(2, 5), wandbStep(9, 6), wandbExit), "loss 0:1 1:2 2:3 3:4 2:5 9:6", track.Finished)

	s.write("wandb/run-20260101_000003-x/run-x.wandb", wandbFile(wandbRun("q", "x"), wandbStep(0, 7)), 0)
	const said = `{"level":"INFO","step":1,"loss":1}` + "\n"
	s.write(first+"/logs/debug-internal.log", said+said, 0)
	s.write(first+"/files/output.log", said+said, 0)
	s.update()
	s.want("wandb/q/x", "loss 0:7")
	if runs, err := s.lib.Runs(s.ctx); len(runs) != 2 || err != nil {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
}

// TestShortBeginning reads a log whose first bytes do not say which run it is of
// until there are more.
func TestShortBeginning(t *testing.T) {
	s := newShelf(t)
	log := wandbFile(wandbRun("p", "x"), wandbStep(0, 1))
	for at := range len(log) {
		s.write("wandb/run-20260101_000000-x/run-x.wandb", log[at:at+1], os.O_APPEND)
		s.update()
	}
	s.want("wandb/p/x", "loss 0:1")
	if runs, err := s.lib.Runs(s.ctx); len(runs) != 1 || err != nil {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

// TestPrintedBars keeps of a bar of progress what it shows in the end.
func TestPrintedBars(t *testing.T) {
	s := newShelf(t)
	s.write("a/run-a.wandb", wandbFile(
		message(13, message(3, "begin\n\r 10%")), message(13, message(3, "\r\x1b[32m100%\x1b[0m\n")), wandbStep(0, 1), message(13, message(3, "\r  1%"))), 0)
	s.update()
	if got := printedIn(t, s.run("a")); got != "0: begin\n100%\n0:   1%" {
		t.Errorf("%q", got)
	}
}
