package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// A job is what an engine is asked to compute again and again.
type job struct {
	Network string `json:"network"`
	Task    string `json:"task"`
	// Model is the network as an ONNX file, Weights its parameters and buffers
	// by name, and Arrays its inputs by name and the seed gradient.
	Model   string `json:"model"`
	Weights string `json:"weights"`
	Arrays  string `json:"arrays"`
	// Inputs names the inputs in their order, Output the output.
	Inputs []string `json:"inputs"`
	Output string   `json:"output"`
	// Wrt names the values whose gradients are wanted.
	Wrt     []string `json:"wrt"`
	Threads int      `json:"threads"`
}

// The tasks.
const (
	forward    = "forward"
	input      = "input"      // forward and the gradient of the input
	parameters = "parameters" // forward and the gradients of all parameters
)

var tasks = []string{forward, input, parameters}

// write puts what all engines read into dir and returns a job for each task.
func write(dir, network string, batch int) (map[string]job, error) {
	s, err := newSubject(network, batch)
	if err != nil {
		return nil, err
	}
	at := func(format string, args ...any) string { return filepath.Join(dir, fmt.Sprintf(format, args...)) }
	j := job{
		Network: network, Inputs: s.names(s.graph.Inputs...), Output: s.name(s.graph.Outputs[0]),
		Model: at("%s-%d.onnx", network, batch), Weights: at("%s.npz", network), Arrays: at("%s-%d.npz", network, batch),
	}
	for path, arrays := range map[string]map[string]*tensor.Tensor{j.Arrays: s.arrays(), j.Weights: s.weights()} {
		if err := writeNPZ(path, arrays); err != nil {
			return nil, err
		}
	}
	jobs := map[string]job{}
	for task, wrt := range map[string][]ir.ValueID{forward: nil, input: {zoo.Entry(s.graph)}, parameters: s.params} {
		j.Task, j.Wrt = task, s.names(wrt...)
		jobs[task] = j
	}
	return jobs, onnx.Write(j.Model, s.graph)
}

func writeNPZ(path string, arrays map[string]*tensor.Tensor) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := tensor.WriteNPZ(w, arrays); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
