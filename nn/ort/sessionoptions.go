package ort

import (
	"unsafe"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sessionOptions makes the options of a session. The caller releases them, also
// with an error.
func (e *executor) sessionOptions(pooled bool, level uintptr) (options uintptr, err error) {
	if err := e.lib.do(createSessionOptions, uintptr(unsafe.Pointer(&options))); err != nil {
		return 0, err
	}
	if err := e.lib.do(setGraphOptimizationLevel, options, level); err != nil {
		return options, err
	}
	// With 8-bit arithmetic in place of what a quantized network says, a value
	// would depend on which others are fetched, by up to half its range.
	if err := e.lib.set(options, "session.disable_quant_qdq", "1"); err != nil {
		return options, err
	}
	if pooled {
		err = e.lib.do(disablePerSessionThreads, options)
	} else if err = e.lib.do(setIntraOpNumThreads, options, uintptr(e.threads)); err == nil {
		// Idle threads of many sessions would take the time of those that work.
		err = e.lib.set(options, "session.intra_op.allow_spinning", "0")
	}
	if err == nil && e.provider != "" {
		err = e.lib.addProvider(options, e.provider)
	}
	return options, err
}

// set sets an entry of the configuration of a session.
func (l *library) set(options uintptr, key, value string) error {
	return l.do(addSessionConfigEntry, options, uintptr(unsafe.Pointer(cString(key))), uintptr(unsafe.Pointer(cString(value))))
}

// lendConstants gives the elements of constants by the names of their values.
func (l *library) lendConstants(options uintptr, g *ir.Graph, apart []ir.ValueID) (*values, error) {
	if len(apart) == 0 {
		return nil, nil
	}
	tensors := make([]*tensor.Tensor, len(apart))
	for i, v := range apart {
		tensors[i] = g.Values[v].Const
	}
	v, err := l.lend(tensors)
	if err != nil {
		return v, err
	}
	list := names(g, apart)
	return v, l.do(addExternalInitializers, options, uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(unsafe.Pointer(unsafe.SliceData(v.handles))), uintptr(len(list)))
}
