package attribution

import (
	"context"
	"runtime"
	"sync"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// batchNumbers bounds the numbers that one batch feeds, gradientNumbers those of
// a batch whose gradient keeps every layer's output, and maxBatch its rows.
const (
	batchNumbers    = 1 << 22
	gradientNumbers = 1 << 20
	maxBatch        = 64
)

// Variations are the values that the network is asked about again: n times what
// Fill makes of a row of numbers of a value, which was kept or is the input.
type Variations struct {
	Value ir.ValueID
	N     int
	// Fill writes row i; it is called in order, and what it does not write is
	// what an earlier row left.
	Fill func(i int, row []float32)
	// Apart says that rows are filled on their own: in any order, several at a
	// time, and each of them whole.
	Apart bool
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
	run := func(feeds map[ir.ValueID]*tensor.Tensor) ([]*tensor.Tensor, error) {
		return a.Model.Session().Run(ctx, feeds, of)
	}
	return a.each(ctx, v, &asking{run, []int{a.Out[of].Len()}, batchNumbers, func(rows [][]float32) { take(rows[0]) }})
}

// Slopes calls take, for each variation in order, with the derivative of the
// target with respect to the value that is varied, and with the target itself.
func (a *Answer) Slopes(ctx context.Context, t Target, v Variations, take func(slope []float32, score float64)) error {
	numbers := a.row(v).Len()
	run := func(feeds map[ir.ValueID]*tensor.Tensor) ([]*tensor.Tensor, error) {
		seed, err := a.seeds(ctx, t, feeds, feeds[v.Value].Len()/numbers)
		if err != nil {
			return nil, err
		}
		of := exec.GradientOf{Y: t.Value, Seed: seed, Wrt: []ir.ValueID{v.Value}, Fetch: []ir.ValueID{t.Value}}
		grads, values, err := a.Model.Session().Gradient(ctx, feeds, of)
		return append(grads, values...), err
	}
	each := func(rows [][]float32) { take(rows[0], t.Score(rows[1])) }
	return a.each(ctx, v, &asking{run, []int{numbers, a.Out[t.Value].Len()}, gradientNumbers, each})
}

// seeds is the target's derivative by the value it reads, for a batch of n. If
// it is not the same for all of them, the network runs once more.
func (a *Answer) seeds(ctx context.Context, t Target, feeds map[ir.ValueID]*tensor.Tensor, n int) (*tensor.Tensor, error) {
	if t.Linear {
		return repeat(a.Seed(t), n), nil
	}
	out, err := a.Model.Session().Run(ctx, feeds, t.Value)
	if err != nil {
		return nil, err
	}
	seeds, row := tensor.New(tensor.Float32, out[0].Shape()...), a.Out[t.Value].Len()
	for i := 0; i+row <= out[0].Len(); i += row {
		copy(seeds.F32()[i:], t.Slope(out[0].F32()[i:i+row]))
	}
	return seeds, nil
}

// row is what variations vary.
func (a *Answer) row(v Variations) *tensor.Tensor {
	if v.Value == a.Main {
		return a.Input
	}
	return a.Out[v.Value]
}

// An asking is what is asked about every variation.
type asking struct {
	run   func(feeds map[ir.ValueID]*tensor.Tensor) ([]*tensor.Tensor, error)
	sizes []int // numbers in a row of each result
	most  int   // numbers that a batch may feed
	take  func(rows [][]float32)
}

// each asks about all variations, in batches where the network takes them.
func (a *Answer) each(ctx context.Context, v Variations, q *asking) error {
	if row := a.row(v); row.Rank() == 0 || row.Dim(0) != 1 {
		return viz.Userf("%s is %s, which does not begin with the extent of the batch, so that no variations of it can be asked about; choose another layer", a.Model.Net.Values[v.Value].Name, row)
	}
	taken, take := 0, q.take
	q.take = func(rows [][]float32) { taken++; take(rows) }
	if size := a.batchSize(v, q.most); size > 1 {
		err := a.inBatches(v, q, size)
		if err == nil || taken > 0 || ctx.Err() != nil {
			return err
		}
		a.single = true // a network whose batch is fixed to one
	}
	return a.inBatches(v, q, 1)
}

func (a *Answer) batchSize(v Variations, most int) int {
	if a.single {
		return 1
	}
	return evenly(v.N, min(max(most/max(a.row(v).Len(), a.Input.Len()), 1), maxBatch, v.N))
}

// evenly returns the size, of at most the given one and not much less, in
// whose batches n rows leave the fewest places of the last one idle: all batches
// are of one size, and what is idle takes its time too.
func evenly(n, most int) int {
	best, idle := most, n
	for size := most; 4*size > 3*most; size-- {
		if rest := (size - n%size) % size; rest < idle {
			best, idle = size, rest
		}
	}
	return best
}

// inBatches fills batches of one size; what is left of the last one stays as it
// was, so that one program serves them all.
func (a *Answer) inBatches(v Variations, q *asking, size int) error {
	row := a.row(v)
	batch := repeat(row, size)
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for v, x := range a.Feeds() {
		feeds[v] = repeat(x, size)
	}
	feeds[v.Value] = batch
	for done := 0; done < v.N; {
		count := min(size, v.N-done)
		v.fill(done, count, batch.F32(), row.Len())
		out, err := q.run(feeds)
		if err != nil {
			return err
		}
		for i, t := range out {
			if t.Len() != size*q.sizes[i] {
				return viz.Userf("%s puts out %s for a batch of %d", a.Model.Name, t, size)
			}
		}
		for j := range count {
			q.take(rowsOf(out, q.sizes, j))
		}
		done += count
		if v.Progress != nil {
			v.Progress(done, v.N)
		}
	}
	return nil
}

// fill writes rows of a batch, on all processors if they can be.
func (v Variations) fill(first, count int, batch []float32, size int) {
	write := func(j int) { v.Fill(first+j, batch[j*size:(j+1)*size]) }
	workers := min(runtime.GOMAXPROCS(0), count)
	if !v.Apart || workers < 2 {
		for j := range count {
			write(j)
		}
		return
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for j := w; j < count; j += workers {
				write(j)
			}
		})
	}
	all.Wait()
}

// rowsOf returns row j of each tensor.
func rowsOf(list []*tensor.Tensor, sizes []int, j int) [][]float32 {
	rows := make([][]float32, len(list))
	for i, t := range list {
		rows[i] = t.F32()[j*sizes[i] : (j+1)*sizes[i]]
	}
	return rows
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
