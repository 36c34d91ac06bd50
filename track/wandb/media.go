package wandb

import (
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/track/pyjson"
)

// mediaOf reads a dictionary with a _type.
func mediaOf(name string, fields map[string]pyjson.Leaf) (Value, error) {
	switch kind := string(fields["_type"].Text); kind {
	case "histogram":
		return histogramOf(name, fields)
	case "image-file":
		file := File{string(fields["path"].Text), string(fields["caption"].Text)}
		return Value{Name: name, Kind: Images, Files: []File{file}}, nil
	case "images/separated":
		return imagesOf(name, fields)
	default:
		return Value{Name: name, Kind: Other, Text: kind}, nil
	}
}

// maxBins bounds the bins of a histogram. W&B's own bound is 512.
const maxBins = 1 << 16

// histogramOf reads counts and edges. Edges at equal distances may
// be written as the first, the distance and the number of bins.
func histogramOf(name string, fields map[string]pyjson.Leaf) (Value, error) {
	v := Value{Name: name, Kind: Histogram}
	var err error
	if v.Counts, err = numbers(fields["values"]); err != nil {
		return v, err
	}
	if least, ok := fields["packedBins/min"]; ok {
		width, bins := fields["packedBins/size"].Number, fields["packedBins/count"].Number
		if bins < 0 || bins > maxBins {
			return v, fmt.Errorf("a histogram of %v bins", bins)
		}
		for i := range int(bins) + 1 {
			v.Edges = append(v.Edges, least.Number+float64(i)*width)
		}
	} else if v.Edges, err = numbers(fields["bins"]); err != nil {
		return v, err
	}
	if len(v.Edges) != len(v.Counts)+1 {
		return v, fmt.Errorf("a histogram of %d counts between %d edges", len(v.Counts), len(v.Edges))
	}
	return v, nil
}

func numbers(list pyjson.Leaf) ([]float64, error) {
	if list.Kind != pyjson.Array {
		return nil, errors.New("a histogram without its numbers")
	}
	var out []float64
	err := pyjson.Items(list.Raw, func(item pyjson.Leaf) error {
		if item.Kind != pyjson.Number || len(out) > maxBins {
			return fmt.Errorf("a histogram with %.20q among its numbers, or more than %d", item.Raw, maxBins)
		}
		out = append(out, item.Number)
		return nil
	})
	return out, err
}

// imagesOf reads a list of images logged at once.
func imagesOf(name string, fields map[string]pyjson.Leaf) (Value, error) {
	v := Value{Name: name, Kind: Images}
	err := texts(fields["filenames"], func(_ int, path string) {
		v.Files = append(v.Files, File{Path: path})
	})
	if err != nil {
		return v, err
	}
	return v, texts(fields["captions"], func(i int, caption string) {
		if i < len(v.Files) {
			v.Files[i].Caption = caption
		}
	})
}

// texts calls take with the texts of a list, if it is one.
func texts(list pyjson.Leaf, take func(i int, text string)) error {
	if list.Kind != pyjson.Array {
		return nil
	}
	i := 0
	return pyjson.Items(list.Raw, func(item pyjson.Leaf) error {
		take(i, string(item.Text))
		i++
		return nil
	})
}
