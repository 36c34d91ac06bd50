package shared

import (
	"os"
	"path/filepath"
	"testing"
)

// ORT returns where ONNX Runtime's library is: what the environment variable
// TOMO_ORT names, or the folder .ort of the checkout, which "make ort" fills.
// Without it the test is skipped; TOMO_ORT=required makes it fail instead.
func ORT(t testing.TB) string {
	t.Helper()
	given := os.Getenv("TOMO_ORT")
	if given != "" && given != "required" {
		return given
	}
	dir, err := module()
	if err != nil {
		t.Fatal("shared:", err)
	}
	fetched := filepath.Join(dir, ".ort")
	if _, err := os.Stat(fetched); err == nil {
		return fetched
	}
	if given == "required" {
		t.Fatal("ONNX Runtime is required here and absent; run make ort")
	}
	t.Skip("ONNX Runtime is absent; make ort fetches it")
	return ""
}
