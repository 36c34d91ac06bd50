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
// means the default of that step.
type processor struct {
	DoResize     *bool           `json:"do_resize"`
	Size         json.RawMessage `json:"size"`
	Resample     *int            `json:"resample"`
	DoCenterCrop *bool           `json:"do_center_crop"`
	CropSize     json.RawMessage `json:"crop_size"`
	CropPct      float64         `json:"crop_pct"`
	DoRescale    *bool           `json:"do_rescale"`
	Factor       *float64        `json:"rescale_factor"`
	DoNormalize  *bool           `json:"do_normalize"`
	Mean         []float64       `json:"image_mean"`
	Std          []float64       `json:"image_std"`
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
	c.applySize(p)
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
	p.Mean, p.Std = []float64{0}, []float64{1}
	if on(c.DoNormalize, len(c.Mean) > 0) && len(c.Mean) > 0 && len(c.Std) > 0 {
		p.Mean, p.Std = c.Mean, c.Std
	}
	if p.Channels != Gray {
		p.Channels = RGB
		if c.FlipChannels {
			p.Channels = BGR
		}
	}
}

// applySize understands the spellings of size: a number (a square, or the
// shorter side where a crop follows), {height, width}, {shortest_edge}.
func (c *processor) applySize(p *Prep) {
	size, crop := sizeOf(c.Size), sizeOf(c.CropSize)
	cropping := on(c.DoCenterCrop, crop != edges{}) && crop != edges{}
	p.Shorter = 0
	switch {
	case cropping:
		p.Fit, p.Width, p.Height = FitCrop, crop.w, crop.h
		p.Shorter = max(size.short, min(size.w, size.h))
	case size.short > 0 && size.w == 0:
		// ConvNeXt: below 384 the shorter side is size/crop_pct, then a square is
		// cut out; from 384 on the picture is stretched.
		p.Fit, p.Width, p.Height = FitCrop, size.short, size.short
		if size.short >= 384 && c.CropPct > 0 {
			p.Fit = FitStretch
		} else if c.CropPct > 0 {
			p.Shorter = int(float64(size.short) / c.CropPct)
		}
	case size.w > 0:
		p.Fit, p.Width, p.Height = FitStretch, size.w, size.h
	}
	if !on(c.DoResize, true) {
		p.Fit = FitStretch
	}
}

type edges struct{ w, h, short int }

func sizeOf(raw json.RawMessage) edges {
	var n float64
	if json.Unmarshal(raw, &n) == nil && n > 0 && n < math.MaxInt16 {
		return edges{int(n), int(n), int(n)}
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
	return edges{named.Width, named.Height, named.Shortest}
}

// pilFilter maps the numbers of PIL.Image.Resampling.
func pilFilter(n int) data.Filter {
	name := map[int]string{0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box"}[n]
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

// huggingFaceLabels reads id2label of config.json, by class number.
func huggingFaceLabels(raw []byte) []string {
	var c struct {
		Labels map[string]string `json:"id2label"`
		// timm's config.json
		Names []string `json:"label_names"`
	}
	if json.Unmarshal(raw, &c) != nil {
		return nil
	}
	if len(c.Labels) == 0 {
		return c.Names
	}
	return numbered(c.Labels)
}

// placeholder reports whether labels are the made-up LABEL_0, LABEL_1, ...
func placeholder(labels []string) bool {
	return len(labels) > 0 && strings.HasPrefix(labels[0], "LABEL_")
}
