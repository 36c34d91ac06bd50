// Package exports finds the models that testdata/exporters writes: networks of
// current PyTorch, Keras and Transformers, exported to ONNX by their own means,
// with the frameworks' outputs and gradients.
//
// They are too large to be part of a checkout. "make exports" writes them to
// the folder .exports of the checkout; the environment variable TOMO_EXPORTS
// names another place. Where they are absent the tests that ask for them are
// skipped.
package exports

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Model is one network as one exporter wrote it.
type Model struct {
	Name   string // of the network and the exporter, as "resnet18-dynamo"
	Folder string
	// Framework and Exporter say who made it.
	Framework, Exporter string
	// Rounds says that it computes in 8 or 16 bits somewhere, and Stochastic
	// that its outputs are random.
	Rounds, Stochastic bool
	// Runtime tells for each run how far ONNX Runtime's outputs are from the
	// framework's, a number, or why it fails, a string.
	Runtime []any
}

// A Run is what went into a model and what the framework made of it.
type Run struct {
	In, Out []*tensor.Tensor
	// Grads are the gradients of the first output, weighed by Seed, with respect
	// to those inputs that are floats; nil if the framework has none. Exact are
	// the same computed in float64.
	Seed         *tensor.Tensor
	Grads, Exact []*tensor.Tensor
	// Agreed says that ONNX Runtime computes these outputs too. Where it does
	// not, it is the exported model that differs from the framework's.
	Agreed bool
	// Failure is why ONNX Runtime does not run it; empty if it does.
	Failure string
}

// All lists the models, or skips the test.
func All(t testing.TB) []Model {
	t.Helper()
	root := folder()
	about, err := filepath.Glob(filepath.Join(root, "*", "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(about) == 0 {
		t.Skip("no exported models in " + root + "; make exports writes them")
	}
	models := make([]Model, len(about))
	for i, path := range about {
		data, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(data, &models[i])
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		models[i].Folder = filepath.Dir(path)
		models[i].Name = filepath.Base(models[i].Folder)
	}
	return models
}

// folder returns where the models are, without looking.
func folder() string {
	if dir := os.Getenv("TOMO_EXPORTS"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, ".exports")
}

// Path returns the path of the model's file.
func (m Model) Path() string { return filepath.Join(m.Folder, "model.onnx") }

// agreement is how far ONNX Runtime may be from the framework, relative to the
// greatest magnitude, for the exported model to count as the same network.
const agreement = 1e-3

// Runs reads what the model was run with.
func (m Model) Runs(t testing.TB) []Run {
	t.Helper()
	runs := make([]Run, len(m.Runtime))
	for i, found := range m.Runtime {
		arrays, err := tensor.OpenNPZ(filepath.Join(m.Folder, fmt.Sprint(i, ".npz")))
		if err != nil {
			t.Fatal(err)
		}
		off, isNumber := found.(float64)
		runs[i] = Run{
			In: numbered(arrays, "in."), Out: numbered(arrays, "out."), Seed: arrays["seed"], Grads: numbered(arrays, "grad."), Exact: numbered(arrays, "exact."),
			Agreed: isNumber && off < agreement,
		}
		if !isNumber {
			runs[i].Failure = strings.TrimPrefix(fmt.Sprint(found), "fails: ")
		}
	}
	return runs
}

func numbered(arrays map[string]*tensor.Tensor, prefix string) []*tensor.Tensor {
	var list []*tensor.Tensor
	for {
		a := arrays[fmt.Sprint(prefix, len(list))]
		if a == nil {
			return list
		}
		list = append(list, a)
	}
}
