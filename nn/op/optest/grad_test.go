package optest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// recorder notes what a check reports instead of failing.
type recorder struct {
	testing.TB
	reports []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.reports = append(r.reports, fmt.Sprintf(format, args...))
}

// At its bound, Clip's rule passes the whole gradient on and the central
// difference sees half of it: the check must tell them apart.
func TestWrongGradientIsReported(t *testing.T) {
	for _, x := range []float64{0.3, 1} {
		r := &recorder{TB: t}
		CheckGrad(r, Case{Op: "Clip", In: []*tensor.Tensor{tensor.Vector(x), nil, tensor.Scalar(1.0)}, Fixed: []int{2}})
		if wrong := x == 1; wrong != (len(r.reports) > 0) {
			t.Errorf("at %v the check reports %q", x, strings.Join(r.reports, "; "))
		}
	}
}

func TestMissingRuleIsReported(t *testing.T) {
	r := &recorder{TB: t}
	CheckGrad(r, Case{Op: "Det", In: []*tensor.Tensor{tensor.Of([]float64{1, 2, 3, 4}, 2, 2)}})
	if len(r.reports) == 0 {
		t.Error("an operator without a rule passes the check")
	}
}
