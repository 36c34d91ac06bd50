package logs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// remove takes away a file or a folder.
func (s *shelf) remove(name string) {
	s.Helper()
	if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
		s.Fatal(err)
	}
}

// TestTrainedAgain has another training write into the emptied folder of one that
// was read, into files of other names, with the library open or not; and files
// that are rotated away, which take nothing back.
func TestTrainedAgain(t *testing.T) {
	for _, reopened := range []bool{false, true} {
		t.Run(fmt.Sprint("reopened ", reopened), func(t *testing.T) {
			s := newShelf(t)
			s.write("a/"+eventName+".1", string(file(scalar(1, "loss", 1), scalar(2, "loss", 2))), 0)
			s.update()
			s.want("a", "loss 1:1 2:2")
			if reopened {
				s.close()
			}
			s.remove("a")
			s.write("a/"+eventName+".2", string(file(scalar(1, "loss", 10))), 0)
			s.update()
			s.want("a", "loss 1:10")
			s.write("a/"+eventName+".3", string(file(scalar(2, "loss", 20))), 0)
			s.update()
			s.remove("a/" + eventName + ".2")
			s.write("a/"+eventName+".4", string(file(scalar(3, "loss", 30))), 0)
			s.update()
			s.want("a", "loss 1:10 2:20 3:30")
		})
	}
}

// TestTrainerAgain has a new training write checkpoints where another one has
// come further.
func TestTrainerAgain(t *testing.T) {
	s := newShelf(t)
	state := func(step int, entries string) {
		s.write(fmt.Sprintf("out/checkpoint-%d/trainer_state.json", step), fmt.Sprintf(`{"global_step": %d, "log_history": [%s]}`, step, entries), os.O_TRUNC)
	}
	state(10, `{"loss": 3, "step": 1}`)
	state(50, `{"loss": 3, "step": 1}, {"loss": 2, "step": 40}`)
	s.update()
	s.want("out", "loss 1:3 40:2")
	s.remove("out")
	state(10, `{"loss": 9, "step": 1}`) // the name of a file that was read
	s.update()
	s.want("out", "loss 1:9")
	s.close()
	s.remove("out")
	state(5, `{"loss": 8, "step": 1}`)
	s.update()
	s.want("out", "loss 1:8")
}

// TestSettingsAgain has a log replaced whose configuration said more.
func TestSettingsAgain(t *testing.T) {
	s := newShelf(t)
	s.write("a/metrics.csv", "step,loss\n1,1\n2,2\n3,3\n", 0)
	s.write("a/hparams.yaml", "lr: 0.1\nold: 7\n", 0)
	s.update()
	s.write("a/metrics.csv", "step,loss\n1,9\n", os.O_TRUNC)
	s.write("a/hparams.yaml", "lr: 0.5\n", os.O_TRUNC)
	s.update()
	s.want("a", "loss 1:9")
	r := s.run("a")
	if config, err := r.Store.Config(s.ctx, r.Run); fmt.Sprint(config) != "map[lr:0.5]" || err != nil {
		t.Errorf("%v, %v", config, err)
	}
}

// TestGoesOn has a run that has ended go on under another title, first without a
// new point, and be deleted and restored at last.
func TestGoesOn(t *testing.T) {
	s := newShelf(t)
	folder := "0/" + strings.Repeat("ab", 16)
	meta := func(title string, status int, stage string) {
		s.write(folder+"/meta.yaml", fmt.Sprintf("run_name: %s\nstatus: %d\nlifecycle_stage: %s\nstart_time: 1700000000000\nend_time: null\n", title, status, stage), os.O_TRUNC)
		s.update()
	}
	want := func(title string, state track.State) {
		t.Helper()
		if r := s.run(title); r.Run.State != state {
			t.Errorf("%q is %s, want %s", title, r.Run.State, state)
		}
	}
	s.write(folder+"/metrics/loss", "1700000000000 1 1\n", 0)
	meta("first", 3, "active")
	want("first", track.Finished)
	meta("second", 1, "active")
	want("second", track.Running)
	meta("second", 4, "active")
	want("second", track.Failed)
	s.write(folder+"/metrics/loss", "1700000001000 2 2\n", os.O_APPEND)
	meta("third", 1, "active")
	want("third", track.Running)
	s.want("third", "loss 1:1 2:2")
	meta("third", 3, "deleted")
	if runs, err := s.lib.Runs(s.ctx); len(runs) != 0 || err != nil {
		t.Errorf("%d runs are listed after the only one was deleted, %v", len(runs), err)
	}
	s.close()
	meta("third", 3, "active")
	want("third", track.Finished)
}

