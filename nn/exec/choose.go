package exec

import "fmt"

// ByName returns the executor of that name: "native" (or empty) or "plain".
func ByName(name string, o Options) (Executor, error) {
	switch name {
	case "", "native":
		if o == (Options{}) {
			return Default(), nil
		}
		return Native(o), nil
	case "plain":
		return Plain(), nil
	}
	return nil, fmt.Errorf("there is no executor %q; there are native and plain", name)
}
