package model

import "github.com/tomo-viz/tomo/data"

// A recipe is a preparation that a training framework made common.
type recipe struct {
	name string
	from string
	set  func(*Prep)
}

var recipes = []recipe{
	{"imagenet", "torchvision and timm: RGB of 0 to 1, ImageNet's mean and deviation", func(p *Prep) {
		p.Channels, p.Scale = RGB, 1.0/255
		p.Mean, p.Std = []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	}},
	{"caffe", "Caffe and Keras's ResNet and VGG: BGR of 0 to 255 minus ImageNet's mean", func(p *Prep) {
		p.Channels, p.Scale = BGR, 1
		p.Mean, p.Std = []float64{103.939, 116.779, 123.68}, []float64{1}
	}},
	{"tf", "Keras's MobileNet and Inception: RGB of -1 to 1", func(p *Prep) {
		p.Channels, p.Scale = RGB, 1/127.5
		p.Mean, p.Std = []float64{1}, []float64{1}
	}},
	{"unit", "RGB of 0 to 1", func(p *Prep) {
		p.Channels, p.Scale, p.Mean, p.Std = RGB, 1.0/255, []float64{0}, []float64{1}
	}},
	{"raw", "RGB of 0 to 255; the network prepares them itself", func(p *Prep) {
		p.Channels, p.Scale, p.Mean, p.Std = RGB, 1, []float64{0}, []float64{1}
	}},
	{"gray", "grey of 0 to 1, as for handwritten digits", func(p *Prep) {
		p.Channels, p.Scale, p.Mean, p.Std = Gray, 1.0/255, []float64{0}, []float64{1}
	}},
}

func recipeNames() []string {
	var names []string
	for _, r := range recipes {
		names = append(names, r.name)
	}
	return names
}

func setRecipe(p *Prep, name string) error {
	for _, r := range recipes {
		if r.name == name {
			r.set(p)
		}
	}
	return nil
}

// fitted returns the preparation for an input of that size by a recipe. Large
// inputs get the evaluation crop of torchvision: the shorter side is made 8/7
// as long (256 for 224), then the centre is cut out.
func fitted(name string, w, h int) Prep {
	p := Prep{Width: w, Height: h, Fit: FitCrop, Filter: data.Bilinear, Layout: NCHW}
	if short := min(w, h); short >= 128 {
		p.Shorter = (short*8 + 3) / 7
	}
	_ = setRecipe(&p, name)
	return p
}
