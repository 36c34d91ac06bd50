package ort

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// entryPoint is the one function that the library exports by name.
const entryPoint = "OrtGetApiBase"

// apiVersion is the version of OrtApi that is asked for. The places of its
// functions never change; later libraries keep serving earlier versions.
const apiVersion = 17

// The places of functions in OrtApi.
const (
	getErrorMessage                = 2
	createSession                  = 7
	createSessionFromArray         = 8
	runSession                     = 9
	createSessionOptions           = 10
	setGraphOptimizationLevel      = 23
	setIntraOpNumThreads           = 24
	createRunOptions               = 39
	setTerminate                   = 46
	createTensorWithData           = 49
	getTensorMutableData           = 51
	getTensorElementType           = 60
	getDimensionsCount             = 61
	getDimensions                  = 62
	getTensorTypeAndShape          = 65
	createCPUMemoryInfo            = 69
	releaseStatus                  = 93
	releaseSession                 = 95
	releaseValue                   = 96
	releaseRunOptions              = 97
	releaseTensorTypeAndShape      = 99
	releaseSessionOptions          = 100
	createEnvWithGlobalThreadPools = 119
	disablePerSessionThreads       = 120
	createThreadingOptions         = 121
	releaseThreadingOptions        = 122
	getAvailableProviders          = 125
	releaseAvailableProviders      = 126
	addSessionConfigEntry          = 130
	setGlobalIntraOpNumThreads     = 147
	setGlobalInterOpNumThreads     = 148
	appendCUDA                     = 204
	createCUDAOptions              = 205
	releaseCUDAOptions             = 208
	addExternalInitializers        = 210
	appendExecutionProvider        = 216
	functions                      = 217 // that are read
)

// Values of its enumerations.
const (
	logFatal        = 4  // ORT_LOGGING_LEVEL_FATAL: errors are returned too
	optimizeNothing = 0  // ORT_DISABLE_ALL
	optimizeAll     = 99 // ORT_ENABLE_ALL
	deviceAllocator = 0  // OrtDeviceAllocator
	defaultMemory   = 0  // OrtMemTypeDefault
)

// A library is ONNX Runtime in this process. It is never unloaded.
type library struct {
	path    string
	version string
	api     []uintptr
	memory  uintptr // OrtMemoryInfo of plain memory

	mu     sync.Mutex
	env    uintptr // made for the first session
	keeper keeper  // of the models that it has read

	newest sync.Once
	opset  int // see newestOpset
	// shared is the number of threads of the pool that sessions share.
	shared int
}

var opened = struct {
	sync.Mutex
	by map[string]*library
}{by: map[string]*library{}}

// open loads the first candidate that serves.
func open(given string) (*library, error) {
	paths, err := candidates(given)
	if err != nil {
		return nil, err
	}
	opened.Lock()
	defer opened.Unlock()
	var failed error
	for _, path := range paths {
		if l := opened.by[path]; l != nil {
			return l, nil
		}
		l, err := loadLibrary(path)
		if err == nil {
			opened.by[path] = l
			return l, nil
		}
		failed = cmp.Or(failed, err)
	}
	return nil, failed
}

// loadLibrary loads a library by a path or a name that the system looks up.
func loadLibrary(path string) (*library, error) {
	if isPath(path) {
		if err := vet(path); err != nil {
			return nil, err
		}
	}
	entry, err := load(path)
	switch {
	case err == nil:
		return newLibrary(path, entry)
	case isPath(path):
		return nil, &LibraryError{path, strings.TrimSpace(err.Error())}
	}
	return nil, &MissingError{systemNames(), strings.TrimSpace(err.Error())}
}

// newLibrary asks for the table of functions.
func newLibrary(path string, entry uintptr) (*library, error) {
	base := (*[2]uintptr)(pointer(call(entry))) // OrtApiBase: GetApi, GetVersionString
	if base == nil {
		return nil, &LibraryError{path, errForeign.Error()}
	}
	l := &library{path: path, version: text(call(base[1]))}
	table := call(base[0], apiVersion)
	if table == 0 {
		return nil, &LibraryError{path, fmt.Sprintf("version %s is too old; 1.%d or later is needed", l.version, apiVersion)}
	}
	l.api = slices.Clone(unsafe.Slice((*uintptr)(pointer(table)), functions))
	err := l.do(createCPUMemoryInfo, deviceAllocator, defaultMemory, uintptr(unsafe.Pointer(&l.memory)))
	if err != nil {
		return nil, &LibraryError{path, err.Error()}
	}
	return l, nil
}

// call calls a function of the table.
//
//go:uintptrescapes
func (l *library) call(function int, args ...uintptr) uintptr {
	return call(l.api[function], args...)
}

// do calls one that returns a status.
//
//go:uintptrescapes
func (l *library) do(function int, args ...uintptr) error {
	status := call(l.api[function], args...)
	if status == 0 {
		return nil
	}
	defer l.call(releaseStatus, status)
	message := strings.Join(strings.Fields(text(l.call(getErrorMessage, status))), " ")
	return &StatusError{l.version, message}
}

// environment makes what all sessions share, with a pool of that many threads
// if it is the first call, and reports whether the pool has that many.
func (l *library) environment(threads int) (env uintptr, pooled bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.env == 0 {
		var options uintptr
		if err := l.do(createThreadingOptions, uintptr(unsafe.Pointer(&options))); err != nil {
			return 0, false, err
		}
		defer l.call(releaseThreadingOptions, options)
		if err := l.do(setGlobalIntraOpNumThreads, options, uintptr(threads)); err != nil {
			return 0, false, err
		}
		if err := l.do(setGlobalInterOpNumThreads, options, 1); err != nil { // nodes run one after another
			return 0, false, err
		}
		if err := l.do(createEnvWithGlobalThreadPools, logFatal, uintptr(unsafe.Pointer(cString("tomo"))), options, uintptr(unsafe.Pointer(&l.env))); err != nil {
			return 0, false, err
		}
		l.shared = threads
	}
	return l.env, l.shared == threads, nil
}

// pointer makes a pointer of an address that C gave.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// text copies a C string.
func text(address uintptr) string {
	if address == 0 {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(pointer(address), n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(pointer(address)), n))
}

// cString returns the C form of a string.
func cString(s string) *byte { return &append([]byte(s), 0)[0] }
