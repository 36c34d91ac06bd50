package exec

import (
	"sync"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
)

// Options of the native executor. The zero value is the default.
type Options struct {
	// Threads that compute at a time; 0 means as many as the machine runs
	// (GOMAXPROCS). Runs at the same time share them.
	Threads int
	// Memory bounds the bytes of the values that a run holds, constants not
	// counted. A program that would need more is refused when it is compiled.
	// 0 means three quarters of the machine's memory.
	Memory int64
	// Unfused makes every node a step of its own, in the plain layout. It is
	// slower, and there to find out whether what a fused kernel computes, or the
	// choice to fuse, is wrong.
	Unfused bool
}

// Native returns the executor that compiles graphs to plans: shapes are settled
// and constants folded, chains of operators fused, weights packed once, and
// memory laid out in advance. float32 is computed by the kernels of nn/kernel;
// operators and element types that they do not know by the reference.
func Native(o Options) Executor {
	e := &native{limit: o.Memory, unfused: o.Unfused, memo: pass.NewMemo(), packs: newPacks()}
	if e.limit <= 0 {
		e.limit = defaultLimit()
	}
	if e.pool = kernel.SharedPool(); o.Threads > 0 {
		e.pool = kernel.NewPool(o.Threads)
	}
	return e
}

// Default returns the native executor that the whole program shares.
var Default = sync.OnceValue(func() Executor { return Native(Options{}) })

type native struct {
	pool    *kernel.Pool
	limit   int64
	unfused bool
	memo    *pass.Memo
	packs   *packs
}

func (*native) Name() string { return "native" }

func (e *native) Compile(g *ir.Graph, feeds []Feed, fetch []ir.ValueID) (program Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			program, err = nil, &PanicError{"compiling the graph", r}
		}
	}()
	g, err = Prepare(g, feeds, fetch)
	if err != nil {
		return nil, err
	}
	g, types, err := e.simplify(g)
	if err != nil {
		return nil, err
	}
	if first, rest := split(g, types); rest != nil {
		return e.compileStaged(g, feeds, first, rest)
	}
	return e.plan(g, types, feeds)
}

// simplify settles the shapes and folds what they make constant.
func (e *native) simplify(g *ir.Graph) (*ir.Graph, []op.Type, error) {
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, nil, err
	}
	if folded := pass.Fold(g, types, e.memo); len(folded.Nodes) < len(g.Nodes) {
		if types, err = pass.InferStrict(folded); err != nil {
			return nil, nil, err
		}
		g = folded
	}
	return pass.Prune(pass.Bypass(g, types)), types, nil
}
