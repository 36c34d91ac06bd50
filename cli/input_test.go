package cli

import (
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/lab"
)

// TestPicturesFitMemory refuses more pictures than may be in memory together.
func TestPicturesFitMemory(t *testing.T) {
	dir := t.TempDir()
	for i, picture := range lab.Pictures(1, 3, lab.Plain) {
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(i)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, picture); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := data.OpenFolder(t.Context(), []string{dir}, data.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{stderr: io.Discard}
	one := 3 * lab.Side * lab.Side
	if images, err := p.readImages(t.Context(), folder, 3*one); err != nil || len(images) != 3 {
		t.Errorf("%d pictures, %v", len(images), err)
	}
	if _, err := p.readImages(t.Context(), folder, 3*one-1); !fault.IsUser(err) || !strings.Contains(err.Error(), "2 of these 3 pictures") {
		t.Errorf("too many pictures: %v", err)
	}
}
