package tensor_test

import (
	"bytes"
	"testing"

	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestContainers(t *testing.T) {
	x, y := tensor.Vector[float32](1, 2), tensor.Scalar("text")
	seq := tensor.NewSequence(x, y)
	some, none := tensor.NewOptional(seq), tensor.NewOptional(nil)
	for _, c := range []struct {
		t      *tensor.Tensor
		text   string
		dtype  tensor.DType
		length int
	}{
		{seq, "sequence[2]", tensor.Sequence, 2},
		{tensor.NewSequence(), "sequence[0]", tensor.Sequence, 0},
		{some, "optional[]", tensor.Optional, 1},
		{none, "optional[]", tensor.Optional, 0},
	} {
		if c.t.String() != c.text || c.t.DType() != c.dtype || len(c.t.Elements()) != c.length {
			t.Errorf("%v of type %v holds %d tensors, want %s with %d", c.t, c.t.DType(), len(c.t.Elements()), c.text, c.length)
		}
		if !c.t.DType().IsContainer() || c.t.DType().Size() != 0 {
			t.Errorf("%v is no container or has a size", c.t)
		}
		if !tensor.Equal(c.t, c.t.Clone()) {
			t.Errorf("a clone of %v differs", c.t)
		}
		if _, err := c.t.Floats(); err == nil {
			t.Errorf("%v is read as numbers", c.t)
		}
		if c.t.WriteNPY(&bytes.Buffer{}) == nil {
			t.Errorf("%v is written as an array", c.t)
		}
	}
	if x.Elements() != nil {
		t.Error("a tensor of numbers holds tensors")
	}
	if tensor.Equal(some, none) || tensor.Equal(seq, tensor.NewSequence(x, x)) || tensor.Equal(none, tensor.NewSequence()) {
		t.Error("different containers are equal")
	}
	if got := some.Bytes(); got < x.Bytes()+y.Bytes() || none.Bytes() != 0 {
		t.Errorf("an optional sequence of %v and %v takes %d bytes, an empty one %d", x, y, got, none.Bytes())
	}
}

// TestCloneOfContainer changes what a clone holds.
func TestCloneOfContainer(t *testing.T) {
	x := tensor.Vector[float32](1)
	for _, c := range []*tensor.Tensor{tensor.NewSequence(x), tensor.NewOptional(x), tensor.NewOptional(tensor.NewSequence(x))} {
		e := c.Clone()
		for e.DType().IsContainer() {
			e = e.Elements()[0]
		}
		if e.F32()[0] = 5; x.F32()[0] != 1 {
			t.Errorf("a clone of %v shares elements with it", c)
		}
	}
}
