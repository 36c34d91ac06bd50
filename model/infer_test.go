package model

import (
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/fault"
)

// TestHuggingFace reads preprocessor_config.json as the repositories named on
// the left have it; what each means is taken from the class in transformers.
func TestHuggingFace(t *testing.T) {
	half := `"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]`
	net := `"image_mean":[0.485,0.456,0.406],"image_std":[0.229,0.224,0.225]`
	const normHalf, normNet = "1/255 − 0.5,0.5,0.5 ÷ 0.5,0.5,0.5", "1/255 − 0.485,0.456,0.406 ÷ 0.229,0.224,0.225"
	for name, c := range map[string]struct{ config, want string }{
		"vit-base-patch16-224 (old)": {`{"do_normalize":true,"do_resize":true,` + half + `,"resample":2,"size":224}`,
			"224×224 (stretch, bilinear) · RGB · ×" + normHalf},
		"vit": {`{"do_normalize":true,"do_rescale":true,"do_resize":true,"image_processor_type":"ViTImageProcessor",` + half + `,"resample":2,"rescale_factor":0.00392156862745098,"size":{"height":224,"width":224}}`,
			"224×224 (stretch, bilinear) · RGB · ×" + normHalf},
		"deit (old)": {`{"crop_size":224,"do_center_crop":true,"do_normalize":true,"do_resize":true,"feature_extractor_type":"DeiTFeatureExtractor",` + net + `,"resample":3,"size":256}`,
			"224×224 (stretch to 256, centre crop, bicubic) · RGB · ×" + normNet},
		"resnet-50 (old)": {`{"crop_pct":0.875,"do_normalize":true,"do_resize":true,"feature_extractor_type":"ConvNextFeatureExtractor",` + net + `,"resample":3,"size":224}`,
			"224×224 (shorter side 256, centre crop, bicubic) · RGB · ×" + normNet},
		"convnext, crop_pct left out": {`{"image_processor_type":"ConvNextImageProcessor",` + net + `,"size":{"shortest_edge":224}}`,
			"224×224 (shorter side 256, centre crop, bilinear) · RGB · ×" + normNet},
		"convnext 384": {`{"crop_pct":0.875,"image_processor_type":"ConvNextImageProcessorFast",` + net + `,"resample":3,"size":{"shortest_edge":384}}`,
			"384×384 (stretch, bicubic) · RGB · ×" + normNet},
		"clip (old)": {`{"crop_size":224,"do_center_crop":true,"do_normalize":true,"do_resize":true,"feature_extractor_type":"CLIPFeatureExtractor",` + net + `,"resample":3,"size":224}`,
			"224×224 (crop, bicubic) · RGB · ×" + normNet},
		"clip": {`{"crop_size":{"height":224,"width":224},"do_center_crop":true,"image_processor_type":"CLIPImageProcessor",` + net + `,"size":{"shortest_edge":224}}`,
			"224×224 (crop, bicubic) · RGB · ×" + normNet},
		"efficientnet": {`{"crop_size":{"height":289,"width":289},"do_center_crop":false,"do_normalize":true,"image_mean":[0.485,0.456,0.406],"image_processor_type":"EfficientNetImageProcessor","image_std":[0.5,0.5,0.5],"include_top":true,"resample":0,"rescale_factor":0.00392156862745098,"rescale_offset":false,"size":{"height":224,"width":224}}`,
			"224×224 (stretch, nearest) · RGB · ×1/255 − 0.485,0.456,0.406 ÷ 0.25,0.25,0.25"},
		"an offset": {`{"do_normalize":false,"image_processor_type":"EfficientNetImageProcessor","rescale_factor":0.00784313725490196,"rescale_offset":true,"size":{"height":224,"width":224}}`,
			"224×224 (stretch, nearest) · RGB · ×1/127.5 − 1"},
		"mobilenet_v2": {`{"crop_size":{"height":224,"width":224},"do_center_crop":true,"image_processor_type":"MobileNetV2ImageProcessor",` + half + `,"resample":2,"size":{"shortest_edge":256}}`,
			"224×224 (shorter side 256, centre crop, bilinear) · RGB · ×" + normHalf},
		"mobilevit": {`{"crop_size":{"height":256,"width":256},"do_center_crop":true,"do_flip_channel_order":true,"do_rescale":true,"feature_extractor_type":"MobileViTFeatureExtractor","resample":2,"size":{"shortest_edge":288}}`,
			"256×256 (shorter side 288, centre crop, bilinear) · BGR · ×1/255"},
		"beit": {`{"crop_size":224,"do_center_crop":false,"feature_extractor_type":"BeitFeatureExtractor",` + half + `,"resample":2,"size":224}`,
			"224×224 (stretch, bilinear) · RGB · ×" + normHalf},
		"swin": {`{"feature_extractor_type":"ViTFeatureExtractor",` + net + `,"resample":3,"size":224}`,
			"224×224 (stretch, bicubic) · RGB · ×" + normNet},
		"levit": {`{"crop_size":{"height":224,"width":224},"image_processor_type":"LevitImageProcessor",` + net + `,"size":{"shortest_edge":224}}`,
			"224×224 (shorter side 256, centre crop, bicubic) · RGB · ×" + normNet},
		"no rescale": {`{"do_rescale":false,"do_normalize":false,"size":{"height":64,"width":32}}`,
			"32×64 (stretch, bilinear) · RGB · ×1"},
	} {
		m := mustModel(t, classifier(5, nil), map[string]string{"preprocessor_config.json": c.config})
		if got := m.Prep.String(); got != c.want+" · NCHW" {
			t.Errorf("%s:\n got %s\nwant %s · NCHW", name, got, c.want)
		}
		if m.Prep.Guessed || m.Prep.Source != "preprocessor_config.json" {
			t.Errorf("%s: source %q, guessed %v", name, m.Prep.Source, m.Prep.Guessed)
		}
	}
}

