package ort

import (
	"context"
	"runtime"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A session is a model that the library has optimized and can run, any number
// of times at once. It is released when it is no longer reachable.
type session struct {
	lib             *library
	handle          uintptr
	inputs, outputs []*byte // names
	results         []op.Type
}

// A loan is a model in the library and the memory of ours that it uses.
type loan struct {
	handle    uintptr
	constants *values
}

// leastApart is from how many bytes on a constant is lent to the library where
// it lies, and not copied into the model. The library asks small ones, such as
// shapes and axes, while it reads the model.
const leastApart = 1 << 12

// newSession hands a graph over, whose values are of the given types.
func (e *executor) newSession(g *ir.Graph, types []op.Type) (*session, error) {
	model, apart, err := onnx.EncodeApart(g, leastApart)
	if err != nil {
		return nil, err
	}
	env, pooled, err := e.lib.environment(e.threads)
	if err != nil {
		return nil, err
	}
	options, err := e.sessionOptions(pooled)
	defer e.lib.call(releaseSessionOptions, options)
	if err != nil {
		return nil, err
	}
	constants, err := e.lib.lendConstants(options, g, apart)
	if err != nil {
		constants.release()
		return nil, err
	}
	s := &session{lib: e.lib, inputs: names(g, g.Inputs), outputs: names(g, g.Outputs)}
	for _, v := range g.Outputs {
		s.results = append(s.results, types[v])
	}
	err = e.lib.do(createSessionFromArray, env, uintptr(unsafe.Pointer(unsafe.SliceData(model))), uintptr(len(model)), options, uintptr(unsafe.Pointer(&s.handle)))
	if err != nil {
		constants.release()
		return nil, &RefusedError{err}
	}
	runtime.AddCleanup(s, func(l loan) {
		e.lib.call(releaseSession, l.handle)
		l.constants.release()
	}, loan{s.handle, constants})
	return s, nil
}

// run computes the outputs. When ctx ends it stops before the next node.
func (s *session) run(ctx context.Context, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	given, err := s.lib.lend(in)
	defer given.release()
	if err != nil {
		return nil, err
	}
	own := s.space()
	made, err := s.lib.lend(own)
	defer made.release()
	if err != nil {
		return nil, err
	}
	if err := s.call(ctx, given.handles, made.handles); err != nil {
		return nil, err
	}
	for i := range own {
		if own[i] == nil {
			if own[i], err = s.lib.copyOf(made.handles[i]); err != nil {
				return nil, err
			}
		}
	}
	return own, nil
}

// call runs the model on values of the library's. It makes those that are 0.
func (s *session) call(ctx context.Context, given, made []uintptr) error {
	var options uintptr
	if err := s.lib.do(createRunOptions, uintptr(unsafe.Pointer(&options))); err != nil {
		return err
	}
	defer s.lib.call(releaseRunOptions, options)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		s.lib.call(setTerminate, options)
		close(stopped)
	})
	err := s.lib.do(runSession, s.handle, options,
		uintptr(unsafe.Pointer(unsafe.SliceData(s.inputs))), uintptr(unsafe.Pointer(unsafe.SliceData(given))), uintptr(len(given)),
		uintptr(unsafe.Pointer(unsafe.SliceData(s.outputs))), uintptr(len(made)), uintptr(unsafe.Pointer(unsafe.SliceData(made))))
	runtime.KeepAlive(s)
	if !stop() {
		<-stopped // the options live until then
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &RefusedError{err}
	}
	return nil
}

// space takes memory for the results whose shapes are known, so that the
// library writes them where they are to be. Others are nil.
func (s *session) space() []*tensor.Tensor {
	own := make([]*tensor.Tensor, len(s.results))
	for i, t := range s.results {
		shape, settled := t.Shape.Ints()
		if settled && t.DType.Bits() >= 8 { // smaller elements are packed there
			own[i] = tensor.New(t.DType, shape...)
		}
	}
	return own
}

// names lists the names of values as C has them.
func names(g *ir.Graph, ids []ir.ValueID) []*byte {
	list := make([]*byte, len(ids))
	for i, v := range ids {
		list[i] = cString(g.Values[v].Name)
	}
	return list
}
