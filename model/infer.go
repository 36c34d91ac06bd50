package model

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/ir"
)

// findPrep settles the preparation for the network's image input, if it has
// one. Settings of the user are laid over whatever else is found.
func (m *Model) findPrep(settings map[string]string) error {
	input := m.imageInput()
	if input == ir.None {
		if len(settings) > 0 {
			return fault.Userf("%s takes no picture, so the input settings have nothing to set", m.Name)
		}
		return nil
	}
	m.Input = input
	p, err := m.basePrep(m.Net.Values[input])
	if err != nil {
		return err
	}
	if len(settings) > 0 {
		if err := p.Apply(settings); err != nil {
			return err
		}
		p.Source, p.Guessed = "your settings over "+p.Source, false
	}
	m.Prep = p
	return nil
}

// basePrep tries the sources from the surest to the least sure. An input of
// fixed size has that size whatever a file beside it says, but for tomo.json,
// which was written for this very model.
func (m *Model) basePrep(in ir.Value) (*Prep, error) {
	shape := guessFromShape(in.Shape)
	if p, err := m.prepFromTomo(shape); err != nil || p != nil {
		return p, err
	}
	for _, source := range []func(Prep) (*Prep, error){m.prepFromHuggingFace, m.prepFromMetadata} {
		p, err := source(shape)
		if err != nil {
			return nil, err
		}
		if p != nil {
			p.resizeTo(in.Shape)
			return p, nil
		}
	}
	return m.prepFromMaker(shape, in), nil
}

// resizeTo gives a preparation the size of the input where that is fixed; the
// share that a crop keeps stays the same.
func (p *Prep) resizeTo(s ir.Shape) {
	w, h := s[3].N, s[2].N
	if p.Layout == NHWC {
		w, h = s[2].N, s[1].N
	}
	if w < 1 || h < 1 || w == p.Width && h == p.Height {
		return
	}
	p.Shorter = p.Shorter * min(w, h) / min(p.Width, p.Height)
	p.Width, p.Height = w, h
}

// imageInput finds the input that is a picture: of rank 4 with one or three
// channels on either side, or of any rank-4 shape that is not known.
func (m *Model) imageInput() ir.ValueID {
	for _, id := range m.Net.Inputs {
		s := m.Net.Values[id].Shape
		if len(s) != 4 || !m.Net.Values[id].DType.IsFloat() {
			continue
		}
		if isChannels(s[1]) || isChannels(s[3]) || !s[1].IsKnown() && !s[3].IsKnown() {
			return id
		}
	}
	return ir.None
}

func isChannels(d ir.Dim) bool { return d.N == 1 || d.N == 3 }

// guessFromShape makes the preparation that an input of this shape most often
// wants: ImageNet's for colour, 0 to 1 for grey, 224×224 where the size is free.
func guessFromShape(s ir.Shape) Prep {
	layout, c, h, w := NCHW, s[1], s[2], s[3]
	if !isChannels(c) && isChannels(s[3]) {
		layout, c, h, w = NHWC, s[3], s[1], s[2]
	}
	name := "imagenet"
	switch {
	case c.N == 1:
		name = "gray"
	case layout == NHWC:
		name = "tf" // channels last comes from TensorFlow and Keras
	}
	p := fitted(name, extent(w), extent(h))
	p.Layout = layout
	p.Source, p.Guessed = fmt.Sprintf("guessed from the input's shape %s (recipe %s)", s, name), true
	return p
}

func extent(d ir.Dim) int {
	if d.N > 0 {
		return d.N
	}
	return 224
}

// prepFromTomo reads tomo.json, or NAME.tomo.json, beside the model.
func (m *Model) prepFromTomo(p Prep) (*Prep, error) {
	path, settings, err := m.sidecar()
	if err != nil || len(settings.Input) == 0 {
		return nil, err
	}
	if err := p.Apply(settings.Input); err != nil {
		return nil, fault.Userf("%s: %w", path, err)
	}
	p.Source, p.Guessed = filepath.Base(path), false
	return &p, nil
}

