package ort

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"
)

const providerSuffix = "ExecutionProvider"

// Providers lists the execution providers of a library, as Options.Provider
// names them. Library is as in Options.
func Providers(library string) ([]string, error) {
	lib, err := open(library)
	if err != nil {
		return nil, err
	}
	names, err := lib.providers()
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	return names, err
}

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

// providers lists the execution providers that the library was built with,
// without their common suffix.
func (l *library) providers() ([]string, error) {
	var list, n uintptr
	if err := l.do(getAvailableProviders, uintptr(unsafe.Pointer(&list)), uintptr(unsafe.Pointer(&n))); err != nil {
		return nil, err
	}
	count := int(int32(n))
	var names []string
	for _, p := range unsafe.Slice((*uintptr)(pointer(list)), count) {
		names = append(names, strings.TrimSuffix(text(p), providerSuffix))
	}
	return names, l.do(releaseAvailableProviders, list, uintptr(count))
}

// addProvider asks for a provider by its full name, and then by the short one
// in capitals, which is all that earlier versions of the library know.
func (l *library) addProvider(options uintptr, provider string) (err error) {
	if provider == "CUDA" {
		return l.addCUDA(options)
	}
	for _, name := range []string{provider + providerSuffix, provider, strings.ToUpper(provider)} {
		err = l.do(appendExecutionProvider, options, uintptr(unsafe.Pointer(cString(name))), 0, 0, 0)
		if err == nil {
			return nil
		}
	}
	return &LibraryError{l.path, err.Error()}
}

// addCUDA is for the one provider that has functions of its own.
func (l *library) addCUDA(options uintptr) error {
	var cuda uintptr
	if err := l.do(createCUDAOptions, uintptr(unsafe.Pointer(&cuda))); err != nil {
		return &LibraryError{l.path, err.Error()}
	}
	defer l.call(releaseCUDAOptions, cuda)
	if err := l.do(appendCUDA, options, cuda); err != nil {
		return &LibraryError{l.path, err.Error()}
	}
	return nil
}
