// Package kernel holds the numeric loops under the engine: matrix products,
// convolutions and their gradients, pooling, normalisation, element-wise
// functions and reductions over plain float32 slices.
//
// It knows no tensor, graph or operator. Shapes are passed as integers, memory
// as slices, and every result goes to a slice of the caller's. The loops are
// generated assembly for AVX-512, AVX2 with FMA, and NEON, chosen when the
// program starts, with portable Go beneath; [Path] says which one is used, and
// the environment variable TOMO_CPU=avx512|avx2|neon|portable restricts it.
//
// # Threads
//
// A [Pool] owns the worker threads; a [Team] is a pool bound to a context and
// is the first argument of everything that runs in parallel:
//
//	pool := kernel.NewPool(0)            // or kernel.SharedPool()
//	defer pool.Close()
//	team := pool.Team(ctx)
//	kernel.Gemm(team, c, a, b, kernel.Epilogue{})
//	if err := team.Err(); err != nil {   // cancelled: c is incomplete
//		return err
//	}
//
// A nil *Team runs on the calling goroutine alone and cannot be cancelled.
// Teams of one pool may be used by several goroutines at once, and Run may be
// called inside Run. When the context ends, the tiles not yet begun are skipped
// and the destination holds garbage: test Err after each kernel, or once after
// many.
//
//   - [Team.Run], [Team.Ranges]: parallel loops for the caller's own code
//   - element-wise functions and reductions take no team: they work on the slice
//     they are given, and Ranges splits long ones
//
// # Matrix products
//
//   - [Mat], [RowMajor], [Mat.T]: a strided view of a slice
//   - [Gemm], [GemmBatch]: C = act(alpha*A*B + bias + residual), any strides
//   - [Mat.PackLeft], [Mat.PackRight]: copy a constant operand into the order the
//     kernels read it in, once, so that each product is faster
//   - [Epilogue], [Activation]: what is fused into the store of the result
//
// # Convolutions
//
// A [Window] slides over depth, height and width; two-dimensional ones have
// depth 1, one-dimensional ones depth and height 1 ([Window2D], [Window1D]).
// Images are NCHW (NCDHW), weights [filters, channels/groups, kernel...].
//
//   - [ConvSpec]: window, channels, filters, groups; [ConvSpec.ForBatch] chooses
//     Winograd's minimal filtering where it pays
//   - [NewConv], [Conv.Run]: the forward pass with a fused [Epilogue]
//   - [NewConvInputGrad], [ConvInputGrad.Run]: gradient of the input, which is
//     also the forward pass of a transposed convolution
//   - [ConvWeightGrad]: gradient of the weights
//
// # The blocked layout
//
// Convolutions are faster on images whose channels lie together a vector at a time
// ([Block]). They take an image in either layout:
//
//   - [ToBlocked], [FromBlocked], [BlockedSize]: to and fro
//   - [NewBlockedConv], [BlockedConv.Run]: the forward pass, directly or by minimal
//     filtering, which takes half to three quarters of the time where
//     [ConvSpec.ForBatch] chooses it
//   - [NewBlockedInputGrad], [NewBlockedWeightGrad]: its gradients
//   - [NewBlockedMaxPool], [NewBlockedAveragePool], [BlockedMean]: pooling;
//     [NewBlockedMaxPoolGrad], [BlockedChannelSums]: of gradients
//   - [BlockedAffine]: factors and terms per channel; what goes element by element
//     is the same in both layouts
//
// # Recurrent layers
//
//   - [Recurrent], [Recurrent.Weights]: RNN, GRU and LSTM over whole sequences
//   - [Recurrent.Forward], [Recurrent.Backward]: the layer, and the way back
//     through time by the trace that the former leaves
//
// # Slices
//
//   - [Add], [Sub], [Mul], [Div], [Max], [Min], [AddScalar], [Scale],
//     [ScaleShift], [Axpy]
//   - [Relu], [LeakyRelu], [Clip], [Exp], [Log], [Tanh], [Sigmoid], [Erf], [Gelu],
//     [GeluTanh], [Silu], [HardSigmoid], [HardSwish], [Sqrt], [Abs],
//     [Reciprocal], [Activation.Apply]
//   - [ReluGrad], [SigmoidGrad], [TanhGrad], [GeluGrad], [GeluTanhGrad],
//     [KeepEqual]
//   - [Sum], [SumSquares], [SumSquaredDiff], [Dot], [MaxOf], [MinOf]
//   - [Softmax], [LogSoftmax], [LayerNorm], [ChannelAffine], [SoftmaxGrad],
//     [LayerNormGrad]: rows and channels, in parallel
//   - [MaxPool], [AveragePool]: pooling windows, in parallel
//   - [Transpose], [Permute]: reordered axes
//   - [HalfToFloat], [FloatToHalf], [BFloatToFloat], [FloatToBFloat]: IEEE
//     binary16 and bfloat16 held in uint16
//
// # Conventions
//
// The destination comes first, as in copy. Its length counts; the other slices
// must be at least as long. A destination may be the very slice of an operand
// where the function works element by element; other overlaps are not allowed.
// Zero sizes are legal and do nothing. Shapes and slices that do not fit
// together are errors of the caller's and panic with the sizes in the message;
// what comes from a model file is checked by [ConvSpec.Validate] and
// [Window.Validate], which return errors.
//
// Results are float32 with float32 accumulation in blocks, so they depend on the
// path in the last digits but not on the number of threads. NaN and infinities
// go through as IEEE 754 says: no function hides a NaN of its input. A
// convolution multiplies its padding as zeros, so that an infinite weight over it
// gives NaN; in the blocked layout it leaves its padding out. Minimal filtering
// adds results up in another order: its error is relative to the largest numbers
// of a tile of 6x6.
package kernel