// TestSources checks every other source of the preparation.
func TestSources(t *testing.T) {
	const imagenet = "1/255 − 0.485,0.456,0.406 ÷ 0.229,0.224,0.225"
	for name, c := range map[string]struct {
		shape   []int
		meta    map[string]string
		doc     string
		files   map[string]string
		opts    Options
		want    string
		source  string
		guessed bool
	}{
		"the shape":         {want: "224×224 (shorter side 256, centre crop, bilinear) · RGB · ×" + imagenet + " · NCHW", source: "shape d0×3×d2×d3 (recipe imagenet)", guessed: true},
		"a small shape":     {shape: []int{1, 3, 32, 32}, want: "32×32 (crop, bilinear) · RGB · ×" + imagenet + " · NCHW", source: "recipe imagenet", guessed: true},
		"channels last":     {shape: []int{1, 299, 299, 3}, want: "299×299 (shorter side 342, centre crop, bilinear) · RGB · ×1/127.5 − 1 · NHWC", source: "recipe tf", guessed: true},
		"grey":              {shape: []int{1, 1, 28, 28}, want: "28×28 (crop, bilinear) · GRAY · ×1/255 · NCHW", source: "recipe gray", guessed: true},
		"grey from CNTK":    {shape: []int{1, 1, 28, 28}, meta: map[string]string{"producer_name": "CNTK"}, want: "28×28 (crop, bilinear) · GRAY · ×1 · NCHW", source: "CNTK"},
		"Caffe2":            {meta: map[string]string{"producer_name": "onnx-caffe2"}, want: "224×224 (shorter side 256, centre crop, bilinear) · BGR · ×1 − 103.939,116.779,123.68 · NCHW", source: "onnx-caffe2"},
		"BGR in words":      {doc: "Image in BGR order", want: "224×224 (shorter side 256, centre crop, bilinear) · BGR · ×1 · NCHW", source: "description"},
		"ONNX: 0 to 255":    {meta: map[string]string{"Image.BitmapPixelFormat": "Bgr8", "Image.NominalPixelRange": "NominalRange_0_255"}, want: "224×224 (shorter side 256, centre crop, bilinear) · BGR · ×1 · NCHW", source: "image metadata"},
		"ONNX: -1 to 1":     {meta: map[string]string{"Image.BitmapPixelFormat": "Rgb8", "Image.NominalPixelRange": "Normalized_1_1"}, want: "224×224 (shorter side 256, centre crop, bilinear) · RGB · ×1/127.5 − 1 · NCHW", source: "image metadata"},
		"ONNX: studio":      {meta: map[string]string{"Image.NominalPixelRange": "NominalRange_16_235"}, want: "224×224 (shorter side 256, centre crop, bilinear) · RGB · ×0.858824 − -16 · NCHW", source: "image metadata"},
		"ONNX: grey":        {shape: []int{1, 1, 28, 28}, meta: map[string]string{"Image.NominalPixelRange": "Normalized_0_1"}, want: "28×28 (crop, bilinear) · GRAY · ×1/255 · NCHW", source: "image metadata"},
		"a YOLO detector":   {meta: map[string]string{"author": "Ultralytics", "task": "detect", "imgsz": "[480, 640]"}, want: "640×480 (pad, bilinear) · RGB · ×1/255 · NCHW", source: "Ultralytics"},
		"a YOLO classifier": {meta: map[string]string{"author": "Ultralytics", "task": "classify", "imgsz": "[224, 224]"}, want: "224×224 (crop, bilinear) · RGB · ×1/255 · NCHW", source: "Ultralytics"},
		"tomo.json": {files: map[string]string{"tomo.json": `{"input":{"recipe":"tf","size":"96x64","mean":[0.1,0.2,0.3],"fit":"stretch"}}`},
			want: "96×64 (stretch, bilinear) · RGB · ×1/127.5 − 0.1,0.2,0.3 · NCHW", source: "tomo.json"},
		"its own before the folder's": {files: map[string]string{"tomo.json": `{"input":{"scale":1}}`, "net.tomo.json": `{"input":{"size":64,"shorter":72,"std":"2"}}`},
			want: "64×64 (shorter side 72, centre crop, bilinear) · RGB · ×1/255 − 0.485,0.456,0.406 ÷ 2 · NCHW", source: "net.tomo.json"},
		"flags over all": {files: map[string]string{"tomo.json": `{"input":{"recipe":"raw"}}`}, opts: Options{Input: map[string]string{"channels": "bgr", "fit": "stretch"}},
			want: "224×224 (stretch, bilinear) · BGR · ×1 · NCHW", source: "your settings over tomo.json"},
		"a fixed size over a file's": {shape: []int{1, 3, 112, 112}, files: map[string]string{"preprocessor_config.json": `{"crop_pct":0.875,"feature_extractor_type":"ConvNextFeatureExtractor","size":224}`},
			want: "112×112 (shorter side 128, centre crop, bilinear) · RGB · ×1/255 · NCHW", source: "preprocessor_config.json"},
	} {
		if c.shape == nil {
			c.shape = []int{-1, 3, -1, -1}
		}
		b, x := network(c.shape...)
		b.G.Values[x].Doc = c.doc
		for k, v := range c.meta {
			b.G.Meta[k] = v
		}
		b.G.Outputs = append(b.G.Outputs, b.Op("Relu", nil, x))
		m, err := modelIn(t, b.G, c.files, c.opts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := m.Prep.String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
		if !strings.Contains(m.Prep.Source, c.source) || m.Prep.Guessed != c.guessed {
			t.Errorf("%s: source %q (guessed %v), want %q (%v)", name, m.Prep.Source, m.Prep.Guessed, c.source, c.guessed)
		}
	}
}

func TestBadSettings(t *testing.T) {
	for text, c := range map[string]struct {
		files map[string]string
		input map[string]string
	}{
		`no setting "sise"; did you mean "size"?`:  {input: map[string]string{"sise": "3"}},
		`"big" is no whole number of pixels`:       {input: map[string]string{"size": "big"}},
		`each side is 1 to`:                        {input: map[string]string{"size": "999999"}},
		`mean of the input has 2 numbers for 3`:    {input: map[string]string{"mean": "1,2"}},
		`std of the input is zero`:                 {input: map[string]string{"std": "1,0,1"}},
		`scale of the input is not finite`:         {input: map[string]string{"scale": "nan"}},
		`channels of the input cannot be "rbg"`:    {input: map[string]string{"channels": "rbg"}},
		`shorter of the input cannot be 20000`:     {input: map[string]string{"shorter": "20000"}},
		`there is no resampling filter "cubic"`:    {input: map[string]string{"filter": "cubic"}},
		`tomo.json: this is no JSON`:               {files: map[string]string{"tomo.json": `{"input":`}},
		`preprocessor_config.json is no JSON`:      {files: map[string]string{"preprocessor_config.json": `[1`}},
		`preprocessor_config.json: std of the inp`: {files: map[string]string{"preprocessor_config.json": `{"image_mean":[0],"image_std":[0]}`}},
	} {
		_, err := modelIn(t, classifier(5, nil), c.files, Options{Input: c.input})
		if err == nil || !fault.IsUser(err) || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want a user's error with %q", err, text)
		}
	}
}
