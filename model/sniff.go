package model

import (
	"io"
	"os"

	"github.com/tomo-viz/tomo/nn/format/onnx"
)

// Sniff reports whether a file looks like a model that Open reads, by its
// first bytes and whatever its name.
func Sniff(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return false
	}
	return onnx.Sniff(head[:n])
}
