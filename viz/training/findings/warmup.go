package findings

// A WarmUp is the rise of the learning rate at the beginning.
type WarmUp struct {
	First, Peak float64
	// End is the step at which the rate is first within 0.1 % of its peak.
	End float64
	// Over tells that the training went on afterwards.
	Over bool
}

// FindWarmUp looks for a learning rate that rises from the beginning, without
// falling, to its peak, which is at least a tenth above where it began.
func FindWarmUp(lr Series) (WarmUp, bool) {
	n := lr.Len()
	if n < 3 {
		return WarmUp{}, false
	}
	peak := 0
	for i, v := range lr.Mean {
		if v > lr.Mean[peak] {
			peak = i
		}
	}
	w := WarmUp{First: lr.Mean[0], Peak: lr.Mean[peak]}
	if peak == 0 || w.Peak <= 1.1*w.First || w.Peak <= 0 {
		return w, false
	}
	end := 0
	for lr.Mean[end] < 0.999*w.Peak {
		if lr.Mean[end+1] < lr.Mean[end] {
			return w, false
		}
		end++
	}
	w.End, w.Over = lr.Step[end], end < n-1
	return w, true
}
