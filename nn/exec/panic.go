package exec

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// recovered turns a panic into an error that names the node.
func recovered(n *ir.Node, err *error) {
	if r := recover(); r != nil {
		*err = &PanicError{fmt.Sprintf("node %q (%s)", n.Name, n.Op), r}
	}
}

// A PanicError says that a panic was met while a graph was compiled or run: a
// bug of this program, where other errors are about the model or what it is
// given.
type PanicError struct {
	Where string
	Value any // of the panic
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("%s failed, which is a bug: %v", e.Where, e.Value)
}
