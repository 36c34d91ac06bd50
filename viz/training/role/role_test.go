package role

import "testing"

func TestOf(t *testing.T) {
	for name, want := range map[string]Role{
		"epoch_val_loss":                {Validation, "loss", Loss, "epoch"},
		"best_val_loss":                 {Validation, "best_loss", Loss, ""},
		"loss":                          {Unsaid, "loss", Loss, ""},
		"val_loss":                      {Validation, "loss", Loss, ""},
		"accuracy":                      {Unsaid, "accuracy", Score, ""},
		"val_accuracy":                  {Validation, "accuracy", Score, ""},
		"epoch_loss":                    {Unsaid, "loss", Loss, "epoch"},
		"train_loss_step":               {Training, "loss", Loss, "step"},
		"train_loss_epoch":              {Training, "loss", Loss, "epoch"},
		"train/loss":                    {Training, "loss", Loss, ""},
		"loss/validation":               {Validation, "loss", Loss, ""},
		"eval/loss":                     {Validation, "loss", Loss, ""},
		"eval_g0_accuracy":              {Validation, "g0_accuracy", Score, ""},
		"validLoss":                     {Validation, "loss", Loss, ""},
		"train/box_loss":                {Training, "box_loss", Loss, ""},
		"metrics/mAP50(B)":              {Unsaid, "metrics/m_ap50_b", Score, ""},
		"top5":                          {Unsaid, "top5", Score, ""},
		"test_acc":                      {Test, "acc", Score, ""},
		"accuracy_loss":                 {Unsaid, "accuracy_loss", Loss, ""},
		"learning_rate":                 {Unsaid, "learning_rate", LearningRate, ""},
		"lr-Adam/pg1":                   {Unsaid, "lr_adam/pg1", LearningRate, ""},
		"train/learning_rate":           {Training, "learning_rate", LearningRate, ""},
		"grad_norm":                     {Unsaid, "grad_norm", GradientNorm, ""},
		"grad_2.0_norm_total":           {Unsaid, "grad_2_0_norm_total", GradientNorm, ""},
		"gradients/fc.weight":           {Unsaid, "gradients/fc_weight", Other, ""},
		"epoch":                         {Unsaid, "epoch", Progress, ""},
		"train/global_step":             {Training, "global_step", Progress, ""},
		"std_dev":                       {Unsaid, "std_dev", Other, ""},
		"latest_thing":                  {Unsaid, "latest_thing", Other, ""},
		"val":                           {Validation, "val", Other, ""},
		"eval_runtime":                  {Validation, "runtime", Other, ""},
		"train_cross_entropy":           {Training, "cross_entropy", Loss, ""},
		"sparse_categorical_accuracy":   {Unsaid, "sparse_categorical_accuracy", Score, ""},
		"損失":                            {Unsaid, "損失", Other, ""},
		"//":                            {Unsaid, "//", Other, ""},
		"evaluation_loss_vs_iterations": {Validation, "loss_vs_iterations", Loss, ""},
	} {
		if got := Of(name); got != want {
			t.Errorf("%q is %+v, want %+v", name, got, want)
		}
	}
}

func TestOfRun(t *testing.T) {
	for name, want := range map[string]struct {
		split Split
		base  string
	}{
		"exp/12/train":      {Training, "exp/12"},
		"exp/12/validation": {Validation, "exp/12"},
		"train":             {Training, ""},
		"exp/trained":       {Unsaid, "exp/trained"},
		"":                  {Unsaid, ""},
		`a\Test`:            {Test, "a"},
	} {
		if split, base := OfRun(name); split != want.split || base != want.base {
			t.Errorf("%q is %q of %q, want %q of %q", name, split, base, want.split, want.base)
		}
	}
}
