package op

import "sync"

type key struct{ domain, name string }

// families is the one list of operators; a new file adds its slice here.
func families() [][]Op {
	return [][]Op{
		elementwiseOps, bitwiseOps, unaryOps, trigonometryOps, compareOps,
		reduceOps, argOps, cumulativeOps,
		shapeOps, sliceOps, gatherOps, scatterOps, selectOps, moveGradOps,
		constantOps, castOps, quantizeOps,
		activationOps, geluOps, preluOps,
		convOps, convTransposeOps,
		poolOps, globalPoolOps,
		matmulOps, gemmOps,
		batchNormOps, layerNormOps, groupNormOps, lpNormOps, lrnOps,
		softmaxOps, rowGradOps, lossOps,
		einsumOps, resizeOps, recurrentOps,
		attentionOps, legacyOps, fusedOps,
		headOps, attentionBiasOps, mergedAttentionOps, nBitsOps,
		qlinearOps, qlstmOps, gridSampleOps, spatialOps, regionOps, columnOps,
		fourierOps, signalOps, deformOps, randomOps, cacheOps, classicalOps,
		sequenceOps, optionalOps, stringOps, optimizerOps,
		overlayOps,
	}
}

var registry = sync.OnceValue(func() map[key]*Op {
	table := map[key]*Op{}
	for _, family := range families() {
		for i := range family {
			o := &family[i]
			table[key{o.Domain, o.Name}] = o
		}
	}
	return table
})

// All lists every operator, in the order of the families.
func All() []*Op {
	var all []*Op
	for _, family := range families() {
		for i := range family {
			all = append(all, &family[i])
		}
	}
	return all
}
