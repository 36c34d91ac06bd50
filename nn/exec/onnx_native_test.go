package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
)

// natives are the native executors that are held to the suite, by how they
// compute.
func natives() map[string]exec.Executor {
	return map[string]exec.Executor{"fused": exec.Default(), "unfused": exec.Native(exec.Options{Unfused: true})}
}

func TestONNXSuiteOnNative(t *testing.T) {
	for how, e := range natives() {
		for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
			t.Run(how+"/"+part, func(t *testing.T) {
				onnxtest.RunPart(t, part, "testdata/onnx-native-fails.txt", runOn(e))
			})
		}
	}
}

// TestLightModelsOnNative runs the suite's large architectures, whose weights
// are constants.
func TestLightModelsOnNative(t *testing.T) {
	for how, e := range natives() {
		for _, name := range onnxtest.LightModels {
			if how == "unfused" && testing.Short() {
				continue
			}
			t.Run(how+"/"+name, func(t *testing.T) {
				if err := onnxtest.Light(t, name).Run(runOn(e)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
