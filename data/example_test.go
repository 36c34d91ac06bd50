package data_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tomo-viz/tomo/data"
)

// A picture prepared as torchvision does for ImageNet: the shorter side to a
// size, then the middle.
func ExampleResize() {
	m, err := data.OpenImage("testdata/images/really_a.jpg.png")
	if err != nil {
		log.Fatal(err)
	}
	w, h := data.ShorterSide(m.W, m.H, 28)
	scaled, err := data.Resize(m, w, h, data.Bilinear)
	if err != nil {
		log.Fatal(err)
	}
	middle, err := data.CenterCrop(scaled, 24, 24)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s of %d x %d, to %d x %d, to %d x %d\n", m.Source.Format, m.W, m.H, scaled.W, scaled.H, middle.W, middle.H)
	// Output: jpeg of 11 x 7, to 44 x 28, to 24 x 24
}

func ExampleStream() {
	ctx := context.Background()
	d, err := data.Open(ctx, []string{"testdata/images"}, data.FolderOptions{Match: "grey*"})
	if err != nil {
		log.Fatal(err)
	}
	s := data.NewStream(d)
	for i, sample := range s.All(ctx) {
		fmt.Println(i, sample.Name, sample.Image.Source.Format, sample.Image.Source.Bits)
	}
	skipped, _ := s.Skipped()
	fmt.Println(skipped, "skipped,", s.Err())
	// Output:
	// 0 grey.bmp bmp 8
	// 1 grey.jpg jpeg 8
	// 2 grey.png png 8
	// 3 grey.tiff tiff 8
	// 4 grey16.png png 16
	// 5 grey16.tiff tiff 16
	// 6 grey_alpha.png png 8
	// 0 skipped, <nil>
}
