package op

import (
	"bytes"
	"fmt"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// imageDecoder decodes a picture file, a vector of bytes, to [height, width,
// channels], as data.ReadImage does. What cannot be decoded is an empty picture.
var imageDecoder = Op{
	Name: "ImageDecoder", MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		channels, err := pixelChannels(n)
		return []Type{{DType: tensor.Uint8, Shape: ir.Shape{ir.Symbol(""), ir.Symbol(""), ir.Known(channels)}}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		channels, err := pixelChannels(n)
		if err == nil && (in[0].DType() != tensor.Uint8 || in[0].Rank() != 1) {
			err = fmt.Errorf("the file is %v, not a vector of bytes", in[0])
		}
		if err != nil {
			return nil, err
		}
		file := tensor.Data[uint8](in[0])
		if isJPEG2000(file) {
			return nil, &UnknownError{n.Name, "ImageDecoder for JPEG 2000", ""}
		}
		m, err := data.ReadImage(bytes.NewReader(file))
		if err != nil {
			return one(tensor.New(tensor.Uint8, 0, 0, channels))
		}
		pixels := m.Pix
		switch n.Attrs.Str("pixel_format", "RGB") {
		case "BGR":
			for i := 0; i < len(pixels); i += 3 {
				pixels[i], pixels[i+2] = pixels[i+2], pixels[i]
			}
		case "Grayscale":
			pixels = m.Luma()
		}
		return one(tensor.Of(pixels, m.H, m.W, channels))
	},
}

// isJPEG2000 tells files and bare code streams of ISO/IEC 15444-1 by how they
// begin.
func isJPEG2000(file []byte) bool {
	return bytes.HasPrefix(file, []byte("\x00\x00\x00\x0cjP  \r\n")) || bytes.HasPrefix(file, []byte("\xff\x4f\xff\x51"))
}

// pixelChannels is how many numbers a pixel has.
func pixelChannels(n *ir.Node) (int, error) {
	switch format := n.Attrs.Str("pixel_format", "RGB"); format {
	case "RGB", "BGR":
		return 3, nil
	case "Grayscale":
		return 1, nil
	default:
		return 0, fmt.Errorf("pixel_format is %q, not RGB, BGR or Grayscale", format)
	}
}
