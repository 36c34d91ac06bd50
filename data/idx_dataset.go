package data

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// IDX is a data set of pictures and labels in two IDX files, as MNIST,
// Fashion-MNIST, KMNIST and EMNIST are.
type IDX struct {
	images *IDXArray
	labels *IDXArray // nil when there are none
}

// OpenIDXDataset reads pictures of N x H x W or N x H x W x 3 bytes and their
// labels, N whole numbers. Where labels is empty, the file that lies beside the
// pictures under MNIST's names is taken, if there is one: "labels" for
// "images", "idx1" for "idx3".
func OpenIDXDataset(images, labels string) (*IDX, error) {
	d := &IDX{}
	var err error
	if d.images, err = OpenIDX(images); err != nil {
		return nil, err
	}
	if err := d.checkImages(); err != nil {
		return nil, in(images, err)
	}
	if labels == "" {
		labels = labelsBeside(images)
	}
	if labels == "" {
		return d, nil
	}
	if d.labels, err = OpenIDX(labels); err != nil {
		return nil, err
	}
	if err := d.checkLabels(); err != nil {
		return nil, in(labels, err)
	}
	return d, nil
}

// labelsBeside returns the path of the labels that belong to a file of
// pictures, or nothing.
func labelsBeside(images string) string {
	dir, name := filepath.Split(images)
	name = strings.NewReplacer("images", "labels", "idx3", "idx1", "idx4", "idx1").Replace(name)
	bare := strings.TrimSuffix(name, ".gz")
	for _, try := range []string{name, bare, bare + ".gz"} {
		path := filepath.Join(dir, try)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && path != filepath.Clean(images) {
			return path
		}
	}
	return ""
}

func (d *IDX) checkImages() error {
	s := d.images.Shape
	grey, colour := len(s) == 3, len(s) == 4 && s[3] == 3
	if d.images.Type != IDXUint8 || !grey && !colour {
		return problem("give the file of the pictures, such as train-images-idx3-ubyte",
			"it holds an array of %v elements of type %#02x, where pictures are N x H x W or N x H x W x 3 bytes", s, byte(d.images.Type))
	}
	if s[0] > 0 {
		return checkSize(s[2], s[1])
	}
	return nil
}

func (d *IDX) checkLabels() error {
	a := d.labels
	whole := a.Type != IDXFloat32 && a.Type != IDXFloat64
	if len(a.Shape) != 1 || !whole {
		return problem("give the file of the labels, such as train-labels-idx1-ubyte", "it holds an array of %v, where labels are N whole numbers", a.Shape)
	}
	if n := d.images.Shape[0]; a.Shape[0] != n {
		return problem("give the labels that belong to the pictures", "it has %d labels for %d pictures", a.Shape[0], n)
	}
	return nil
}

// Len returns the number of pictures.
func (d *IDX) Len() int { return d.images.Shape[0] }

// Classes returns nil: the files do not name the labels.
func (d *IDX) Classes() []string { return nil }

// At returns picture i, whose name is its number.
func (d *IDX) At(ctx context.Context, i int) (Sample, error) {
	if err := checkIndex(ctx, i, d.Len()); err != nil {
		return Sample{}, err
	}
	return Sample{Name: fmt.Sprint(i), Label: d.Label(i), Image: d.image(i)}, nil
}

// Label returns the class of picture i, or NoLabel.
func (d *IDX) Label(i int) int {
	if d.labels == nil {
		return NoLabel
	}
	return d.labels.whole(i)
}

func (d *IDX) image(i int) *Image {
	s := d.images.Shape
	m := NewImage(s[2], s[1])
	n := len(d.images.Raw) / s[0]
	raw := d.images.Raw[i*n : (i+1)*n]
	if len(s) == 4 {
		copy(m.Pix, raw)
		return m
	}
	m.Source.Mode = Grey
	fromGrey(m.Pix, raw, 1)
	return m
}

// whole returns element i of an array of whole numbers.
func (a *IDXArray) whole(i int) int {
	p := a.Raw[i*a.Type.size():]
	switch a.Type {
	case IDXInt8:
		return int(int8(p[0]))
	case IDXInt16:
		return int(int16(binary.BigEndian.Uint16(p)))
	case IDXInt32:
		return int(int32(binary.BigEndian.Uint32(p)))
	}
	return int(p[0])
}
