package logs

import "testing"

// TestInSession tells the folders of W&B's client from users' own of such names.
func TestInSession(t *testing.T) {
	for file, want := range map[string]bool{
		"run-20250101_120000-resnet/metrics.csv":                false,
		"out/run-20250101_120000-resnet/files/metrics.csv":      false,
		"wandb/run-20250101_120000-a1b2c3d4/files/output.log":   true,
		".wandb/run-20250101_120000-a1b2c3d4/logs/debug.log":    true,
		"run-20250101_120000-a1b2c3d4/files/output.log":         true,
		"x/wandb/offline-run-20250101_120000-a1/files/a/b.json": true,
	} {
		if isInSession(file) != want {
			t.Errorf("%s: in a session: %v", file, !want)
		}
	}
}
