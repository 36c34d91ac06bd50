package logs

import (
	"context"
	"fmt"
)

// readSafely reads on in a file as reader.Read does. A panic of the reader
// costs the rest of that file, and neither the other runs nor the program that
// reads them.
func readSafely(ctx context.Context, reader Reader, f *File, sink *Sink) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it cannot be read on in, which is a bug: %v", p)
		}
	}()
	return reader.Read(ctx, f, sink)
}
