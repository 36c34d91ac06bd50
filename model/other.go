package model

import (
	"sync"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
)

// WithNet returns a model like m that runs another graph of the same nodes and
// values, such as one with other weights.
func (m *Model) WithNet(net *ir.Graph) *Model {
	return &Model{
		Path: m.Path, Name: m.Name, File: m.File, Net: net, Types: m.Types,
		Input: m.Input, Prep: m.Prep, Head: m.Head, Labels: m.Labels, executor: m.executor,
		session: sync.OnceValue(func() *exec.Session { return exec.NewSession(net, m.executor) }),
	}
}
