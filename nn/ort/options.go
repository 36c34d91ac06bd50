package ort

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/exec"
)

// Options of the executor.
type Options struct {
	// Library is the path of ONNX Runtime's shared library, or of a folder that
	// holds it somewhere below; empty means the environment variable TOMO_ORT,
	// then the system's places.
	Library string
	// Provider is the execution provider to ask for before the processor:
	// "cuda", "coreml", "directml" and others that the library was built with;
	// empty or "cpu" means the processor alone.
	Provider string
	// Threads that compute at a time; 0 means as many as the machine runs
	// (GOMAXPROCS).
	Threads int
}

// Choose returns the executor of that name: "ort", "ort:PROVIDER" such as
// "ort:cuda", or one of exec.ByName. Options concern ort alone, but for the
// number of threads.
func Choose(name string, o Options) (exec.Executor, error) {
	engine, provider, _ := strings.Cut(name, ":")
	if engine == "ort" {
		o.Provider = provider
		return New(o)
	}
	e, err := exec.ByName(name, exec.Options{Threads: o.Threads})
	if err != nil {
		return nil, fmt.Errorf("%w, and ort (ONNX Runtime), ort:cuda and the like", err)
	}
	return e, nil
}

// New returns the executor that runs graphs on ONNX Runtime. It errs with a
// MissingError if the library is not found, and if it lacks the provider.
func New(o Options) (exec.Executor, error) {
	lib, err := open(o.Library)
	if err != nil {
		return nil, err
	}
	e := &executor{lib: lib, threads: o.Threads, limit: exec.MemoryLimit()}
	if e.threads <= 0 {
		e.threads = runtime.GOMAXPROCS(0)
	}
	if o.Provider == "" || strings.EqualFold(o.Provider, "cpu") {
		return e, nil
	}
	e.provider, err = lib.provider(o.Provider)
	return e, err
}

const providerSuffix = "ExecutionProvider"

// provider returns the library's spelling of a provider's name, without the
// suffix that all of them have.
func (l *library) provider(name string) (string, error) {
	if strings.EqualFold(name, "directml") {
		name = "dml"
	}
	known, err := l.providers()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
	if i < 0 {
		return "", &LibraryError{l.path, fmt.Sprintf("it was built without the execution provider %q; it has %s", name, strings.ToLower(strings.Join(known, ", ")))}
	}
	return known[i], nil
}