// TestTextSaidOnce has a column whose text is always the same, in a file that
// grows.
func TestTextSaidOnce(t *testing.T) {
	for _, reopened := range []bool{false, true} {
		s := newShelf(t)
		s.write("a/metrics.csv", "step,loss,name\n", 0)
		for step := range 4 {
			s.write("a/metrics.csv", fmt.Sprintf("%d,1,resnet\n", step), os.O_APPEND)
			s.update()
			if reopened {
				s.close()
			}
		}
		s.update()
		r := s.run("a")
		lists, err := r.Store.RecordLists(s.ctx, r.Run, track.Text)
		if err != nil || len(lists) != 1 || lists[0].Count != 1 {
			t.Errorf("reopened %v: %+v, %v; want one text", reopened, lists, err)
		}
	}
}

// TestLineGoesOn has a writer pause within a number for so long that it was taken
// for the end of the file.
func TestLineGoesOn(t *testing.T) {
	s := newShelf(t)
	s.write("a/metrics.csv", "step,loss\n0,1\n1,2\n2,0.1", 0)
	old := time.Now().Add(-2 * endedAfter)
	if err := os.Chtimes(filepath.Join(s.dir, "a/metrics.csv"), old, old); err != nil {
		t.Fatal(err)
	}
	s.update()
	s.want("a", "loss 0:1 1:2 2:0.1")
	s.write("a/metrics.csv", "234\n3,5\n", os.O_APPEND)
	s.update()
	s.want("a", "loss 0:1 1:2 2:0.1234 3:5")
}

// TestCopiedInAnyOrder copies the files of a training that began anew, the last
// first: what is read is as if they had come in the order of their names.
func TestCopiedInAnyOrder(t *testing.T) {
	s := newShelf(t)
	began := eventAt(2, 7, message(1, 1))
	first, second := file(ramp(0, 4, 1)...), file(append([][]byte{began}, ramp(2, 4, 10)...)...)
	for _, c := range []struct{ name, text, want string }{
		{"a/" + eventName + ".2", string(second), "loss 2:20 3:30"},
		{"a/" + eventName + ".1", string(first[:len(first)-8]), "loss 0:0 1:1 2:20 3:30"},
		{"a/" + eventName + ".1", string(first[len(first)-8:]), "loss 0:0 1:1 2:20 3:30"},
		{"a/" + eventName + ".1", string(file(scalar(1, "late", 7), scalar(5, "late", 8))[len(file()):]), "late 1:7; loss 0:0 1:1 2:20 3:30"},
		{"a/" + eventName + ".1", string(file(eventAt(1, 7, message(1, 1)), scalar(1, "loss", 5))[len(file()):]), "loss 0:0 1:5 2:20 3:30"},
	} {
		s.write(c.name, c.text, os.O_APPEND)
		s.update()
		s.want("a", c.want)
		s.close()
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
}

// TestVersionAlone reads files when there is nothing in them but their version,
// as writers leave them until they have something to say: that a training began
// anew is told otherwise in files without one.
func TestVersionAlone(t *testing.T) {
	s := newShelf(t)
	first, second := "a/"+eventName+".1", "a/"+eventName+".2"
	version := len(file())
	s.write(first, string(file()), 0)
	s.write(second, string(file()), 0)
	s.update()
	s.write(first, string(file(ramp(0, 4, 1)...)[version:]), os.O_APPEND)
	s.update()
	s.write(second, string(file(eventAt(2, 7, message(1, 1)), scalar(3, "loss", 30))[version:]), os.O_APPEND)
	s.update()
	s.want("a", "loss 0:0 1:1 3:30")
}
