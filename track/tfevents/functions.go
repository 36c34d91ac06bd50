package tfevents

import "github.com/tomo-viz/tomo/track/protofield"

// Fields of RunMetadata (tensorflow/core/protobuf/config.proto): the graphs of
// the functions that were traced.
const (
	metadataFunction = 4

	functionBefore = 2
)

// FunctionGraphs returns the serialized GraphDefs of the functions in a
// serialized RunMetadata, as they were before TensorFlow optimized them. They lie
// in data.
func FunctionGraphs(data []byte) (graphs [][]byte, err error) {
	err = protofield.Each(data, func(f *protofield.Field) error {
		if f.Number != metadataFunction {
			return nil
		}
		return protofield.Each(f.Bytes, func(f *protofield.Field) error {
			if f.Number == functionBefore {
				graphs = append(graphs, f.Bytes)
			}
			return nil
		})
	})
	return graphs, err
}
