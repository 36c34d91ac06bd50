package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
)

func TestONNXSuiteOnNative(t *testing.T) {
	for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
		t.Run(part, func(t *testing.T) {
			onnxtest.RunPart(t, part, "testdata/onnx-plain-fails.txt", runOn(exec.Default()))
		})
	}
}
