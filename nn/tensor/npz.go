package tensor

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// OpenNPZ reads the arrays in the .npz file at path; see ReadNPZ.
func OpenNPZ(path string) (map[string]*Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	arrays, err := ReadNPZ(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

// ReadNPZ reads NumPy's .npz format, a zip archive of .npy files, of the given
// size. The arrays are named as in NumPy, without ".npy"; other files in the
// archive are left out.
func ReadNPZ(r io.ReaderAt, size int64) (map[string]*Tensor, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("this is not a NumPy .npz file: %w", err)
	}
	if err := checkInflation(archive.File, uint64(size)); err != nil {
		return nil, err
	}
	arrays := map[string]*Tensor{}
	for _, f := range archive.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		if arrays[name], err = readNPZEntry(f); err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
	}
	return arrays, nil
}

// checkInflation refuses archives made to fill the memory: entries that overlap,
// so that the same bytes are inflated over and over, and arrays over 1 GiB that
// are more than a hundred times as large as the archive.
func checkInflation(files []*zip.File, size uint64) error {
	var packed, inflated uint64
	for _, f := range files {
		if f.CompressedSize64 > size-packed {
			return fmt.Errorf("the entries of the archive overlap or are longer than it is")
		}
		packed += f.CompressedSize64
		if inflated += f.UncompressedSize64; inflated < f.UncompressedSize64 || inflated > 1<<30+100*size {
			return fmt.Errorf("the arrays claim to be %d bytes in an archive of %d; they are not opened", inflated, size)
		}
	}
	return nil
}

func readNPZEntry(f *zip.File) (*Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadNPY(&sizedReader{r, f.UncompressedSize64})
}

// A sizedReader knows how much is left, so that a shape which claims more is
// refused at once. The zip reader itself stops at the size that it claims.
type sizedReader struct {
	r    io.Reader
	left uint64
}

func (s *sizedReader) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.left -= min(s.left, uint64(n))
	return n, err
}

// Len returns the bytes left.
func (s *sizedReader) Len() int { return int(s.left) }

// WriteNPZ writes arrays in NumPy's .npz format, in the order of their names and
// not compressed, as numpy.savez does.
func WriteNPZ(w io.Writer, arrays map[string]*Tensor) error {
	archive := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := arrays[name].WriteNPY(entry); err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
	}
	return archive.Close()
}
