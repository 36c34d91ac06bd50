package attribution

import (
	"context"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// batchNumbers bounds the numbers that one batch feeds, and maxBatch its rows.
const (
	batchNumbers = 1 << 22
	maxBatch     = 64
)

// Variations are the values that the network is asked about again: n times what
// Fill makes of a row of numbers of a value, which was kept or is the input.
type Variations struct {
	Value ir.ValueID
	N     int
	// Fill writes row i; it is called in order, and what it does not write is
	// what an earlier row left.
	Fill func(i int, row []float32)
	// Progress is told how many are done.
	Progress func(done, total int)
}

// Scores returns the target for each variation. The picture goes along with
// every row, for what the network takes from it past the value. Rows are run in
// batches where the network takes them.
func (a *Answer) Scores(ctx context.Context, t Target, v Variations) ([]float64, error) {
	scores := make([]float64, 0, v.N)
	err := a.Rows(ctx, t.Value, v, func(row []float32) { scores = append(scores, t.Score(row)) })
	return scores, err
}

// Rows calls take with what each variation gives at a value of the graph, in
// order.
func (a *Answer) Rows(ctx context.Context, of ir.ValueID, v Variations, take func(row []float32)) error {
	row := a.Input
	if v.Value != a.Model.Input {
		row = a.Out[v.Value]
	}
	size := a.batchSize(row.Len(), v.N)
	taken := 0
	counted := func(row []float32) { taken++; take(row) }
	if size > 1 {
		err := a.inBatches(ctx, of, row, v, size, counted)
		if err == nil || taken > 0 || ctx.Err() != nil {
			return err
		}
		a.single = true // a network whose batch is fixed to one
	}
	return a.inBatches(ctx, of, row, v, 1, counted)
}

func (a *Answer) batchSize(numbers, n int) int {
	if a.single {
		return 1
	}
	return min(max(batchNumbers/max(numbers, a.Input.Len()), 1), maxBatch, n)
}

// inBatches fills batches of one size; what is left of the last one stays as it
// was, so that one program serves them all.
func (a *Answer) inBatches(ctx context.Context, of ir.ValueID, row *tensor.Tensor, v Variations, size int, take func(row []float32)) error {
	batch := repeat(row, size)
	feeds := map[ir.ValueID]*tensor.Tensor{a.Model.Input: repeat(a.Input, size), v.Value: batch}
	numbers := a.Out[of].Len()
	for done := 0; done < v.N; {
		count := min(size, v.N-done)
		for j := range count {
			v.Fill(done+j, batch.F32()[j*row.Len():(j+1)*row.Len()])
		}
		out, err := a.Model.Session().Run(ctx, feeds, of)
		if err != nil {
			return err
		}
		if out[0].Len() != size*numbers {
			return viz.Userf("%s puts out %s for a batch of %d", a.Model.Name, out[0], size)
		}
		for j := range count {
			take(out[0].F32()[j*numbers : (j+1)*numbers])
		}
		done += count
		if v.Progress != nil {
			v.Progress(done, v.N)
		}
	}
	return nil
}

// repeat returns n copies of a tensor, whose first extent is 1, as one batch.
func repeat(row *tensor.Tensor, n int) *tensor.Tensor {
	shape := append([]int{n}, row.Shape()[1:]...)
	out := tensor.New(row.DType(), shape...)
	for i := range n {
		out.CopyRange(i*row.Len(), row, 0, row.Len())
	}
	return out
}
