package model

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Model is a network with all that is needed to use it. Its fields are read
// and not changed after Open; it is safe for concurrent use.
type Model struct {
	Path string
	Name string // the file's name without its ending
	// File is the graph as the file has it. Net is the one that runs: the same
	// nodes and values, with 16-bit floats widened to float32.
	File, Net *ir.Graph
	// Types is what is known of each value of Net.
	Types []op.Type
	// Input is the image input, None if the network takes no picture; Prep is
	// how pictures are prepared for it, nil then.
	Input ir.ValueID
	Prep  *Prep
	// Head is where a classifier answers, nil if the model is none.
	Head   *Head
	Labels Labels

	executor exec.Executor
	session  func() *exec.Session

	modulesOnce sync.Once
	modules     map[string]ir.ValueID
	gridsOnce   sync.Once
	grids       *Grids
	writtenOnce sync.Once
	written     *exec.Session
	writtenErr  error
}

// Options are what a user may say when a model is opened.
type Options struct {
	// Input holds settings of the preparation by name; see PrepFields.
	Input map[string]string
	// Labels is the path of a label file.
	Labels string
	// Executor runs the model; nil is exec.Default().
	Executor exec.Executor
}

// Open reads a model file. Errors about the file are the user's, and say what
// is wrong with it.
func Open(path string, opts Options) (*Model, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, fault.Userf("there is no model %s: %w", path, err)
	} else if info.IsDir() {
		return nil, fault.Userf("%s is a folder; give the model file in it", path)
	}
	g, err := onnx.Open(path)
	if err != nil {
		return nil, fault.AsUser(err)
	}
	return New(path, g, opts)
}

// New makes a model of a graph that is already in memory. The path names it
// and says where to look for settings and labels.
func New(path string, g *ir.Graph, opts Options) (*Model, error) {
	base := filepath.Base(path)
	m := &Model{
		Path: path, Name: strings.TrimSuffix(base, filepath.Ext(base)),
		File: g, Net: pass.Upcast(g), Input: ir.None, executor: opts.Executor,
	}
	if m.executor == nil {
		m.executor = exec.Default()
	}
	m.session = sync.OnceValue(func() *exec.Session { return exec.NewSession(m.Net, m.executor) })
	var err error
	if m.Types, err = pass.Infer(m.Net, nil); err != nil {
		return nil, fault.Userf("%s is wired wrongly: %w", path, err)
	}
	if err := m.findPrep(opts.Input); err != nil {
		return nil, err
	}
	m.bindInput()
	m.Head = m.findHead(m.Types)
	return m, m.findLabels(opts.Labels)
}

// TypesFor infers the types anew with every extent of the inputs known: the
// picture's as it is prepared, and the given number for what is left open, such
// as the batch.
func (m *Model) TypesFor(open int) []op.Type {
	bound := map[ir.ValueID]ir.Shape{}
	for _, id := range m.Net.Inputs {
		shape := slices.Clone(m.Types[id].Shape)
		for i, d := range shape {
			if !d.IsKnown() {
				shape[i] = ir.Known(open)
			}
		}
		bound[id] = shape
	}
	if types, err := pass.Infer(m.Net, bound); err == nil {
		return types
	}
	return m.Types
}

// bindInput infers the types anew with the input as pictures will fill it, so
// that sizes which depend on a free height and width become known. A size that
// does not fit the network is left for the run to report.
func (m *Model) bindInput() {
	if m.Input == ir.None {
		return
	}
	s := m.Net.Values[m.Input].Shape
	if s == nil {
		s = make(ir.Shape, 4)
	}
	bound := ir.Shape{s[0], ir.Known(m.Prep.Channels.Count()), ir.Known(m.Prep.Height), ir.Known(m.Prep.Width)}
	if m.Prep.Layout == NHWC {
		bound[1], bound[2], bound[3] = bound[2], bound[3], bound[1]
	}
	if types, err := pass.Infer(m.Net, map[ir.ValueID]ir.Shape{m.Input: bound}); err == nil {
		m.Types = types
	}
}

// Session runs the network; programs once compiled are kept.
func (m *Model) Session() *exec.Session { return m.session() }

func (m *Model) describeOutputs() string {
	var parts []string
	for _, id := range m.Net.Outputs {
		parts = append(parts, fmt.Sprintf("%s is %s", m.Net.Values[id].Name, m.Types[id].Shape))
	}
	return strings.Join(parts, ", ")
}

// Params counts the learned numbers.
func (m *Model) Params() int64 {
	n := int64(0)
	for i := range m.File.Values {
		if v := &m.File.Values[i]; v.Param {
			if shape, ok := v.Shape.Ints(); ok {
				count, _ := tensor.NumElements(shape)
				n += int64(count)
			}
		}
	}
	return n
}
