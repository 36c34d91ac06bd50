package textlog

import (
	"math"
	"strings"
)

// A role is what a column is for.
type role uint8

const (
	roleValue role = iota // a metric
	roleStep
	roleEpoch // a metric that counts epochs
	roleClock // the time of day
	roleSince // seconds since the start, a metric too
	roleSplit // whether a row is of training or of validation
	roleName  // the name of the metric that the row has the value of
	roleLong  // that value
	roleIndex // which row it is, as pandas writes it
)

// stepNames are columns that count the training's steps, the best first, as
// plain spells them. What counts steps is preferred to what counts epochs, so
// that rows of one epoch do not lie on each other.
var stepNames = []string{
	"step", "globalstep", "trainer/globalstep", "train/globalstep", "steps", "trainstep",
	"iteration", "iterations", "iter", "iters", "itr", "update", "updates", "numupdates", "misc/nupdates",
	"totaltimesteps", "time/totaltimesteps", "misc/totaltimesteps", "timestepstotal", "timesteps", "timestep",
	"totalenvsteps", "envsteps", "numsteps", "batch",
	"epoch", "epochs", "train/epoch", "trainer/epoch",
	"episode", "episodes", "round", "index", "unnamed:0", "",
}

var stepRank = rank(stepNames)

func rank(names []string) map[string]int {
	out := map[string]int{}
	for i, name := range names {
		out[name] = i
	}
	return out
}

// roles of other names. A column "time" without more is often seconds an
// iteration, so that only what is a time of day counts as one (see clock).
var roles = map[string]role{
	"epoch": roleEpoch, "epochs": roleEpoch,
	"time": roleClock, "timestamp": roleClock, "walltime": roleClock, "datetime": roleClock, "date": roleClock, "ts": roleClock, "createdat": roleClock,
	"elapsed": roleSince, "timeelapsed": roleSince, "time/timeelapsed": roleSince, "misc/timeelapsed": roleSince, "elapsedtime": roleSince, "runtime": roleSince,
	"mode": roleSplit, "split": roleSplit, "phase": roleSplit, "subset": roleSplit, "stage": roleSplit,
	"": roleIndex, "unnamed:0": roleIndex,
	"metric": roleName, "metricname": roleName, "tag": roleName, "key": roleName, "variable": roleName,
}

// splits are the texts by which a column of splits is told from others.
var splits = map[string]bool{"train": true, "training": true, "val": true, "valid": true, "validation": true, "test": true, "testing": true, "eval": true, "evaluation": true, "dev": true}

// isLoss reports whether a name is that of a loss, of training or validation, as
// only trainings have one.
func isLoss(name string) bool {
	of, ok := strings.CutSuffix(plain(name), "loss")
	return ok && (of == "" || splits[strings.TrimRight(of, "/.")])
}

// plain is a name without what its spellings differ in.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// A counter turns what stands in the step's column into steps.
type counter struct {
	Step float64 // of the last row
	Rows int64   // so far
	// Base is what is added to a count that starts again with every epoch.
	Base  float64
	Last  float64 // as it stood in the file
	Epoch float64
}

// at is the step of the next row, given what its line says, NaN for nothing, its
// epoch and its split. A row that does not say is at the last step, as is one of
// a validation that counts its own; in a file that has no steps, rows are
// counted.
func (c *counter) at(n, epoch float64, split string, counted bool) float64 {
	trains := split == "" || strings.HasPrefix(split, "train")
	switch {
	case !counted:
		c.Step = float64(c.Rows)
	case !math.IsNaN(n) && (trains || c.Base+n >= c.Step):
		c.carry(n, epoch)
	}
	c.Rows++
	return c.Step
}

// carry goes on counting where a count falls back as the epoch grows. One that
// falls back without is that of a training that began anew.
func (c *counter) carry(n, epoch float64) {
	if math.IsNaN(epoch) {
		epoch = c.Epoch
	}
	switch {
	case epoch < c.Epoch, n < c.Last && epoch == c.Epoch:
		c.Base = 0
	case n < c.Last:
		c.Base = c.Step
		if n == 0 { // which is a step of its own
			c.Base++
		}
	}
	c.Last, c.Epoch = n, epoch
	c.Step = c.Base + n
}
