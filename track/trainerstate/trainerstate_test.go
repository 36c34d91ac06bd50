package trainerstate

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
)

// TestRealFile is of transformers 4.5x: counts and sums were made with Python's
// json.
func TestRealFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(shared.Dir(t, "data/training-logs"), "hf-trainer/trainer_state.json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	values, sum := 0, 0.0
	for _, e := range s.Entries {
		for _, v := range e.Values {
			values++
			sum += v.Number * (1 + e.Step)
		}
	}
	if len(s.Entries) != 216 || values != 1236 || math.Abs(sum-131263613.18780787) > 1e-3 {
		t.Errorf("%d entries, %d values that add up to %v", len(s.Entries), values, sum)
	}
	if s.GlobalStep != 12030 || s.Settings["max_steps"] != 12030.0 || s.Settings["train_batch_size"] != 4.0 || s.Settings["is_hyper_param_search"] != nil {
		t.Errorf("step %v, %v", s.GlobalStep, s.Settings)
	}
}

func TestParse(t *testing.T) {
	document := `{"global_step": 2, "log_history": [{"loss": NaN, "step": 1, "epoch": 0.5}, {"loss": 1, "grad_norm": Infinity, "step": 2, "note": "x", "extra": {"a": 3}}],
		"best_metric": null, "trial_params": {"lr": 0.1, "deep": {"n": 2}}, "stateful_callbacks": {"TrainerControl": {"args": {}}}}`
	s, err := Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if e := s.Entries; len(e) != 2 || e[0].Step != 1 || !math.IsNaN(e[0].Values[0].Number) || e[1].Values[2] != (Value{"extra/a", 3}) || !math.IsInf(e[1].Values[1].Number, 1) {
		t.Errorf("%+v", s.Entries)
	}
	if len(s.Settings) != 2 || s.Settings["trial_params/deep/n"] != 2.0 {
		t.Errorf("%v", s.Settings)
	}
	for cut := range len(document) {
		if _, err := Parse([]byte(document[:cut])); err == nil {
			t.Errorf("cut at %d: it is read", cut)
		}
	}
	if _, err := Parse([]byte(document[:100])); !errors.Is(err, ErrUnended) {
		t.Error(err)
	}
	for _, document := range []string{"[]", `{"log_history": [1]}`, "{}x}"} {
		if _, err := Parse([]byte(document)); err == nil || errors.Is(err, ErrUnended) && document != "[]" {
			t.Errorf("%s: %v", document, err)
		}
	}
}

// FuzzParse reads anything.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"global_step": 2, "log_history": [{"loss": NaN, "step": 1}], "trial_params": {"a": {"b": 1}}}`))
	f.Fuzz(func(_ *testing.T, document []byte) { _, _ = Parse(document) })
}