// prepFromMetadata reads what the model file says of its pictures: the image
// metadata of the ONNX standard, or that of Ultralytics.
func (m *Model) prepFromMetadata(p Prep) (*Prep, error) {
	meta := m.Net.Meta
	format, ranged := meta["Image.BitmapPixelFormat"], meta["Image.NominalPixelRange"]
	switch {
	case format != "" || ranged != "":
		setPixelFormat(&p, format)
		setPixelRange(&p, ranged)
		p.Source = "the image metadata of the model file"
	case strings.Contains(strings.ToLower(meta["author"]), "ultralytics"):
		_ = setRecipe(&p, "unit")
		setImageSize(&p, meta["imgsz"])
		if meta["task"] != "classify" {
			p.Fit = FitPad
		}
		p.Shorter, p.Source = 0, "Ultralytics' metadata in the model file"
	default:
		return nil, nil
	}
	p.Guessed = false
	return &p, nil
}

// setImageSize reads Ultralytics' "[height, width]".
func setImageSize(p *Prep, text string) {
	var size []int
	if json.Unmarshal([]byte(text), &size) == nil && len(size) == 2 && size[0] > 0 && size[1] > 0 {
		p.Height, p.Width = size[0], size[1]
	}
}

// setPixelFormat follows the formats that the ONNX standard names; without one
// the number of channels decides.
func setPixelFormat(p *Prep, format string) {
	switch {
	case format == "":
	case strings.HasPrefix(format, "Bgr"):
		p.Channels = BGR
	case strings.HasPrefix(format, "Gray"):
		p.Channels = Gray
	default:
		p.Channels = RGB
	}
}

// setPixelRange follows the ranges that the ONNX standard names.
func setPixelRange(p *Prep, nominal string) {
	p.Mean, p.Std = []float64{0}, []float64{1}
	switch nominal {
	case "Normalized_0_1":
		p.Scale = 1.0 / 255
	case "Normalized_1_1":
		p.Scale, p.Mean = 1/127.5, []float64{1}
	case "NominalRange_16_235":
		p.Scale, p.Mean = 219.0/255, []float64{-16}
	default:
		p.Scale = 1
	}
}

var bgrWords = regexp.MustCompile(`(?i)\bBGR\b`)

// prepFromMaker goes by the customs of the program that wrote the file.
func (m *Model) prepFromMaker(p Prep, in ir.Value) *Prep {
	maker := strings.ToLower(m.Net.Meta["producer_name"])
	colour := p.Channels != Gray
	switch {
	case colour && in.Doc != "" && bgrWords.MatchString(in.Doc):
		_ = setRecipe(&p, "raw")
		p.Channels, p.Source = BGR, "the input's description in the model file (BGR, 0 to 255)"
		p.Guessed = false
	case colour && strings.Contains(maker, "caffe"):
		_ = setRecipe(&p, "caffe")
		p.Guessed = false
		p.Source = fmt.Sprintf("the custom of models from Caffe (the file was made by %s)", m.Net.Meta["producer_name"])
	case !colour && strings.Contains(maker, "cntk"):
		p.Guessed = false
		p.Scale, p.Source = 1, "the custom of models from CNTK (grey of 0 to 255)"
	}
	return &p
}

// A sidecar is the content of tomo.json.
type sidecar struct {
	Input  map[string]string
	Labels string // path of the label file, from the sidecar's folder
}

// sidecar reads the tomo.json that belongs to the model: NAME.tomo.json, else
// tomo.json in its folder. The path is empty if there is none.
func (m *Model) sidecar() (string, sidecar, error) {
	stem := strings.TrimSuffix(m.Path, filepath.Ext(m.Path))
	for _, path := range []string{stem + ".tomo.json", filepath.Join(filepath.Dir(m.Path), "tomo.json")} {
		raw, err := readSmall(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return path, sidecar{}, fault.AsUser(err)
		}
		s, err := parseSidecar(raw)
		if err != nil {
			return path, s, fault.Userf("%s: %w", path, err)
		}
		return path, s, nil
	}
	return "", sidecar{}, nil
}

// parseSidecar takes settings as text, numbers or lists of numbers.
func parseSidecar(raw []byte) (sidecar, error) {
	var file struct {
		Input  map[string]any `json:"input"`
		Labels string         `json:"labels"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return sidecar{}, fmt.Errorf("this is no JSON: %w", err)
	}
	s := sidecar{Labels: file.Labels, Input: map[string]string{}}
	for name, v := range file.Input {
		s.Input[name] = settingText(v)
	}
	return s, nil
}

func settingText(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = fmt.Sprint(x)
	}
	return strings.Join(parts, ",")
}

// readSmall reads a text file of settings; one over 16 MiB is none.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > 16<<20 {
		return nil, fmt.Errorf("%s is no settings file: it should be a text file of less than 16 MiB", path)
	}
	return os.ReadFile(path)
}
