package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Run computes values from what is given, which must be all that they need; see
// Fill. What is wrong with the model or with what it is given is the user's
// mistake.
func Run(ctx context.Context, m *model.Model, given Given, fetch []Named) ([]*tensor.Tensor, error) {
	return runOn(ctx, m.Session(), given, fetch)
}

func runOn(ctx context.Context, s *exec.Session, given Given, fetch []Named) ([]*tensor.Tensor, error) {
	ids := make([]ir.ValueID, len(fetch))
	for i, f := range fetch {
		ids[i] = f.Value
	}
	out, err := s.Run(ctx, given, ids...)
	return out, userOf(ctx, err)
}

// userOf makes an error of a run the user's, unless it is a bug or the end of
// the context.
func userOf(ctx context.Context, err error) error {
	var bug *exec.PanicError
	if err != nil && ctx.Err() == nil && !errors.As(err, &bug) {
		return fault.AsUser(err)
	}
	return err
}

// Advise adds to an error of a run which sizes were only guessed, since they may
// be what does not fit.
func Advise(err error, made []Made) error {
	if err == nil || !fault.IsUser(err) || errors.Is(err, context.Canceled) {
		return err
	}
	for _, in := range made {
		if len(in.Guessed) > 0 {
			return fault.Userf("%w (%q was made up as %s, a guess; say better with --dim %s=NUMBER)", err, in.Name, ShapeText(in.Shape), in.Guessed[0])
		}
	}
	return err
}

// Unpack puts what sequences and optionals hold in their place, as "boxes.0",
// "boxes.1" and so on.
func Unpack(names []Named, values []*tensor.Tensor) ([]Named, []*tensor.Tensor) {
	var flat []Named
	var held []*tensor.Tensor
	for i, t := range values {
		if !t.DType().IsContainer() {
			flat, held = append(flat, names[i]), append(held, t)
			continue
		}
		inner := make([]Named, len(t.Elements()))
		for k := range inner {
			inner[k] = Named{fmt.Sprintf("%s.%d", names[i].Name, k), names[i].Value}
		}
		inner, elems := Unpack(inner, t.Elements())
		flat, held = append(flat, inner...), append(held, elems...)
	}
	return flat, held
}

// Write writes values as NumPy's .npz under the names they were asked for by.
// Names that would lead out of a folder, were the archive unpacked, are changed.
func Write(w io.Writer, names []Named, values []*tensor.Tensor) error {
	arrays := map[string]*tensor.Tensor{}
	for i, t := range values {
		arrays[strings.ReplaceAll(names[i].Name, "..", "__")] = t
	}
	return tensor.WriteNPZ(w, arrays)
}
