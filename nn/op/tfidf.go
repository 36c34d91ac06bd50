package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// tfIdfVectorizer counts, in each row of tokens, the n-grams of a pool: runs of
// tokens, also such that skip the same number of tokens between any two. Counts
// (TF), presence (IDF) or counts (TFIDF) are weighted by n-gram.
var tfIdfVectorizer = Op{
	Name: "TfIdfVectorizer", MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		width, err := vectorWidth(n)
		if err != nil {
			return nil, err
		}
		out := Type{DType: tensor.Float32}
		if s := in[0].Shape; s != nil {
			if len(s) != 1 && len(s) != 2 {
				return nil, errTokens(s)
			}
			out.Shape = joinShapes(s[:len(s)-1], ir.Dims(width))
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		if x.Rank() != 1 && x.Rank() != 2 {
			return nil, errTokens(x.Shape())
		}
		width, err := vectorWidth(n)
		if err != nil {
			return nil, err
		}
		grams, err := newNGrams(n)
		if err != nil {
			return nil, err
		}
		tokens, err := grams.tokens(x)
		if err != nil {
			return nil, err
		}
		y, err := zeros(tensor.Float32, append(slices.Clone(x.Shape()[:x.Rank()-1]), width)...)
		if err != nil {
			return nil, err
		}
		if length := x.Dim(-1); length > 0 {
			if float64(len(tokens))*float64(min(grams.skips+1, length)) > maxElements {
				return nil, fmt.Errorf("%d tokens with up to %d skipped are too many", len(tokens), grams.skips)
			}
			for r := range len(tokens) / length {
				grams.count(y.F32()[r*width:(r+1)*width], tokens[r*length:(r+1)*length])
			}
		}
		return one(y)
	},
}

func errTokens(shape any) error {
	return fmt.Errorf("tokens must have the shape [C] or [N, C], not %v", shape)
}

// vectorWidth is one more than the largest coordinate.
func vectorWidth(n *ir.Node) (int, error) {
	at := n.Attrs.Ints("ngram_indexes")
	if len(at) == 0 || slices.Min(at) < 0 || slices.Max(at) >= maxElements {
		return 0, fmt.Errorf("ngram_indexes must be coordinates from 0 to %d", maxElements-1)
	}
	return slices.Max(at) + 1, nil
}

// nGrams are the n-grams of a pool, as a trie over numbered tokens.
type nGrams struct {
	texts    map[string]int // numbers of the tokens, from 1 on
	numbers  map[int64]int
	next     map[edge]int // from the node 0
	gram     []int        // the n-gram that ends at each node, -1 if none does
	at       []int        // its coordinate
	weights  []float32    // nil for ones
	binary   bool
	min, max int // tokens of an n-gram
	skips    int
}

type edge struct{ node, token int }

func newNGrams(n *ir.Node) (*nGrams, error) {
	g := &nGrams{
		next: map[edge]int{}, gram: []int{-1}, at: n.Attrs.Ints("ngram_indexes"),
		min: n.Attrs.Int("min_gram_length", 1), max: n.Attrs.Int("max_gram_length", 1), skips: n.Attrs.Int("max_skip_count", 0),
	}
	if g.min < 1 || g.max < g.min || g.skips < 0 {
		return nil, fmt.Errorf("n-grams of %d to %d tokens that skip up to %d cannot be", g.min, g.max, g.skips)
	}
	mode := n.Attrs.Str("mode", "")
	switch mode {
	case "TF":
	case "IDF", "TFIDF":
		g.weights, g.binary = n.Attrs.Floats("weights"), mode == "IDF"
	default:
		return nil, fmt.Errorf("mode is %q and not TF, IDF or TFIDF", mode)
	}
	if g.weights != nil && len(g.weights) != len(g.at) {
		return nil, fmt.Errorf("there are %d weights for %d n-grams", len(g.weights), len(g.at))
	}
	return g, g.fill(g.pool(n), n.Attrs.Ints("ngram_counts"))
}

// pool numbers the tokens of the pool and returns it in numbers.
func (g *nGrams) pool(n *ir.Node) []int {
	if words := n.Attrs.Strs("pool_strings"); words != nil {
		g.texts = map[string]int{}
		return numbered(g.texts, words)
	}
	g.numbers = map[int64]int{}
	return numbered(g.numbers, mapTo(n.Attrs.Ints("pool_int64s"), func(v int) int64 { return int64(v) }))
}

func numbered[T comparable](numbers map[T]int, list []T) []int {
	return mapTo(list, func(v T) int {
		if numbers[v] == 0 {
			numbers[v] = len(numbers) + 1
		}
		return numbers[v]
	})
}

// fill makes the trie: counts say where in the pool the n-grams of one token
// start, those of two, and so on.
func (g *nGrams) fill(pool, starts []int) error {
	gram := 0
	for i, from := range starts {
		to, n := len(pool), i+1
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		if from < 0 || to < from || to > len(pool) || (to-from)%n != 0 {
			return fmt.Errorf("ngram_counts %v does not cut %d tokens into n-grams", starts, len(pool))
		}
		for ; from < to; from += n {
			if gram >= len(g.at) {
				return fmt.Errorf("there are more n-grams than the %d coordinates", len(g.at))
			}
			if g.min <= n && n <= g.max {
				g.add(pool[from:from+n], gram)
			}
			gram++
		}
	}
	return nil
}

func (g *nGrams) add(tokens []int, gram int) {
	node := 0
	for _, t := range tokens {
		to, ok := g.next[edge{node, t}]
		if !ok {
			to = len(g.gram)
			g.next[edge{node, t}], g.gram = to, append(g.gram, -1)
		}
		node = to
	}
	g.gram[node] = gram
}

// tokens returns the numbers of tokens, 0 for those that the pool lacks.
func (g *nGrams) tokens(x *tensor.Tensor) ([]int, error) {
	if g.texts != nil {
		words, err := texts(x)
		return mapTo(words, func(w string) int { return g.texts[w] }), err
	}
	if !x.DType().IsInt() {
		return nil, errElements(x)
	}
	v, err := x.Ints()
	return mapTo(v, func(w int) int { return g.numbers[int64(w)] }), err
}

// count adds the n-grams of one row of tokens to its vector.
func (g *nGrams) count(row []float32, tokens []int) {
	for skip := 0; skip <= g.skips && skip < len(tokens); skip++ {
		for start := range tokens {
			node, length := 0, 0
			for i := start; i < len(tokens); i += skip + 1 {
				to, ok := g.next[edge{node, tokens[i]}]
				if !ok {
					break
				}
				node = to
				if length++; g.gram[node] >= 0 && (length > 1 || skip == 0) {
					g.note(row, g.gram[node])
				}
			}
		}
	}
}

func (g *nGrams) note(row []float32, gram int) {
	weight := float32(1)
	if g.weights != nil {
		weight = g.weights[gram]
	}
	if g.binary {
		row[g.at[gram]] = weight
	} else {
		row[g.at[gram]] += weight
	}
}
