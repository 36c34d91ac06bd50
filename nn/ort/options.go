package ort

import (
	"fmt"
	"runtime"
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

const name = "ort"

// Kinds lists all executors there are: those of package exec, and this one.
func Kinds(o Options) []exec.Kind {
	return append(exec.Kinds(exec.Options{Threads: o.Threads}),
		exec.Kind{Name: name, Doc: "ONNX Runtime, where it is installed", New: func() (exec.Executor, error) { return New(o) }})
}

// Choose returns the executor of that name, one of Kinds, the first if it is
// empty. Behind "ort" a provider may be named, as in "ort:cuda". Options
// concern ort alone, but for the number of threads.
func Choose(choice string, o Options) (exec.Executor, error) {
	engine, provider, _ := strings.Cut(choice, ":")
	if engine == name {
		o.Provider = provider
	} else {
		engine = choice
	}
	var names []string
	for _, k := range Kinds(o) {
		if engine == k.Name || engine == "" {
			return k.New()
		}
		names = append(names, k.Name)
	}
	return nil, &ChoiceError{choice, names}
}

// A ChoiceError says that there is no such executor.
type ChoiceError struct {
	Name   string
	Others []string
}

func (e *ChoiceError) Error() string {
	return fmt.Sprintf("there is no executor %q; there are %s, the last also with a provider, as in %s:cuda", e.Name, strings.Join(e.Others, ", "), name)
}

// UserFault marks it as no bug.
func (e *ChoiceError) UserFault() {}

// New returns the executor that runs graphs on ONNX Runtime. It errs with a
// MissingError if the library is not found, with a LibraryError if what is
// found does not serve or lacks the provider.
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
