package wandb

import (
	"bytes"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track/protofield"
	"github.com/tomo-viz/tomo/track/pyjson"
)

// A Value is what was logged under one name. Names within dictionaries are joined
// by slashes.
type Value struct {
	Name   string
	Kind   Kind
	Number float64
	Text   string // of a Text; the type of an Other, as W&B has it; what is wrong with what is Broken
	// Counts and Edges are those of a Histogram: there is one more edge.
	Counts, Edges []float64
	// Files are those of Images, below the folder "files" of the run.
	Files []File
}

// A Kind is what a value is.
type Kind uint8

// The kinds.
const (
	Number Kind = iota // may be NaN or infinite
	Text
	Histogram
	Images
	Other // a table, a sound, a video ..., or a list
	Broken
)

// A File is a picture with what is said of it.
type File struct{ Path, Caption string }

// Fields of an item. Clients write its value as JSON; the newest messages can
// also hold what it is.
const (
	itemKey, itemNested                    = 1, 2
	itemBool, itemInt, itemNumber, itemStr = 4, 5, 6, 7
	itemJSON, itemOldJSON                  = 8, 16
)

// items are those of one record. A dictionary is one item, or, as newer
// clients write it, an item for each value in it, in any order.
type items struct {
	leaves []leaf
	media  map[string]map[string]pyjson.Leaf // the fields of those with a _type, by their names
}

type leaf struct {
	name string
	pyjson.Leaf
	broken error
}

// parse adds an item.
func (i *items) parse(data []byte) error {
	var keys []string
	var l leaf
	var document []byte
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case itemKey, itemNested:
			keys = append(keys, f.Text())
		case itemBool:
			l.Kind, l.Number = pyjson.Bool, float64(f.Word&1)
		case itemInt:
			l.Kind, l.Number = pyjson.Number, float64(protowire.DecodeZigZag(f.Word))
		case itemNumber:
			l.Kind, l.Number = pyjson.Number, math.Float64frombits(f.Word)
		case itemStr:
			l.Kind, l.Text = pyjson.Text, []byte(f.Text())
		case itemJSON, itemOldJSON:
			document = f.Bytes
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.name = strings.Join(keys, "/")
	if document != nil {
		i.read(l, document)
		return nil
	}
	i.add(l)
	return nil
}

// read adds what stands in a JSON document.
func (i *items) read(l leaf, document []byte) {
	if l.Leaf, l.broken = pyjson.Parse(document); l.broken != nil || l.Kind != pyjson.Object {
		i.add(l)
		return
	}
	// It was parsed already.
	_ = pyjson.Leaves(document, func(key []byte, inner pyjson.Leaf) error {
		inner.Text = bytes.Clone(inner.Text)
		i.add(leaf{name: l.name + "/" + string(key), Leaf: inner})
		return nil
	})
}

func (i *items) add(l leaf) {
	if whole, ok := strings.CutSuffix(l.name, "/_type"); ok && l.Kind == pyjson.Text {
		if i.media == nil {
			i.media = map[string]map[string]pyjson.Leaf{}
		}
		i.media[whole] = map[string]pyjson.Leaf{}
	}
	i.leaves = append(i.leaves, l)
}

// values are what the items hold together.
func (i *items) values() []Value {
	out := make([]Value, 0, len(i.leaves))
	var order []string // of media
	for _, l := range i.leaves {
		if whole, key, ok := i.within(l.name); ok {
			if len(i.media[whole]) == 0 {
				order = append(order, whole)
			}
			i.media[whole][key] = l.Leaf
			continue
		}
		if v, ok := l.value(); ok {
			out = append(out, v)
		}
	}
	for _, name := range order {
		v, err := mediaOf(name, i.media[name])
		if err != nil {
			v = Value{Name: name, Kind: Broken, Text: err.Error()}
		}
		out = append(out, v)
	}
	return out
}

// within finds the value with a _type that a leaf is of.
func (i *items) within(name string) (whole, key string, ok bool) {
	if len(i.media) == 0 {
		return "", "", false
	}
	for n := range len(name) {
		if name[n] == '/' {
			if _, ok := i.media[name[:n]]; ok {
				return name[:n], name[n+1:], true
			}
		}
	}
	return "", "", false
}

// value is that of a leaf; there is none of null.
func (l leaf) value() (Value, bool) {
	v := Value{Name: l.name}
	if l.broken != nil {
		v.Kind, v.Text = Broken, l.broken.Error()
		return v, true
	}
	switch l.Kind {
	case pyjson.Number, pyjson.Bool:
		v.Number = l.Number
	case pyjson.Text:
		v.Kind, v.Text = Text, string(l.Text)
		// Some clients write the numbers so that JSON cannot spell.
		if n, ok := pyjson.Spelled[v.Text]; ok {
			v = Value{Name: l.name, Number: n}
		}
	case pyjson.Array:
		v.Kind, v.Text = Other, "list"
	default:
		return v, false
	}
	return v, true
}
