package logs

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wandb"
)

// A shelf is a folder of logs and the library of it.
type shelf struct {
	*testing.T
	ctx      context.Context
	dir      string
	index    string
	lib      *Library
	mu       sync.Mutex
	problems []string
}

// warn is called by several readers.
func (s *shelf) warn(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, err.Error())
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{T: t, ctx: context.Background(), dir: t.TempDir(), index: t.TempDir()}
	t.Cleanup(func() { s.close() })
	return s
}

func (s *shelf) close() {
	if s.lib != nil {
		if err := s.lib.Close(); err != nil {
			s.Error(err)
		}
	}
	s.lib = nil
}

// write writes a file, or goes on writing one.
func (s *shelf) write(name, text string, flags int) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flags, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		s.Fatal(err)
	}
}

// update reads what is new, with the library that is open or with another.
func (s *shelf) update() {
	s.Helper()
	if s.lib == nil {
		l, err := Open(s.ctx, []string{s.dir}, Options{Folder: s.index, Unread: true, Warn: s.warn})
		if err != nil {
			s.Fatal(err)
		}
		s.lib = l
	}
	if _, err := s.lib.Update(s.ctx); err != nil {
		s.Fatal(err)
	}
}

// run finds the run of a title.
func (s *shelf) run(title string) Run {
	s.Helper()
	runs, err := s.lib.Runs(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	var titles []string
	for _, r := range runs {
		if r.Run.Title == title {
			return r
		}
		titles = append(titles, r.Run.Title)
	}
	s.Fatalf("there is no run %q among %q", title, titles)
	return Run{}
}

// points writes down the metrics of a run.
func (s *shelf) points(r Run) string {
	s.Helper()
	curves, err := r.Store.Curves(s.ctx, r.Run)
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, c := range curves {
		if c.Points == 0 { // all taken back
			continue
		}
		text := c.Name
		for _, p := range s.pointsOf(r, c) {
			text += fmt.Sprintf(" %v:%v", p.Step, p.Value)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func (s *shelf) pointsOf(r Run, c track.Curve) []series.Point {
	s.Helper()
	out, err := r.Store.Points(s.ctx, c, 0, c.Points)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func (s *shelf) want(title, points string) {
	s.Helper()
	if got := s.points(s.run(title)); got != points {
		s.Errorf("%s:\n%s\n%s", title, got, points)
	}
}

// TestOtherRealLogs: counts, and sums of each value times its step and one more,
// were made with Python's csv and json.
func TestOtherRealLogs(t *testing.T) {
	for _, c := range []struct {
		folder, title string
		points        int
		sum           float64
	}{
		{"keras-csvlogger", "dm2020_lab2_training_log.csv", 100, 1000.9476425722241},
		{"lightning", "lightning_logs/version_0", 362, 2270146.126231002},
		{"hf-trainer", "hf-trainer", 1236, 131263613.18780787},
	} {
		s := newShelf(t)
		s.dir = filepath.Join(shared.Dir(t, "data/training-logs"), c.folder)
		for range 2 { // from the files, from the index
			s.update()
			r := s.run(c.title)
			points, sum := 0, 0.0
			curves, err := r.Store.Curves(s.ctx, r.Run)
			if err != nil {
				t.Fatal(err)
			}
			for _, curve := range curves {
				for _, p := range s.pointsOf(r, curve) {
					points++
					sum += p.Value * (1 + p.Step)
				}
			}
			if points != c.points || math.Abs(sum-c.sum) > 1e-10*c.sum {
				t.Errorf("%s: %d points that add up to %v", c.folder, points, sum)
			}
			s.close()
		}
		if len(s.problems) > 0 {
			t.Errorf("%s: %q", c.folder, s.problems)
		}
	}
}

// TestTextGrows reads tables and JSON lines as they grow, with one library and
// with another each time, and what is wrong in them is said with file and line.
func TestTextGrows(t *testing.T) {
	for _, again := range []bool{false, true} {
		s := newShelf(t)
		for i, piece := range []string{"epoch,loss,val_loss\n", "0,1,", "2\n1,0.5,1\n2,0.", "25\n", "x,y\n3,nan,0.5\n"} {
			s.write("a/training.log", piece, os.O_APPEND)
			s.write("b/log.jsonl", []string{`{"step": 1, "loss"`, `: 2}`, "\n{\"step\": 2, ", `"loss": 1.5, "note": "x"}` + "\n", "{}\nno\n"}[i], os.O_APPEND)
			s.update()
			if again {
				s.close()
			}
		}
		s.update()
		s.want("a/training.log", "loss 0:1 1:0.5 3:NaN; val_loss 0:2 1:1 3:0.5")
		s.want("b/log.jsonl", "loss 1:2 2:1.5")
		if len(s.problems) < 3 || !strings.Contains(strings.Join(s.problems, "\n"), "training.log: line 4: has 2 cells, and the table 3 columns") {
			t.Errorf("%q", s.problems)
		}
	}
}

// TestMMEngine: what is written twice is read once.
func TestMMEngine(t *testing.T) {
	s := newShelf(t)
	for _, name := range []string{"scalars.json", "20261128_232227.json"} {
		s.write("20261128_232227/vis_data/"+name, `{"loss": 4, "epoch": 1, "iter": 10, "step": 10}`+"\n"+`{"mse": 1.5, "step": 1}`+"\n", 0)
	}
	s.update()
	s.want("20261128_232227", "epoch 10:1; iter 10:10; loss 10:4; mse 1:1.5")
	if runs, err := s.lib.Runs(s.ctx); len(runs) != 1 || err != nil {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

// TestLightning: a table that is written anew when a metric is added, with the
// configuration beside it.
func TestLightning(t *testing.T) {
	s := newShelf(t)
	folder := "lightning_logs/version_3"
	s.write(folder+"/hparams.yaml", "lr: 0.5\nnet:\n  depth: 3\n", 0)
	s.write(folder+"/metrics.csv", "epoch,loss,step\n0,1.5,9\n", 0)
	s.update()
	s.want(folder, "epoch 9:0; loss 9:1.5")
	s.write(folder+"/metrics.csv", "epoch,loss,step,val_loss\n0,1.5,9,\n0,,9,2.5\n", os.O_TRUNC)
	s.update()
	s.want(folder, "epoch 9:0 9:0; loss 9:1.5; val_loss 9:2.5")
	r := s.run(folder)
	config, err := r.Store.Config(s.ctx, r.Run)
	if err != nil || config["lr"] != 0.5 || config["net/depth"] != 3.0 {
		t.Errorf("%v, %v", config, err)
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
}

// TestTrainer: of several checkpoints the newest counts, a file that is half
// written changes nothing, and a training that went on from an older checkpoint
// replaces what came after it.
func TestTrainer(t *testing.T) {
	s := newShelf(t)
	state := func(step, epochs int, entries string) {
		s.write(fmt.Sprintf("out/checkpoint-%d/trainer_state.json", step), fmt.Sprintf(`{"global_step": %d, "max_steps": 9, "num_train_epochs": %d, "log_history": [%s]}`, step, epochs, entries), os.O_TRUNC)
		s.update()
	}
	one, two, three := `{"loss": 3, "step": 1}`, `{"loss": NaN, "step": 2}`, `{"eval_loss": 1, "step": 3}`
	state(2, 1, one+","+two)
	s.want("out", "loss 1:3 2:NaN")
	state(10, 1, one+","+two+","+three)
	s.want("out", "eval_loss 3:1; loss 1:3 2:NaN")
	state(2, 2, one) // written once more, or listed after the newer one
	s.want("out", "eval_loss 3:1; loss 1:3 2:NaN")
	s.write("out/checkpoint-10/trainer_state.json", `{"global_step": 10, "log_h`, os.O_TRUNC)
	s.update()
	s.want("out", "eval_loss 3:1; loss 1:3 2:NaN")
	state(11, 3, one+`,{"loss": 4, "step": 2}`)
	s.want("out", "loss 1:3 2:4")
	s.close()
	state(12, 3, one+`,{"loss": 4, "step": 2},{"loss": 5, "step": 12}`)
	s.want("out", "loss 1:3 2:4 12:5")
	r := s.run("out")
	config, err := r.Store.Config(s.ctx, r.Run)
	if err != nil || config["num_train_epochs"] != 3.0 || config["max_steps"] != 9.0 {
		t.Errorf("%v, %v", config, err)
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
}

// TestWandb reads what the real client wrote, a piece at a time, with the
// pictures beside it, and none from elsewhere.
func TestWandb(t *testing.T) {
	src, err := os.ReadFile("../wandb/testdata/new.wandb")
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf(t)
	folder := "wandb/offline-run-20260101_000000-fixed"
	for _, step := range []int{0, 22, 44} {
		s.picture(folder+"/files/media/images", string(src), fmt.Sprintf("img_%d_", step))
	}
	if err := os.Symlink("offline-run-20260101_000000-fixed", filepath.Join(s.dir, "wandb/latest-run")); err != nil {
		t.Skip(err)
	}
	s.write(folder+"/files/wandb-summary.json", `{"loss": 1, "_step": 2}`+"\n"+`{"loss": 1, "_step": 3}`+"\n", 0)
	s.write(folder+"/files/output.log", "step 0\nstep 1\n", 0)
	for at := 0; at < len(src); at += 10_000 {
		s.write(folder+"/run-fixed.wandb", string(src[at:min(at+10_000, len(src))]), os.O_APPEND)
		s.update()
		s.close()
	}
	s.update()
	if runs, err := s.lib.Runs(s.ctx); len(runs) != 1 || err != nil {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	r := s.run("first")
	curves, err := r.Store.Curves(s.ctx, r.Run)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, c := range curves {
		counts[c.Name] = c.Points
	}
	want := map[string]int64{"loss": 60, "train/acc": 60, "train/deep/x": 60, "int": 60, "big": 60, "ok": 60, "nested/y": 3, "epoch": 6, "val/loss": 6, "late": 1}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("%v", counts)
	}
	if r.Run.State != track.Finished || r.Run.Created.UnixMicro() != startOf(t, src) {
		t.Errorf("it has %s, and was created at %v", r.Run.State, r.Run.Created)
	}
	config, err := r.Store.Config(s.ctx, r.Run)
	if err != nil || config["lr"] != 1e-3 || config["opt/name"] != "adam" || config["later"] != 5.0 || config["summary/best"] != 0.5 || config["summary/loss"] != nil {
		t.Errorf("%v, %v", config, err)
	}
	tags, err := r.Store.Tags(s.ctx, r.Run)
	if _, ok := tags["a"]; err != nil || !ok || tags["wandb/id"] != "fixed" || tags["axis of val/*"] != "epoch" || tags["notes"] != "a note" {
		t.Errorf("%v, %v", tags, err)
	}
	for kind, want := range map[track.RecordKind]string{
		track.Histogram: "hist 3; nested/hist 3; uneven 3",
		track.Image:     "img 3",
		track.Text:      "img/caption 3; note 3",
	} {
		lists, err := r.Store.RecordLists(s.ctx, r.Run, kind)
		var got []string
		for _, l := range lists {
			got = append(got, fmt.Sprintf("%s %d", l.Name, l.Count))
		}
		if strings.Join(got, "; ") != want || err != nil {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	}
	if left := s.lib.LeftOut(); left["pictures whose files are not there"] != 6 || left["html-file"] != 3 {
		t.Errorf("left out: %v", left)
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
}

// startOf is when a run began, by its log.
func startOf(t *testing.T, log []byte) int64 {
	records := wandb.NewReader(bytesAt(log), 0)
	for {
		record, err := records.Next()
		if err != nil {
			t.Fatal(err)
		}
		if record.Run != nil && !record.Run.Started.IsZero() {
			return record.Run.Started.UnixMicro()
		}
	}
}

// picture writes the picture whose name in a log begins so.
func (s *shelf) picture(folder, log, name string) {
	s.Helper()
	_, rest, ok := strings.Cut(log, name)
	end := strings.Index(rest, ".png")
	if !ok || end < 0 {
		s.Fatalf("there is no picture %s", name)
	}
	var b strings.Builder
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 3))); err != nil {
		s.Fatal(err)
	}
	s.write(filepath.Join(folder, name+rest[:end]+".png"), b.String(), 0)
}

// TestBeside reads no file from outside of the folder.
func TestBeside(t *testing.T) {
	s := newShelf(t)
	s.write("secret.png", "x", 0)
	s.write("run/other.png", "x", 0)
	s.write("run/files/a/in.png", "y", 0)
	if err := os.Symlink(filepath.Join(s.dir, "secret.png"), filepath.Join(s.dir, "run/files/link.png")); err != nil {
		t.Skip(err)
	}
	sink := &Sink{run: &run{root: &root{path: s.dir}}, name: "run/x.wandb"}
	if body, err := sink.beside("files", "a/in.png", 10); err != nil || string(body) != "y" {
		t.Errorf("%q, %v", body, err)
	}
	if body, err := sink.beside("files", "a/none.png", 10); err != nil || body != nil {
		t.Errorf("%q, %v", body, err)
	}
	for _, name := range []string{"../other.png", "../../secret.png", "a/../../other.png", "link.png", filepath.Join(s.dir, "secret.png"), "a", ""} {
		if body, err := sink.beside("files", name, 10); err == nil {
			t.Errorf("%s: %q", name, body)
		}
	}
	if _, err := sink.beside("files", "a/in.png", 0); err == nil {
		t.Error("a file that is too large is read")
	}
}

// TestMLflowFiles reads what MLflow 3.17 writes without a server, as it grows.
func TestMLflowFiles(t *testing.T) {
	s := newShelf(t)
	folder := "mlruns/242141003082851377/" + strings.Repeat("0a", 16)
	s.write("mlruns/242141003082851377/meta.yaml", "name: exp é\n", 0)
	meta := "lifecycle_stage: active\nrun_name: first run\nstart_time: 1795907098726\nend_time: %s\nstatus: %d\n"
	s.write(folder+"/meta.yaml", fmt.Sprintf(meta, "null", 1), 0)
	s.write(folder+"/params/opt/name", "adam", 0)
	s.write(folder+"/params/lr", "0.001", 0)
	s.write(folder+"/tags/mlflow.user", "me", 0)
	s.write(folder+"/metrics/val/loss", "1795907098753 1.0 0\n1795907098766 nan 1\n17959070", os.O_APPEND)
	s.update()
	r := s.run("first run")
	if s.points(r) != "val/loss 0:1 1:NaN" || r.Run.State != track.Running {
		t.Errorf("%s, %s", s.points(r), r.Run.State)
	}
	s.close()
	s.write(folder+"/metrics/val/loss", "98778 0.5 2\n", os.O_APPEND)
	s.write(folder+"/metrics/acc", "1795907098779 1 2\n", os.O_APPEND)
	s.write(folder+"/meta.yaml", fmt.Sprintf(meta, "1795907098983", 3), os.O_TRUNC)
	s.update()
	for range 2 {
		r = s.run("first run")
		if s.points(r) != "acc 2:1; val/loss 0:1 1:NaN 2:0.5" || r.Run.State != track.Finished || r.Run.Created.UnixMilli() != 1795907098726 || r.Run.Ended.UnixMilli() != 1795907098983 {
			t.Errorf("%s, %+v", s.points(r), r.Run)
		}
		s.close()
		s.update()
	}
	r = s.run("first run")
	config, err := r.Store.Config(s.ctx, r.Run)
	if err != nil || config["lr"] != 0.001 || config["opt/name"] != "adam" {
		t.Errorf("%v, %v", config, err)
	}
	tags, err := r.Store.Tags(s.ctx, r.Run)
	if err != nil || tags["mlflow.user"] != "me" || tags["experiment"] != "exp é" {
		t.Errorf("%v, %v", tags, err)
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
}

// TestNamed reads a table without steps and losses where it is named itself, and
// passes over it in a folder.
func TestNamed(t *testing.T) {
	s := newShelf(t)
	s.write("rewards.csv", "reward;length\n1,5;10\n2,5;20\n", 0)
	s.update()
	if runs, err := s.lib.Runs(s.ctx); len(runs) != 0 || err != nil {
		t.Errorf("%d runs in the folder, %v", len(runs), err)
	}
	s.close()
	s.dir = filepath.Join(s.dir, "rewards.csv")
	s.update()
	s.want("rewards.csv", "length 0:10 1:20; reward 0:1.5 1:2.5")
}
