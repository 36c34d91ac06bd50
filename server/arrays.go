package server

import (
	"archive/zip"
	"bytes"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// isArray tells files of NumPy's formats by how they begin, and tables, which are
// mere text, by their names.
func isArray(name string, raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("\x93NUMPY")) || isZip(raw) || isTable(name)
}

func isZip(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

func isTable(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".csv" || ext == ".tsv"
}

// Bounds of the arrays of one view: a few kilobytes may unpack to gigabytes, which
// grow once more as every number becomes one of four bytes.
const (
	mostNumbers  = 1 << 26         // in all arrays
	mostInflated = 8 * mostNumbers // bytes that an archive claims to hold
)

// arraysOf reads the arrays of files that were dropped in.
func arraysOf(files []*imageFile) ([]viz.Image, error) {
	var out []viz.Image
	numbers := 0
	for _, f := range files {
		list, err := f.arrays()
		if err != nil {
			return nil, err
		}
		for _, img := range list {
			if numbers += img.Array.Len(); numbers > mostNumbers {
				return nil, fault.Userf("%s brings the arrays to more than %s numbers, which is too much for one view; give a part of them, or ask the command line", f.Name, figure.Thousands(mostNumbers))
			}
		}
		out = append(out, list...)
	}
	return out, nil
}

// arrays reads the arrays of the file, each with the name of its file, and its own
// where there may be several.
func (f *imageFile) arrays() ([]viz.Image, error) {
	if bytes.HasPrefix(f.dropped, []byte("\x93")) {
		x, err := tensor.ReadNPY(bytes.NewReader(f.dropped))
		if err != nil {
			return nil, fault.Userf("%s: %w", f.Name, err)
		}
		return []viz.Image{{Name: f.Name, Array: x}}, nil
	}
	if !isZip(f.dropped) {
		t, err := data.ReadTable(bytes.NewReader(f.dropped))
		if err != nil {
			return nil, fault.Userf("%s: %w", f.Name, err)
		}
		return []viz.Image{{Name: f.Name, Array: tensor.Of(t.Values, t.Rows(), t.Width), Features: t.Columns}}, nil
	}
	if err := f.checkInflated(); err != nil {
		return nil, err
	}
	all, err := tensor.ReadNPZ(bytes.NewReader(f.dropped), int64(len(f.dropped)))
	if err != nil {
		return nil, fault.Userf("%s: %w", f.Name, err)
	}
	if len(all) == 0 {
		return nil, fault.Userf("%s holds no array", f.Name)
	}
	var out []viz.Image
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, viz.Image{Name: f.Name + ":" + key, Array: all[key]})
	}
	return out, nil
}

// checkInflated refuses an archive that claims to hold too much; ReadNPZ reads no
// more than is claimed.
func (f *imageFile) checkInflated() error {
	archive, err := zip.NewReader(bytes.NewReader(f.dropped), int64(len(f.dropped)))
	if err != nil {
		return fault.Userf("%s is not a NumPy .npz file: %w", f.Name, err)
	}
	total := uint64(0)
	for _, entry := range archive.File {
		if total += min(entry.UncompressedSize64, mostInflated+1); total > mostInflated {
			return fault.Userf("%s unpacks to more than %d MB, which is too much for one view; give a part of it, or ask the command line", f.Name, mostInflated>>20)
		}
	}
	return nil
}

// preview draws the first array in grey: the innermost two extents, in the
// middle of the others.
func (f *imageFile) preview() (*data.Image, error) {
	list, err := arraysOf([]*imageFile{f})
	if err != nil {
		return nil, err
	}
	x, err := list[0].Array.Convert(tensor.Float32)
	if err != nil || x.Len() == 0 {
		return nil, fault.Userf("%s holds no numbers to look at", f.Name)
	}
	w, h := 1, 1
	if n := x.Rank(); n > 0 {
		w = x.Dim(n - 1)
		if n > 1 {
			h = x.Dim(n - 2)
		}
	}
	planes := x.Len() / (w * h)
	values := x.F32()[planes/2*w*h:][:w*h]
	img, err := data.Resize(data.NewImage(1, 1), w, h, data.Box) // refuses what is no picture's size
	if err != nil {
		return nil, fault.AsUser(err)
	}
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	for i, v := range values {
		if shade := 255 * (v - low) / max(high-low, math.SmallestNonzeroFloat32); shade == shade {
			grey := byte(min(max(shade, 0), 255))
			copy(img.Pix[3*i:], []byte{grey, grey, grey})
		}
	}
	return img, nil
}
