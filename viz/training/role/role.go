package role

import (
	"slices"
	"strings"
)

// A Role is what a metric measures.
type Role struct {
	Split Split
	// Thing is the name without the split and without how often it is logged: two
	// metrics of one thing on different splits may be compared.
	Thing string
	Kind  Kind
	// Every is "step" or "epoch" where the name says that the metric is of one
	// step or of a whole epoch.
	Every string
}

// A Split is a part of the data.
type Split string

// The splits. Unsaid is a name without one; where there is validation of the same
// thing, it is training.
const (
	Unsaid     Split = ""
	Training   Split = "training"
	Validation Split = "validation"
	Test       Split = "test"
)

var splitWords = map[string]Split{
	"train": Training, "training": Training, "trn": Training, "tr": Training,
	"val": Validation, "valid": Validation, "validation": Validation, "eval": Validation,
	"evaluation": Validation, "dev": Validation, "holdout": Validation, "heldout": Validation,
	"test": Test, "testing": Test,
}

// A Kind is what a number stands for.
type Kind string

// The kinds.
const (
	Other        Kind = ""
	Loss         Kind = "loss"  // the less the better, errors and distances too
	Score        Kind = "score" // the more the better
	LearningRate Kind = "learning rate"
	GradientNorm Kind = "gradient norm"
	Progress     Kind = "progress" // an epoch, a count of steps
)

var (
	lossWords = words(`loss losses nll perplexity ppl cost error err errors mse rmse mae mape wer cer ter ece brier bce ce xent
		crossentropy logloss hinge kl kld fid kid lpips eer regret`)
	scoreWords = words(`acc accuracy precision recall f auc auroc auprc roc ap map iou miou dice jaccard bleu rouge rougel meteor cider
		psnr ssim r score top reward rewards return returns mcc kappa ndcg mrr hits elbo sensitivity specificity spearman pearson
		winrate success likelihood`)
	progressWords = words(`epoch epochs step steps iteration iterations iter globalstep global`)
)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// Of reads the name of a metric.
func Of(name string) Role {
	segments := segmentsOf(name)
	r := Role{}
	r.Every, segments = takeEvery(segments)
	r.Split, segments = takeSplit(segments)
	var all, parts []string
	for _, s := range segments {
		all = append(all, s...)
		parts = append(parts, strings.Join(s, "_"))
	}
	r.Thing, r.Kind = strings.Join(parts, "/"), kindOf(all)
	if r.Thing == "" {
		r.Thing = name
	}
	return r
}

// kindOf goes by the words of a name. A word in the list of losses outweighs one
// in that of scores, as in accuracy_loss.
func kindOf(all []string) Kind {
	has := func(list map[string]bool) bool {
		return slices.ContainsFunc(all, func(w string) bool {
			return list[w] || list[strings.TrimRight(w, "0123456789@")]
		})
	}
	about := func(list ...string) bool {
		return slices.ContainsFunc(list, func(w string) bool { return slices.Contains(all, w) })
	}
	switch {
	case len(all) == 0:
		return Other
	case about("lr") || about("learning") && about("rate"):
		return LearningRate
	case about("grad", "gradient", "gradients", "gnorm"):
		if about("norm", "gnorm", "l2") {
			return GradientNorm
		}
		return Other
	case has(lossWords) || about("cross") && about("entropy"):
		return Loss
	case has(scoreWords):
		return Score
	case !slices.ContainsFunc(all, func(w string) bool { return !progressWords[w] }):
		return Progress
	}
	return Other
}

// OfRun takes the split off the name of a run that is of one split, as in
// logs/a/train beside logs/a/validation: what is left is one name for both.
func OfRun(name string) (split Split, base string) {
	at := strings.LastIndexAny(name, `/\`)
	if s, ok := splitWords[strings.ToLower(name[at+1:])]; ok {
		return s, name[:max(at, 0)]
	}
	return Unsaid, name
}
