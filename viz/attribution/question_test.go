package attribution

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

func TestSelections(t *testing.T) {
	m, err := model.New("tiny.onnx", zoo.Tiny(1), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	logits := m.Net.Values[m.Head.Logits].Name
	shape := []int{2, 3, 4}
	for _, c := range []struct{ index, want string }{
		{"", "24 from 0 to 23"},
		{"[]", "24 from 0 to 23"},
		{"[1,2,3]", "1 from 23 to 23"},
		{"[-1,-1,-1]", "1 from 23 to 23"},
		{"[0, 1]", "4 from 4 to 7"},
		{"[...,0]", "6 from 0 to 20"},
		{"[:,1:,::2]", "8 from 4 to 22"},
		{"[0,:-1,1:3]", "4 from 1 to 6"},
		{"[0,-9:9,0]", "3 from 0 to 8"},
		{"[1,2,3,4]", "named"},
		{"[2]", "2 elements along axis 0"},
		{"[0,3:]", "selects none"},
		{"[0,x]", "no index"},
		{"[0,::0]", "no index"},
		{"[0,1:2:3:4]", "no index"},
		{"[0", "not closed"},
	} {
		s, err := ParseSelection(m, logits+c.index)
		var places []int
		if err == nil {
			places, err = s.places(shape)
		}
		got := ""
		if err == nil {
			got = fmt.Sprintf("%d from %d to %d", len(places), places[0], places[len(places)-1])
		} else if got = err.Error(); !viz.IsUser(err) {
			t.Errorf("%s: %v is no error of the user's", c.index, err)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.index, got, c.want)
		}
	}
	if _, err := ParseSelection(m, logits[:len(logits)-1]+"x[0]"); err == nil || !strings.Contains(err.Error(), logits) {
		t.Errorf("a name that is nearly %s gives %v", logits, err)
	}
}

// segmenter scores three categories at each place: red, green and blue.
func segmenter(t *testing.T) *model.Model {
	t.Helper()
	g := ir.New("colours")
	x := g.AddInput("image", tensor.Float32, ir.Dims(1, 3, 2, 4))
	b := ir.NewBuilder(g, "")
	scores := b.Op("Mul", nil, x, b.Float(2, tensor.Float32))
	g.Outputs = []ir.ValueID{b.Op("Softmax", ir.Pairs("axis", 1), scores)}
	m, err := model.New("colours.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestCategories adds up a category's logits where it wins, everywhere, and in
// a box.
func TestCategories(t *testing.T) {
	m := segmenter(t)
	x := tensor.Of([]float32{
		9, 9, 1, 0, 0, 0, 0, 0, // red
		1, 1, 2, 2, 2, 0, 0, 0, // green
		0, 0, 0, 0, 0, 3, 3, 3, // blue
	}, 1, 3, 2, 4)
	for _, c := range []struct {
		region Region
		class  string
		want   float64
	}{
		{"won", "0", 36}, {"won", "1", 12}, {"won", "top", 18}, {"all", "0", 38}, {"2,0,4,1", "1", 8}, {"0,1,4,2", "2", 18},
	} {
		q := Question{Class: []string{c.class}, Target: Logit, Region: c.region}
		v, err := q.Reads(m)
		if err != nil {
			t.Fatal(err)
		}
		a, err := AskAny(t.Context(), m, x, v)
		if err != nil {
			t.Fatal(err)
		}
		targets, ranked, err := q.Targets(a)
		if err != nil {
			t.Errorf("%s of %s: %v", c.region, c.class, err)
			continue
		}
		if got := a.Score(targets[0]); got != c.want {
			t.Errorf("%s of %s: the score is %v, want %v", c.region, c.class, got, c.want)
		}
		if n := len(ranked); n != 3 || ranked[0].Score != 3.0/8 {
			t.Errorf("ranked %v", ranked)
		}
	}
	for _, q := range []Question{
		{Class: []string{"3"}, Target: Logit}, {Class: []string{"0"}, Target: Probability},
		{Class: []string{"0"}, Target: Logit, Region: "1,2,3"}, {Class: []string{"0"}, Target: Logit, Region: "9,9,12,12"},
	} {
		a, err := AskAny(t.Context(), m, x, m.ScoreMaps())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := q.Targets(a); !viz.IsUser(err) {
			t.Errorf("%+v gives %v", q, err)
		}
	}
}
