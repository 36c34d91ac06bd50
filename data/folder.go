package data

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// A Folder is a data set of picture files.
type Folder struct {
	// Problems are folders that could not be looked into and lines of the
	// labels file that name no picture. They do not keep the rest from use.
	Problems []error

	files   []folderFile
	classes []string
	masks   map[string]string // by path
}

type folderFile struct {
	path  string
	name  string // the path below the folder, with slashes
	label int
}

// FolderOptions choose the files of a [Folder] and their classes.
type FolderOptions struct {
	// Match is a pattern for file names, as in [path/filepath.Match]: "*.jpg".
	// Empty matches all.
	Match string
	// ByExtension takes the files that are named like pictures, without
	// looking into each; it is faster where there are many.
	ByExtension bool
	// Labels is a file of lines "name,label"; see [OpenFolder].
	Labels string
	// Classes says where classes come from when Labels is empty.
	Classes ClassSource
}

// A ClassSource says where the classes of pictures come from.
type ClassSource int

// The sources of classes.
const (
	// ClassesIfAny takes the classes of the folders when there are two or more
	// and every picture lies in one.
	ClassesIfAny ClassSource = iota
	// ClassesFromFolders takes the folder below the topmost as the class.
	ClassesFromFolders
	// NoClasses leaves all pictures without.
	NoClasses
)

// OpenFolder collects the pictures that paths name: files, folders with all
// below them, and patterns such as "*/*.jpg". Files in folders are known as
// pictures by their content, or by their names where that is damaged, so that
// reading them tells. Hidden files are left out; links are followed,
// each folder entered once. The order is by name, numbers by their value.
//
// The class of a picture is the name of the folder it lies in directly below
// the folder common to all paths, and labels count the sorted names from 0, as
// torchvision's ImageFolder and Keras have them.
//
// A picture called photo_mask.png beside photo.jpg, or masks/photo.png, is the
// mask of that and none of the pictures; see [Folder.Mask].
//
// A labels file (CSV or TSV; a comma, semicolon or tab between the fields) gives
// classes by file instead: a column of names, which are paths below the folder
// or, where they are unique, file names with or without their extension, and a
// column of labels. A first line that names no picture is a header; columns
// called like "file", "image" or "id" and "label", "class" or "target" are
// found by it, and are otherwise the first two. Labels that are all whole
// numbers from 0 are kept as they are; others are counted in sorted order.
// Pictures without a line have NoLabel.
func OpenFolder(ctx context.Context, paths []string, o FolderOptions) (*Folder, error) {
	if _, err := filepath.Match(o.Match, ""); err != nil {
		return nil, problem(`write it as "*.jpg"`, "%q is not a pattern for file names", o.Match)
	}
	w := &walk{take: o.take, entered: map[string]bool{}, listed: map[string]bool{}}
	for _, path := range paths {
		if err := w.add(ctx, path); err != nil {
			return nil, err
		}
	}
	if len(w.files) == 0 {
		return nil, noPictures(paths, w.problems)
	}
	base := commonFolder(w.roots)
	f := &Folder{Problems: w.problems}
	f.setFiles(w, base)
	if o.Labels == "" {
		f.labelByFolder(base, w.folders, o.Classes)
	} else if err := f.labelFrom(o.Labels); err != nil {
		return nil, err
	}
	return f, nil
}

// setFiles takes the files that were found, but masks of others among them.
func (f *Folder) setFiles(w *walk, base string) {
	paths := w.files
	if len(w.named) == 0 {
		paths, f.masks = splitMasks(w.files)
		w.folders = slices.DeleteFunc(w.folders, func(dir string) bool {
			return isMaskFolder(dir) && len(f.masks) > 0
		})
	}
	f.files = named(paths, base)
}

// take reports whether a file that was found in a folder is wanted.
func (o FolderOptions) take(path string) bool {
	if o.Match != "" {
		if ok, _ := filepath.Match(o.Match, filepath.Base(path)); !ok {
			return false
		}
	}
	if o.ByExtension {
		return byExtension(path)
	}
	return byContent(path) || byExtension(path)
}

func noPictures(paths []string, problems []error) error {
	if len(problems) > 0 {
		return problems[0]
	}
	return in(strings.Join(paths, ", "), problem("name a folder that holds JPEG, PNG, GIF, BMP, WebP, TIFF or PNM files", "there is no picture in it"))
}

// commonFolder returns the innermost folder that all of dirs lie in or are.
func commonFolder(dirs []string) string {
	common := absolute(dirs[0])
	for _, dir := range dirs[1:] {
		for !within(common, absolute(dir)) {
			common = filepath.Dir(common)
		}
	}
	return common
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return filepath.Clean(path)
}

// within reports whether path is dir or below it; the root of a file system
// has everything below it.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return filepath.Dir(dir) == dir || err == nil && filepath.IsLocal(rel)
}

// below returns the path of a file below a folder, with slashes.
func below(base, path string) string {
	rel, err := filepath.Rel(base, absolute(path))
	if err != nil {
		rel = path
	}
	return filepath.ToSlash(rel)
}

// named returns files in their natural order, named by their path below base.
func named(paths []string, base string) []folderFile {
	files := make([]folderFile, len(paths))
	for i, path := range paths {
		files[i] = folderFile{path, below(base, path), NoLabel}
	}
	slices.SortFunc(files, func(a, b folderFile) int { return naturally(a.name, b.name) })
	return files
}

// labelByFolder labels each file by the first folder of its name. Folders
// without a picture are classes too: a model was trained with all of them.
func (f *Folder) labelByFolder(base string, folders []string, from ClassSource) {
	if from == NoClasses {
		return
	}
	var classes []string
	for _, dir := range folders {
		if name := below(base, dir); name != "." {
			classes = append(classes, topFolder(name+"/"))
		}
	}
	loose := false
	for _, file := range f.files {
		class := topFolder(file.name)
		if loose = loose || class == ""; class != "" {
			classes = append(classes, class)
		}
	}
	slices.Sort(classes)
	classes = slices.Compact(classes)
	if from == ClassesIfAny && (loose || len(classes) < 2) {
		return
	}
	f.classes = classes
	for i := range f.files {
		if label, ok := slices.BinarySearch(classes, topFolder(f.files[i].name)); ok {
			f.files[i].label = label
		}
	}
}

// topFolder returns the first folder of a path, empty when it has none.
func topFolder(name string) string {
	top, _, found := strings.Cut(name, "/")
	if !found {
		return ""
	}
	return top
}

// Mask returns the path of the picture that says what should matter in picture
// i, white on black; empty if there is none beside it.
func (f *Folder) Mask(i int) string { return f.masks[f.files[i].path] }

// Len returns the number of pictures.
func (f *Folder) Len() int { return len(f.files) }

// Classes returns the names of the classes in the order of their labels.
func (f *Folder) Classes() []string { return f.classes }

// Path returns the path of picture i, 0 <= i < Len().
func (f *Folder) Path(i int) string { return f.files[i].path }

// At decodes picture i.
func (f *Folder) At(ctx context.Context, i int) (Sample, error) {
	if err := checkIndex(ctx, i, len(f.files)); err != nil {
		return Sample{}, err
	}
	file := f.files[i]
	m, err := OpenImage(file.path)
	return Sample{Name: file.name, Label: file.label, Image: m}, err
}

// Label returns the class of picture i, or NoLabel, without reading it.
func (f *Folder) Label(i int) int { return f.files[i].label }
