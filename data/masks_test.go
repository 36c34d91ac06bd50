package data

import (
	"path/filepath"
	"testing"
)

// TestMasksBesidePictures: masks are found by their names and are no pictures of
// their own, nor their folder a class.
func TestMasksBesidePictures(t *testing.T) {
	dir := tree(t, pictures("cat/a.png", "cat/a_mask.png", "dog/b.png", "dog/masks/b.png", "dog/c.png", "dog/unmask.png", "dog/masks/other.png"))
	f := openFolder(t, FolderOptions{}, dir)
	wantContents(t, f, []string{"cat", "dog"}, "cat/a.png=0", "dog/b.png=1", "dog/c.png=1", "dog/masks/other.png=1", "dog/unmask.png=1")
	for i, want := range []string{"cat/a_mask.png", "dog/masks/b.png", "", "", ""} {
		if want != "" {
			want = filepath.Join(dir, want)
		}
		if got := f.Mask(i); got != want {
			t.Errorf("the mask of %s is %q, want %q", f.Path(i), got, want)
		}
	}
	dir = tree(t, pictures("images/x.png", "masks/x.png"))
	f = openFolder(t, FolderOptions{}, dir)
	wantContents(t, f, nil, "images/x.png=-1")
	// Files that are named outright are what they are called.
	f = openFolder(t, FolderOptions{Classes: NoClasses}, filepath.Join(dir, "images/x.png"), filepath.Join(dir, "masks/x.png"))
	wantContents(t, f, nil, "images/x.png=-1", "masks/x.png=-1")
}
