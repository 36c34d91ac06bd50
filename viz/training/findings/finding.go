package findings

// A Severity says what a finding means for the run.
type Severity int

// The severities.
const (
	Fine    Severity = iota // nothing was found
	Note                    // worth knowing
	Warning                 // the result is worse than it could be
	Failure                 // the training went wrong
)

var severityNames = []string{"fine", "note", "warning", "failure"}

func (s Severity) String() string { return severityNames[s] }

// A Kind is what was found.
type Kind string

// The kinds of findings.
const (
	KindNonFinite    Kind = "non-finite"    // a metric is NaN or infinite
	KindDivergence   Kind = "divergence"    // the training loss comes up again
	KindNoProgress   Kind = "no-progress"   // the training loss never falls
	KindOverfitting  Kind = "overfitting"   // validation rises while training falls
	KindWorsening    Kind = "worsening"     // validation rises, and there is no training loss to compare with
	KindSpikes       Kind = "spikes"        // the training loss jumps and comes back
	KindPlateau      Kind = "plateau"       // a loss has not changed for a long time
	KindStillFalling Kind = "still-falling" // a loss was still falling when the run ended
	KindWarmUp       Kind = "warm-up"       // the learning rate's rise at the beginning
	KindTooShort     Kind = "too-short"     // nothing can be told of so few points
)

// A Finding is one thing that was found in a run.
type Finding struct {
	Kind     Kind
	Severity Severity
	Metric   string
	// Step is where it begins.
	Step float64
	// Text is the evidence in words and figures, a sentence or two.
	Text string
}
