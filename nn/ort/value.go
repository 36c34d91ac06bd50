package ort

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Values are tensors as the library sees them, some in memory of ours.
type values struct {
	lib     *library
	handles []uintptr
	lent    [][]byte // what the handles point at
}

// lend shows tensors to the library, which reads and writes their elements
// where they lie, until they are released. One that is nil has the handle 0.
func (l *library) lend(tensors []*tensor.Tensor) (*values, error) {
	v := &values{lib: l, handles: make([]uintptr, len(tensors))}
	for i, t := range tensors {
		if t == nil {
			continue
		}
		if err := v.lend(i, t); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (v *values) lend(i int, t *tensor.Tensor) error {
	shape := make([]int64, t.Rank(), t.Rank()+1)
	for a, d := range t.Shape() {
		shape[a] = int64(d)
	}
	data := t.LittleEndian()
	n := len(data)
	if n == 0 {
		data = make([]byte, 8) // no element, but a place
	}
	v.lent = append(v.lent, data)
	return v.lib.do(createTensorWithData, v.lib.memory, uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(n),
		uintptr(unsafe.Pointer(unsafe.SliceData(shape))), uintptr(len(shape)), uintptr(onnx.DataType(t.DType())), uintptr(unsafe.Pointer(&v.handles[i])))
}

// release gives the values back; nil has none.
func (v *values) release() {
	if v == nil {
		return
	}
	for _, h := range v.handles {
		if h != 0 {
			v.lib.call(releaseValue, h)
		}
	}
	runtime.KeepAlive(v.lent)
}

// laterTypes are the element types that the library numbers otherwise than a
// model's file does when it is asked for them; it takes those of the file.
var laterTypes = map[int]tensor.DType{24: tensor.Uint2, 25: tensor.Int2, 26: tensor.F8E8M0}

// dtypeOf returns the type that a number of ONNXTensorElementDataType stands
// for.
func dtypeOf(number int) tensor.DType {
	if d, ok := laterTypes[number]; ok {
		return d
	}
	return onnx.DType(number)
}

// copyOf copies a tensor that the library made.
func (l *library) copyOf(value uintptr) (*tensor.Tensor, error) {
	dtype, shape, err := l.describe(value)
	if err != nil {
		return nil, err
	}
	n, err := tensor.ByteLen(dtype, shape)
	if err != nil {
		return nil, fmt.Errorf("a result: %w", err)
	}
	var data uintptr
	if err := l.do(getTensorMutableData, value, uintptr(unsafe.Pointer(&data))); err != nil {
		return nil, err
	}
	own := append(make([]byte, 0, max(n, 16)), unsafe.Slice((*byte)(pointer(data)), n)...)
	return tensor.FromBytes(dtype, shape, own)
}

// describe returns the element type and shape of a value.
func (l *library) describe(value uintptr) (tensor.DType, []int, error) {
	var info, dtype, rank uintptr
	if err := l.do(getTensorTypeAndShape, value, uintptr(unsafe.Pointer(&info))); err != nil {
		return 0, nil, err
	}
	defer l.call(releaseTensorTypeAndShape, info)
	if err := l.do(getTensorElementType, info, uintptr(unsafe.Pointer(&dtype))); err != nil {
		return 0, nil, err
	}
	if err := l.do(getDimensionsCount, info, uintptr(unsafe.Pointer(&rank))); err != nil {
		return 0, nil, err
	}
	dims := make([]int64, rank, rank+1)
	if err := l.do(getDimensions, info, uintptr(unsafe.Pointer(unsafe.SliceData(dims))), rank); err != nil {
		return 0, nil, err
	}
	shape := make([]int, rank)
	for a, d := range dims {
		shape[a] = int(d)
	}
	return dtypeOf(int(uint32(dtype))), shape, nil
}
