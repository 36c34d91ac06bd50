package model

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
)

// processor is Hugging Face's preprocessor_config.json, as far as it concerns
// single pictures (transformers, image_processing_*.py). A missing switch
// means the default of its class; see families.
type processor struct {
	Type         string          `json:"image_processor_type"`
	OldType      string          `json:"feature_extractor_type"`
	DoResize     *bool           `json:"do_resize"`
	Size         json.RawMessage `json:"size"`
	Resample     *int            `json:"resample"`
	DoCenterCrop *bool           `json:"do_center_crop"`
	CropSize     json.RawMessage `json:"crop_size"`
	CropPct      float64         `json:"crop_pct"`
	DoRescale    *bool           `json:"do_rescale"`
	Factor       *float64        `json:"rescale_factor"`
	Offset       bool            `json:"rescale_offset"`
	DoNormalize  *bool           `json:"do_normalize"`
	Mean         []float64       `json:"image_mean"`
	Std          []float64       `json:"image_std"`
	IncludeTop   *bool           `json:"include_top"`
	FlipChannels bool            `json:"do_flip_channel_order"`
}

// prepFromHuggingFace reads preprocessor_config.json in the model's folder or
// the one above (exports often lie in a folder onnx/ of the repository).
func (m *Model) prepFromHuggingFace(p Prep) (*Prep, error) {
	dir := filepath.Dir(m.Path)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		path := filepath.Join(d, "preprocessor_config.json")
		raw, err := readSmall(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, fault.AsUser(err)
		}
		var c processor
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, fault.Userf("%s is no JSON that Tomo can read: %w; mend it, or give the input settings as flags", path, err)
		}
		c.apply(&p)
		p.Source, p.Guessed = filepath.Base(path), false
		if err := p.check(); err != nil {
			return nil, fault.Userf("%s: %w", path, err)
		}
		return &p, nil
	}
	return nil, nil
}

func (c *processor) apply(p *Prep) {
	f := c.family()
	c.applySize(p, f)
	p.Filter = f.filter
	if c.Resample != nil {
		p.Filter = pilFilter(*c.Resample)
	}
	p.Scale = 1
	if on(c.DoRescale, true) {
		p.Scale = 1.0 / 255
		if c.Factor != nil {
			p.Scale = *c.Factor
		}
	}
	c.applyNormalize(p, f)
	if p.Channels != Gray {
		p.Channels = RGB
		if c.FlipChannels {
			p.Channels = BGR
		}
	}
}

func (c *processor) applyNormalize(p *Prep, f family) {
	p.Mean, p.Std = []float64{0}, []float64{1}
	if on(c.DoNormalize, true) && len(c.Mean) > 0 && len(c.Std) > 0 {
		p.Mean, p.Std = c.Mean, c.Std
		if f.twice && on(c.IncludeTop, true) { // divided by the deviation once more
			p.Std = apply(p.Std, func(x float64) float64 { return x * x })
		}
	}
	if c.Offset { // pixels go from −1, not from 0
		p.Mean = apply(p.Mean, func(x float64) float64 { return x + 1 })
	}
}

func apply(v []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = f(x)
	}
	return out
}

// applySize understands the spellings of size: a number (a square, or the
// shorter side, as the class has it), {height, width}, {shortest_edge}.
func (c *processor) applySize(p *Prep, f family) {
	size, crop := sizeOf(c.Size), sizeOf(c.CropSize)
	if f.shorter && size.number {
		size = edges{short: size.w}
	}
	pct := c.CropPct
	if pct <= 0 || pct > 1 {
		pct = f.pct
	}
	shorter := size.short
	if pct > 0 {
		shorter = int(float64(size.short) / pct)
	}
	cropping := on(c.DoCenterCrop, f.crop) && crop.w > 0
	p.Shorter = 0
	switch {
	case !on(c.DoResize, true):
		p.Fit = FitStretch
	case cropping && size.short > 0:
		p.Fit, p.Width, p.Height, p.Shorter = FitCrop, crop.w, crop.h, shorter
	case cropping:
		p.Fit, p.Width, p.Height, p.Shorter = FitStretch, crop.w, crop.h, min(size.w, size.h)
	case size.short >= 384 && pct > 0: // ConvNeXt stretches large pictures
		p.Fit, p.Width, p.Height = FitStretch, size.short, size.short
	case size.short > 0:
		p.Fit, p.Width, p.Height, p.Shorter = FitCrop, size.short, size.short, shorter
	case size.w > 0:
		p.Fit, p.Width, p.Height = FitStretch, size.w, size.h
	}
}

// edges is a size: both sides, or the shorter one.
type edges struct {
	w, h, short int
	number      bool // it was given as one number
}

func sizeOf(raw json.RawMessage) edges {
	var n float64
	if json.Unmarshal(raw, &n) == nil && n > 0 && n < math.MaxInt16 {
		return edges{w: int(n), h: int(n), number: true}
	}
	var pair []int
	if json.Unmarshal(raw, &pair) == nil && len(pair) == 2 {
		return edges{w: pair[1], h: pair[0]}
	}
	var named struct {
		Height   int `json:"height"`
		Width    int `json:"width"`
		Shortest int `json:"shortest_edge"`
	}
	if json.Unmarshal(raw, &named) != nil {
		return edges{}
	}
	return edges{w: named.Width, h: named.Height, short: named.Shortest}
}

// A family is what a class of transformers does where its file is silent.
type family struct {
	shorter bool        // a size of one number is the shorter side
	crop    bool        // the centre is cut out
	pct     float64     // the share of the shorter side that the crop keeps
	twice   bool        // pixels are divided by the deviation twice
	filter  data.Filter // how it scales
}

var families = map[string]family{
	"Beit":         {crop: true, filter: data.Bicubic},
	"Bit":          {crop: true, shorter: true, filter: data.Bicubic},
	"CLIP":         {crop: true, shorter: true, filter: data.Bicubic},
	"ConvNext":     {shorter: true, pct: 224.0 / 256, filter: data.Bilinear},
	"Deit":         {crop: true, filter: data.Bicubic},
	"EfficientNet": {twice: true, filter: data.Nearest},
	"Levit":        {crop: true, shorter: true, pct: 224.0 / 256, filter: data.Bicubic},
	"MobileNetV1":  {crop: true, shorter: true, filter: data.Bilinear},
	"MobileNetV2":  {crop: true, shorter: true, filter: data.Bilinear},
	"MobileViT":    {crop: true, shorter: true, filter: data.Bilinear},
	"PoolFormer":   {crop: true, shorter: true, pct: 0.9, filter: data.Bicubic},
}

// family finds the class by its name, old or new. A class that is not known
// cuts out a crop if the file has one.
func (c *processor) family() family {
	name := c.Type
	if name == "" {
		name = c.OldType
	}
	name = strings.TrimSuffix(name, "Fast")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "ImageProcessor"), "FeatureExtractor")
	for known, f := range families {
		if strings.EqualFold(known, name) {
			return f
		}
	}
	crop := len(c.CropSize) > 0
	return family{crop: crop, shorter: name == "" && (crop || c.CropPct > 0), filter: data.Bilinear}
}

// pilFilter maps the numbers of PIL.Image.Resampling.
func pilFilter(n int) data.Filter {
	name := map[int]string{0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}[n]
	if f, err := data.ParseFilter(name); err == nil {
		return f
	}
	return data.Bilinear
}

func on(b *bool, def bool) bool {
	if b == nil {
		return def
	}
	return *b
}
