package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
)

func TestONNXSuiteOnNative(t *testing.T) {
	for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
		t.Run(part, func(t *testing.T) {
			onnxtest.RunPart(t, part, "testdata/onnx-native-fails.txt", runOn(exec.Default()))
		})
	}
}

// TestLightModelsOnNative runs the suite's large architectures, whose weights
// are constants.
func TestLightModelsOnNative(t *testing.T) {
	for _, name := range onnxtest.LightModels {
		t.Run(name, func(t *testing.T) {
			if err := onnxtest.Light(t, name).Run(runOn(exec.Default())); err != nil {
				t.Error(err)
			}
		})
	}
}
