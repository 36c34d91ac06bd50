package exec_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestLogitsOnPlain compares whole networks with PyTorch: float32 against
// float32, so the sums differ in their order only.
func TestLogitsOnPlain(t *testing.T) {
	for _, model := range []string{
		"tinyresnet/tinyresnet_op9", "tinyresnet/tinyresnet_op11", "tinyresnet/tinyresnet_op13",
		"tinyresnet/tinyresnet_op16", "tinyresnet/tinyresnet_op17",
		"tinyvit/tinyvit_op13", "tinyvit/tinyvit_op17", "tinybert/tinybert_op13",
	} {
		folder, _, _ := strings.Cut(model, "/")
		input := "input.npy"
		if folder == "tinybert" {
			input = "input_ids.npy"
		}
		g, err := onnx.Open(shared.Path(t, "golden/"+model+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		x := readNPY(t, "golden/"+folder+"/"+input)
		out, err := runOn(exec.Plain())(g, []*tensor.Tensor{x})
		if err != nil {
			t.Errorf("%s: %v", model, err)
			continue
		}
		want := readNPY(t, "golden/"+folder+"/logits.npy")
		if err := onnxtest.Close(out[0], want, 1e-4, 1e-5); err != nil {
			t.Errorf("%s: %v", model, err)
		}
	}
}

// TestLightModelsOnPlain runs the suite's large architectures, whose weights
// are constants. Those that take the reference implementation longer than a
// second are left to the native executor.
func TestLightModelsOnPlain(t *testing.T) {
	for _, name := range []string{"squeezenet", "shufflenet", "inception_v1", "densenet121"} {
		if err := onnxtest.Light(t, name).Run(runOn(exec.Plain())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func readNPY(t *testing.T, rel string) *tensor.Tensor {
	t.Helper()
	f, err := os.Open(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := tensor.ReadNPY(f)
	if err != nil {
		t.Fatalf("%s: %v", rel, err)
	}
	return x
}
