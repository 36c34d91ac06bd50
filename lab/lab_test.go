package lab

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/track"
)

// TestPictures asserts what is promised of the pictures and their truth.
func TestPictures(t *testing.T) {
	for _, kind := range []Kind{Plain, Betrayed, Misleading} {
		pictures, again := Pictures(3, 60, kind), Pictures(3, 60, kind)
		differs := 0
		for i, p := range pictures {
			if !bytes.Equal(p.Pix, again[i].Pix) {
				t.Fatal("one seed makes two different pictures")
			}
			object, mark := count(p.Object), count(p.MarkArea)
			if share := float64(object) / (Side * Side); share < 0.01 || share > 0.35 {
				t.Errorf("the %s takes %.3f of the picture", p.Name(), share)
			}
			if kind == Plain && (mark != 0 || p.Mark >= 0 || p.Shape != p.Class) {
				t.Errorf("a plain picture has a mark: %+v", p.Name())
			}
			if kind != Plain && (mark != markCell*markCells*markCell*markCells || p.Mark != p.Class) {
				t.Errorf("the mark of %s does not betray its label", p.Name())
			}
			if p.Shape != p.Class {
				differs++
			}
			for at := range p.Object {
				if p.Object[at] && p.MarkArea[at] {
					t.Fatal("a pixel belongs to the object and to the mark")
				}
			}
		}
		if (kind == Misleading) != (differs > 30) {
			t.Errorf("of 60 pictures of kind %d, %d show another shape than the label says", kind, differs)
		}
	}
}

// TestObjectStandsOut asserts that the object can be seen: its mean colour is
// far from that of what is around it.
func TestObjectStandsOut(t *testing.T) {
	for _, p := range Pictures(5, 60, Plain) {
		var sum, n [2]float64
		for at, l := range p.Luma() {
			side := 0
			if p.Object[at] {
				side = 1
			}
			sum[side] += float64(l)
			n[side]++
		}
		if d := sum[0]/n[0] - sum[1]/n[1]; d > -30 && d < 30 {
			t.Errorf("a %s differs from its ground by only %.0f of 255 in lightness", p.Name(), d)
		}
	}
}

// TestSamplesArePrepared asserts that a network is trained on the numbers that
// the model's preparation makes of the same picture.
func TestSamplesArePrepared(t *testing.T) {
	net := newNet(1)
	m, err := Open(Honest, net.Graph, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Pictures(1, 1, Plain)[0]
	ready, err := m.Prep.Prepare(p.Image)
	if err != nil {
		t.Fatal(err)
	}
	want := samples([]*Picture{p}).X.F32()
	for i, got := range ready.Tensor.F32() {
		if d := got - want[i]; d > 1e-6 || d < -1e-6 {
			t.Fatalf("number %d is %v in training and %v in use", i, want[i], got)
		}
	}
}

// TestDemo asserts that a demo's folder opens as any other: models with labels
// and settings, pictures named by their truth; and that what is trained
// already is kept.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two networks")
	}
	dir := t.TempDir()
	done := map[string]Event{}
	tell := func(e Event) {
		if e.Done {
			done[e.Net] = e
		}
	}
	runs, err := track.Open(t.Context(), filepath.Join(dir, "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer runs.Close()
	if err := Demo(t.Context(), dir, runs, nil, tell); err != nil {
		t.Fatal(err)
	}
	logged, err := runs.Runs(t.Context(), Project)
	if err != nil || len(logged) != 2 || logged[0].State != track.Finished || logged[1].State != track.Finished {
		t.Errorf("the trainings are logged as %v, %v", logged, err)
	}
	for _, l := range []Lesson{Honest, Cheater} {
		e := done[l.Name]
		t.Logf("%s: accuracy %.3f on new pictures after %.1f s", l.Name, e.ValAccuracy, e.Seconds)
		if e.ValAccuracy < 0.93 {
			t.Errorf("the %s network names %.2f of new pictures, want 0.93", l.Name, e.ValAccuracy)
		}
		m, err := model.Open(filepath.Join(dir, l.Name+".onnx"), model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Prep.Guessed || !slices.Equal(m.Labels.Names, Classes) {
			t.Errorf("the %s model's settings are not known: %v, %v", l.Name, m.Prep, m.Labels)
		}
	}
	namesItsPictures(t, dir)
	first := done["honest"]
	clear(done)
	if err := Demo(t.Context(), dir, runs, nil, tell); err != nil {
		t.Error(err)
	}
	if done["honest"] != first { // another training would have taken other seconds
		t.Errorf("the training is retold as %+v, it was %+v", done["honest"], first)
	}
}

// namesItsPictures asks the honest network for the plain pictures.
func namesItsPictures(t *testing.T, dir string) {
	t.Helper()
	m, err := model.Open(filepath.Join(dir, "honest.onnx"), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "pictures"))
	if err != nil || len(files) != 2*shownPictures {
		t.Fatalf("there are %d pictures: %v", len(files), err)
	}
	right := 0
	for i, f := range files[:shownPictures] {
		img, err := data.OpenImage(filepath.Join(dir, "pictures", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		ready, err := m.Prep.Prepare(img)
		if err != nil {
			t.Fatal(err)
		}
		ranked, err := m.Predict(context.Background(), ready.Tensor)
		if err != nil {
			t.Fatal(err)
		}
		if ranked[0].Class == i%len(Classes) {
			right++
		}
	}
	if right < shownPictures-2 {
		t.Errorf("the honest network names %d of %d pictures", right, shownPictures)
	}
}

// TestNetIsWhatItSays counts the parameters and runs a batch of two.
func TestNetIsWhatItSays(t *testing.T) {
	net := newNet(1)
	n := 0
	for _, v := range net.Params {
		n += net.Graph.Values[v].Const.Len()
	}
	// 3·3·3·16+16 + 3·3·16·32+32 + 3·3·32·64+64 + 3·3·64·64+64 + 64·6+6
	if n != 60902 {
		t.Errorf("the network has %d parameters, want 60902", n)
	}
	m, err := Open(Honest, net.Graph, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New(tensor.Float32, 2, 3, Side, Side)
	out, err := m.Session().Run(t.Context(), map[ir.ValueID]*tensor.Tensor{m.Input: x}, net.Logits)
	if err != nil || !slices.Equal(out[0].Shape(), []int{2, len(Classes)}) {
		t.Errorf("two pictures give %v, %v", out, err)
	}
}

func count(area []bool) int {
	n := 0
	for _, in := range area {
		if in {
			n++
		}
	}
	return n
}
