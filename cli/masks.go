package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/viz"
)

// addMasks gives images their masks: a folder has for each the picture of the
// same name, whatever its ending; a file is the mask of them all.
func (p *program) addMasks(ctx context.Context, images []viz.Image, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fault.Userf("there are no masks at %s: %w", path, err)
	}
	if !info.IsDir() {
		mask, err := data.OpenImage(path)
		if err != nil {
			return fault.AsUser(err)
		}
		for i := range images {
			images[i].Mask = viz.Held(mask)
		}
		return nil
	}
	folder, err := data.OpenFolder(ctx, []string{path}, data.FolderOptions{})
	if err != nil {
		return fault.AsUser(err)
	}
	at := map[string]int{}
	for i := range folder.Len() {
		name := stem(folder.Path(i))
		if other, ok := at[name]; ok {
			return fault.Userf("%s and %s are both named as the mask of %s; keep the one that is meant", folder.Path(other), folder.Path(i), name)
		}
		at[name] = i
	}
	found := 0
	for i := range images {
		k, ok := at[stem(images[i].Name)]
		if !ok {
			continue
		}
		images[i].Mask = sourceOf(folder, k)
		found++
	}
	switch {
	case found == 0:
		return fault.Userf("none of the masks in %s is named as one of the images; the mask of photo.jpg is photo.png or any other picture called photo", path)
	case found < len(images):
		fmt.Fprintf(p.stderr, "tomo: %d of %d pictures have no mask in %s\n", len(images)-found, len(images), path)
	}
	return nil
}

// stem is a file's name without its ending.
func stem(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
