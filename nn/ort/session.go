package ort

import (
	"context"
	"errors"
	"runtime"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A session runs a model that the library has optimized, any number of times at
// once. The model is closed when the session is no longer reachable, and
// sometimes before (keep.go).
type session struct {
	lib             *library
	slot            *slot
	inputs, outputs []*byte // names
	results         []op.Type
}

// leastApart is from how many bytes on a constant is lent to the library where
// it lies, and not copied into the model. The library asks small ones, such as
// shapes and axes, while it reads the model.
const leastApart = 1 << 12

// newSession hands a graph over, whose values are of the given types. A run is
// said to take that many bytes.
func (e *executor) newSession(g *ir.Graph, types []op.Type, bytes int64) (*session, error) {
	model, apart, err := onnx.EncodeApart(g, leastApart)
	if err != nil {
		return nil, err
	}
	bytes += int64(len(model))
	for _, v := range apart {
		bytes += int64(g.Values[v].Const.Bytes())
	}
	s := &session{lib: e.lib, inputs: names(g, g.Inputs), outputs: names(g, g.Outputs)}
	for _, v := range g.Outputs {
		s.results = append(s.results, types[v])
	}
	return s, s.keep(bytes, func() (*loan, error) {
		return e.open(g, apart, func(env, options uintptr, handle *uintptr) error {
			return e.lib.do(createSessionFromArray, env, uintptr(unsafe.Pointer(unsafe.SliceData(model))), uintptr(len(model)), options, uintptr(unsafe.Pointer(handle)))
		})
	})
}

// keep opens the session's model for the first time, so that it errs at once.
func (s *session) keep(bytes int64, open func() (*loan, error)) error {
	lib := s.lib
	s.slot = &slot{keeper: &lib.keeper, bytes: bytes, open: open, close: func(l *loan) {
		lib.call(releaseSession, l.handle)
		l.constants.release()
	}}
	if _, err := s.slot.take(); err != nil {
		return err
	}
	s.slot.giveBack()
	runtime.AddCleanup(s, lib.keeper.drop, s.slot)
	return nil
}

// creation is the call of the library's that reads a model.
type creation func(env, options uintptr, handle *uintptr) error

// open reads a model with the executor's options. The library's optimizer breaks
// some graphs of which many values are fetched (it takes nodes away that others
// read, up to 1.32 at least); what it refuses is opened as it is.
func (e *executor) open(g *ir.Graph, apart []ir.ValueID, create creation) (*loan, error) {
	l, err := e.openAt(optimizeAll, g, apart, create)
	var refused *RefusedError
	if errors.As(err, &refused) {
		if l, plainErr := e.openAt(optimizeNothing, g, apart, create); plainErr == nil {
			return l, nil
		}
	}
	return l, err
}

// openAt reads a model, to be optimized up to a level.
func (e *executor) openAt(level uintptr, g *ir.Graph, apart []ir.ValueID, create creation) (*loan, error) {
	env, pooled, err := e.lib.environment(e.threads)
	if err != nil {
		return nil, err
	}
	options, err := e.sessionOptions(pooled, level)
	defer e.lib.call(releaseSessionOptions, options)
	if err != nil {
		return nil, err
	}
	l := &loan{}
	l.constants, err = e.lib.lendConstants(options, g, apart)
	if err == nil {
		if err = create(env, options, &l.handle); err != nil {
			err = &RefusedError{err}
		}
	}
	if err != nil {
		l.constants.release()
		return nil, err
	}
	return l, nil
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
	handle, err := s.slot.take()
	if err != nil {
		return nil, err
	}
	err = s.call(ctx, handle, given.handles, made.handles)
	s.slot.giveBack()
	if err != nil {
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
func (s *session) call(ctx context.Context, handle uintptr, given, made []uintptr) error {
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
	err := s.lib.do(runSession, handle, options,
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
