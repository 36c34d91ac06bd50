package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A job is what an engine is asked to compute again and again.
type job struct {
	Network string `json:"network"`
	Task    string `json:"task"`
	// Model is the network as an ONNX file, Weights its parameters and buffers
	// by name, and Arrays the input and the seed gradient.
	Model   string `json:"model"`
	Weights string `json:"weights"`
	Arrays  string `json:"arrays"`
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

// write puts what all engines read into dir.
func write(dir, network string, batch int) (map[string]job, error) {
	g, types, err := build(network, batch)
	if err != nil {
		return nil, err
	}
	at := func(format string, args ...any) string { return filepath.Join(dir, fmt.Sprintf(format, args...)) }
	j := job{Network: network, Model: at("%s-%d.onnx", network, batch), Weights: at("%s.npz", network), Arrays: at("%s-%d.npz", network, batch)}
	arrays, err := given(g, types)
	if err != nil {
		return nil, err
	}
	first, err := start(g)
	if err != nil {
		return nil, err
	}
	for path, arrays := range map[string]map[string]*tensor.Tensor{j.Arrays: arrays, j.Weights: weights(g)} {
		if err := writeNPZ(path, arrays); err != nil {
			return nil, err
		}
	}
	jobs := map[string]job{}
	for task, wrt := range map[string][]string{forward: nil, input: {g.Values[first].Name}, parameters: params(g)} {
		j.Task, j.Wrt = task, wrt
		jobs[task] = j
	}
	return jobs, onnx.Write(j.Model, g)
}

// weights are the parameters and buffers of a network by name.
func weights(g *ir.Graph) map[string]*tensor.Tensor {
	all := map[string]*tensor.Tensor{}
	for i := range g.Values {
		if v := &g.Values[i]; v.Param || v.Buffer {
			all[v.Name] = v.Const
		}
	}
	return all
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
