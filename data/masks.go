package data

import (
	"path/filepath"
	"slices"
	"strings"
)

// Names under which masks are kept beside the pictures that they belong to.
var (
	maskEndings    = []string{"_mask", "-mask", ".mask"} // of photo_mask.png beside photo.jpg
	maskFolders    = []string{"mask", "masks"}           // masks/photo.png
	pictureFolders = []string{"images", "image", "imgs", "img", "pictures"}
)

// splitMasks takes files that are masks of others out of a list, and returns the
// others with the mask of each that has one. A mask has the picture's name with
// one of the endings, or the same name and lies in a folder of masks, which is
// below that of the picture or beside one of pictures.
func splitMasks(files []string) (pictures []string, masks map[string]string) {
	byStem := map[string]string{}
	for _, path := range files {
		byStem[stem(path)] = path
	}
	masks = map[string]string{}
	for _, path := range files {
		of := ""
		for _, owner := range owners(path) {
			if p, ok := byStem[owner]; ok && p != path && masks[p] == "" {
				of = p
				break
			}
		}
		if of == "" {
			pictures = append(pictures, path)
		} else {
			masks[of] = path
		}
	}
	return pictures, masks
}

// owners lists the pictures, by path without ending, that a file would be the
// mask of.
func owners(path string) []string {
	var out []string
	name := stem(path)
	for _, ending := range maskEndings {
		if owner, ok := strings.CutSuffix(name, ending); ok {
			out = append(out, owner)
		}
	}
	dir, base := filepath.Split(name)
	dir = filepath.Clean(dir)
	if !isMaskFolder(dir) {
		return out
	}
	outer := filepath.Dir(dir)
	out = append(out, filepath.Join(outer, base))
	for _, folder := range pictureFolders {
		out = append(out, filepath.Join(outer, folder, base))
	}
	return out
}

func isMaskFolder(dir string) bool {
	return slices.Contains(maskFolders, strings.ToLower(filepath.Base(dir)))
}

// stem is a path without the file's ending.
func stem(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) }
