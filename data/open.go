package data

import (
	"bufio"
	"context"
	"io"
	"os"
)

// Open returns what paths hold as a data set: the pictures of one IDX file,
// with the labels in o.Labels or beside it, or else picture files and folders of
// them; see [OpenIDXDataset] and [OpenFolder].
func Open(ctx context.Context, paths []string, o FolderOptions) (Dataset, error) {
	switch {
	case len(paths) == 0:
		return nil, problem("name a picture, a folder of pictures or an idx file", "there is no path to read from")
	case len(paths) == 1 && IsIDX(paths[0]):
		return dataset(OpenIDXDataset(paths[0], o.Labels))
	}
	return dataset(OpenFolder(ctx, paths, o))
}

// dataset keeps a nil pointer from becoming a data set.
func dataset[D Dataset](d D, err error) (Dataset, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// IsIDX reports whether a file begins like an IDX array, compressed or not.
func IsIDX(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false // what is read from a pipe cannot be read again
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	plain, err := gunzipped(bufio.NewReader(f))
	if err != nil {
		return false
	}
	var head [4]byte
	_, err = io.ReadFull(plain, head[:])
	return err == nil && head[0] == 0 && head[1] == 0 && IDXType(head[2]).size() > 0 && head[3] > 0
}
