package layout

import (
	"context"
	"testing"
)

func benchmark(b *testing.B, n *net) {
	b.ReportMetric(float64(len(n.Nodes)), "nodes")
	for b.Loop() {
		if _, err := Layered(context.Background(), n.Graph, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResNet100(b *testing.B)        { benchmark(b, resnet(3, 4, 3, 2)) }
func BenchmarkResNet1000(b *testing.B)       { benchmark(b, resnet(30, 40, 50, 20)) }
func BenchmarkInception100(b *testing.B)     { benchmark(b, inception(10)) }
func BenchmarkInception1000(b *testing.B)    { benchmark(b, inception(110)) }
func BenchmarkInception10000(b *testing.B)   { benchmark(b, inception(1100)) }
func BenchmarkTransformer700(b *testing.B)   { benchmark(b, transformer(40)) }
func BenchmarkTransformer10000(b *testing.B) { benchmark(b, transformer(580)) }
func BenchmarkDenseNet1000(b *testing.B)     { benchmark(b, densenet(5, 60)) }
func BenchmarkWeights10000(b *testing.B)     { benchmark(b, weights(770)) }
