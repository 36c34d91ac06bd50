package server

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestArraysThatFillTheMachine: archives of a few kilobytes hold more than is taken
// in one view, alone or together, or claim to.
func TestArraysThatFillTheMachine(t *testing.T) {
	claims := archiveOf(t, func(w *zip.Writer) error {
		_, err := w.CreateRaw(&zip.FileHeader{Name: "x.npy", Method: zip.Deflate, UncompressedSize64: mostInflated + 1})
		return err
	})
	half := archiveOf(t, func(w *zip.Writer) error {
		entry, err := w.Create("x.npy")
		if err != nil {
			return err
		}
		return tensor.New(tensor.Uint8, mostNumbers/2+1).WriteNPY(entry)
	})
	for _, c := range []struct {
		name  string
		files []*imageFile
		says  string // nothing if they are taken
	}{
		{"half", []*imageFile{{Name: "a.npz", dropped: half}}, ""},
		{"twice half", []*imageFile{{Name: "a.npz", dropped: half}, {Name: "b.npz", dropped: half}}, "b.npz brings the arrays to more than 67,108,864 numbers"},
		{"claims", []*imageFile{{Name: "a.npz", dropped: claims}}, "a.npz unpacks to more than 512 MB"},
		{"no archive", []*imageFile{{Name: "a.npz", dropped: claims[:40]}}, "a.npz is not a NumPy .npz file"},
	} {
		switch got, err := arraysOf(c.files); {
		case c.says == "" && (err != nil || len(got) != 1):
			t.Errorf("%s: %d arrays, %v", c.name, len(got), err)
		case c.says != "" && (!fault.IsUser(err) || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, which does not say %q", c.name, err, c.says)
		}
	}
}

// archiveOf is a zip archive of less than a hundred kilobytes.
func archiveOf(t *testing.T, write func(*zip.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil || b.Len() > 100<<10 {
		t.Fatalf("%d bytes, %v", b.Len(), err)
	}
	return b.Bytes()
}
