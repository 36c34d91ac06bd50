package ort

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A session is a model that the library has optimized and can run, any number
// of times at once. It is released when it is no longer reachable.
type session struct {
	lib             *library
	handle          uintptr
	inputs, outputs []*byte // names
}

// newSession hands a model over.
func (e *executor) newSession(model []byte, inputs, outputs []string) (*session, error) {
	env, pooled, err := e.lib.environment(e.threads)
	if err != nil {
		return nil, err
	}
	var options uintptr
	if err := e.lib.do(createSessionOptions, uintptr(unsafe.Pointer(&options))); err != nil {
		return nil, err
	}
	defer e.lib.call(releaseSessionOptions, options)
	if err := e.configure(options, pooled); err != nil {
		return nil, err
	}
	s := &session{lib: e.lib, inputs: cStrings(inputs), outputs: cStrings(outputs)}
	err = e.lib.do(createSessionFromArray, env, uintptr(unsafe.Pointer(unsafe.SliceData(model))), uintptr(len(model)), options, uintptr(unsafe.Pointer(&s.handle)))
	if err != nil {
		return nil, fmt.Errorf("%w; the native executor may take it (--executor native)", err)
	}
	runtime.AddCleanup(s, func(handle uintptr) { e.lib.call(releaseSession, handle) }, s.handle)
	return s, nil
}

func (e *executor) configure(options uintptr, pooled bool) error {
	if err := e.lib.do(setGraphOptimizationLevel, options, optimizeAll); err != nil {
		return err
	}
	// With 8-bit arithmetic in place of what a quantized network says, a value
	// would depend on which others are fetched, by up to half its range.
	err := e.lib.do(addSessionConfigEntry, options, uintptr(unsafe.Pointer(cString("session.disable_quant_qdq"))), uintptr(unsafe.Pointer(cString("1"))))
	if err != nil {
		return err
	}
	err = e.lib.do(setIntraOpNumThreads, options, uintptr(e.threads))
	if pooled {
		err = e.lib.do(disablePerSessionThreads, options)
	}
	switch {
	case err != nil || e.provider == "":
		return err
	case e.provider == "CUDA":
		return e.addCUDA(options)
	}
	return e.addProvider(options)
}

// addProvider asks for the provider by its full name, and then by the short one
// in capitals, which is all that earlier versions of the library know.
func (e *executor) addProvider(options uintptr) (err error) {
	for _, name := range []string{e.provider + providerSuffix, e.provider, strings.ToUpper(e.provider)} {
		err = e.lib.do(appendExecutionProvider, options, uintptr(unsafe.Pointer(cString(name))), 0, 0, 0)
		if err == nil {
			return nil
		}
	}
	return &LibraryError{e.lib.path, err.Error()}
}

// addCUDA is for the one provider that has functions of its own.
func (e *executor) addCUDA(options uintptr) error {
	var cuda uintptr
	if err := e.lib.do(createCUDAOptions, uintptr(unsafe.Pointer(&cuda))); err != nil {
		return &LibraryError{e.lib.path, err.Error()}
	}
	defer e.lib.call(releaseCUDAOptions, cuda)
	if err := e.lib.do(appendCUDA, options, cuda); err != nil {
		return &LibraryError{e.lib.path, err.Error()}
	}
	return nil
}

// run computes the outputs. When ctx ends it stops before the next node.
func (s *session) run(ctx context.Context, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	given, release, err := s.values(in)
	defer release()
	if err != nil {
		return nil, err
	}
	var options uintptr
	if err := s.lib.do(createRunOptions, uintptr(unsafe.Pointer(&options))); err != nil {
		return nil, err
	}
	defer s.lib.call(releaseRunOptions, options)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		s.lib.call(setTerminate, options)
		close(stopped)
	})
	made := make([]uintptr, len(s.outputs))
	defer func() {
		for _, v := range made {
			s.lib.call(releaseValue, v)
		}
	}()
	err = s.lib.do(runSession, s.handle, options,
		uintptr(unsafe.Pointer(unsafe.SliceData(s.inputs))), uintptr(unsafe.Pointer(unsafe.SliceData(given))), uintptr(len(given)),
		uintptr(unsafe.Pointer(unsafe.SliceData(s.outputs))), uintptr(len(made)), uintptr(unsafe.Pointer(unsafe.SliceData(made))))
	runtime.KeepAlive(in)
	runtime.KeepAlive(s)
	if !stop() {
		<-stopped // the options live until then
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return s.tensors(made)
}

// values lends tensors to the library, until release is called.
func (s *session) values(in []*tensor.Tensor) (values []uintptr, release func(), err error) {
	values = make([]uintptr, len(in))
	release = func() {
		for _, v := range values {
			s.lib.call(releaseValue, v)
		}
	}
	for i, t := range in {
		shape := make([]int64, t.Rank(), t.Rank()+1)
		for a, d := range t.Shape() {
			shape[a] = int64(d)
		}
		data := t.LittleEndian()
		if len(data) == 0 {
			data = make([]byte, 8) // no element, but a place
		}
		err := s.lib.do(createTensorWithData, s.lib.memory, uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(t.Bytes()),
			uintptr(unsafe.Pointer(unsafe.SliceData(shape))), uintptr(len(shape)), uintptr(onnx.DataType(t.DType())), uintptr(unsafe.Pointer(&values[i])))
		if err != nil {
			return values, release, err
		}
	}
	return values, release, nil
}

// tensors copies values of the library.
func (s *session) tensors(values []uintptr) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(values))
	for i, v := range values {
		var err error
		if out[i], err = s.tensor(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *session) tensor(value uintptr) (*tensor.Tensor, error) {
	dtype, shape, err := s.describe(value)
	if err != nil {
		return nil, err
	}
	n, err := tensor.ByteLen(dtype, shape)
	if err != nil {
		return nil, fmt.Errorf("a result: %w", err)
	}
	var data uintptr
	if err := s.lib.do(getTensorMutableData, value, uintptr(unsafe.Pointer(&data))); err != nil {
		return nil, err
	}
	own := append(make([]byte, 0, max(n, 16)), unsafe.Slice((*byte)(pointer(data)), n)...)
	return tensor.FromBytes(dtype, shape, own)
}

// describe returns the element type and shape of a value.
func (s *session) describe(value uintptr) (tensor.DType, []int, error) {
	var info, dtype, rank uintptr
	if err := s.lib.do(getTensorTypeAndShape, value, uintptr(unsafe.Pointer(&info))); err != nil {
		return 0, nil, err
	}
	defer s.lib.call(releaseTensorTypeAndShape, info)
	if err := s.lib.do(getTensorElementType, info, uintptr(unsafe.Pointer(&dtype))); err != nil {
		return 0, nil, err
	}
	if err := s.lib.do(getDimensionsCount, info, uintptr(unsafe.Pointer(&rank))); err != nil {
		return 0, nil, err
	}
	dims := make([]int64, rank, rank+1)
	if err := s.lib.do(getDimensions, info, uintptr(unsafe.Pointer(unsafe.SliceData(dims))), rank); err != nil {
		return 0, nil, err
	}
	shape := make([]int, rank)
	for a, d := range dims {
		shape[a] = int(d)
	}
	return onnx.DType(int(uint32(dtype))), shape, nil
}

func cStrings(list []string) []*byte {
	out := make([]*byte, len(list))
	for i, s := range list {
		out[i] = cString(s)
	}
	return out
}
