package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// DeiTTiny builds the smallest data-efficient image transformer, a vision
// transformer of width 192, with the names of timm: 5,717,416 parameters.
func DeiTTiny(seed uint64) *ir.Graph {
	return timmViT("deit_tiny_patch16_224", vision{side, 16, 12, 192, 3, classes}, seed)
}

func timmViT(name string, v vision, seed uint64) *ir.Graph {
	blocks := make([]block, v.depth)
	for i := range blocks {
		blocks[i] = timmBlock(v)
	}
	return classifier(name, seed, v.side, sequence(
		child("patch_embed", sequence(child("proj", patches(v)), reshaped(0, v.width, -1), transposed(0, 2, 1))),
		classToken("cls_token", v),
		positions("pos_embed", v),
		child("blocks", numbered(blocks...)),
		child("norm", layerNorm(1e-6)),
		token(0),
		child("head", linear(v.classes)),
	))
}

func timmBlock(v vision) block {
	attention := sequence(child("norm1", layerNorm(1e-6)), child("attn", timmAttention(v)))
	perceptron := sequence(child("fc1", dense(4*v.width)), child("act", geluErf), child("fc2", dense(v.width)))
	return sequence(residual(attention, nil), residual(sequence(child("norm2", layerNorm(1e-6)), child("mlp", perceptron)), nil))
}

func timmAttention(v vision) block {
	return func(b *builder, x signal) signal {
		all := child("qkv", dense(3*v.width))(b, x)
		size := v.width / v.heads
		heads := b.transpose(b.reshape(all.value, 0, 0, 3, v.heads, size), 2, 0, 3, 1, 4)
		parts := b.ops("Split", ir.Pairs("axis", 0), 3, heads, b.list(1, 1, 1))
		part := func(i int) ir.ValueID { return b.op("Squeeze", nil, parts[i], b.list(0)) }
		y := attendScaled(b, part(0), part(1), part(2), size)
		return child("proj", dense(v.width))(b, joinHeads(b, y, v.width))
	}
}
