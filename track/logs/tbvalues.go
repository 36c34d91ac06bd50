package logs

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// show keeps a value in the form that its kind and plugin give it. Values of the
// old kinds have one form each, whatever plugin there is; tensors have that of
// their plugin.
func (r *eventReader) show(tag, plugin string, v *tfevents.Value, at series.Point) error {
	switch v.Kind {
	case tfevents.Histogram:
		return r.oldHistogram(tag, v.Body, at)
	case tfevents.Image:
		file, err := tfevents.EncodedImage(v.Body)
		if err == nil {
			r.record(track.Image, tag, at, bytes.Clone(file))
		}
		return err
	case tfevents.Audio:
		r.sink.LeaveOut("audio")
		return nil
	}
	switch {
	case plugin == "hparams":
		return r.hparams(v.Content)
	case v.Kind == tfevents.None, plugin == "custom_scalars": // the latter is a layout of TensorBoard's page
		return nil
	case plugin == "":
		r.sink.LeaveOut("tensors without a plugin")
		return nil
	}
	form, ok := tensorForms[plugin]
	if !ok {
		r.sink.LeaveOut(cleanName(plugin))
		return nil
	}
	t, err := tfevents.ParseTensor(v.Body)
	if err != nil {
		return err
	}
	return form(r, tag, t, at)
}

// tensorForms are the forms that plugins give their tensors, by their names.
var tensorForms = map[string]func(*eventReader, string, *tfevents.TensorValue, series.Point) error{
	"histograms":        (*eventReader).newHistogram,
	"images":            (*eventReader).newImages,
	"text":              (*eventReader).text,
	"pr_curves":         (*eventReader).prCurve,
	"graphs":            (*eventReader).graph,
	"graph_keras_model": (*eventReader).graph,

	"graph_run_metadata_graph": (*eventReader).functions,
}

func (r *eventReader) record(kind track.RecordKind, name string, at series.Point, body []byte) {
	r.sink.Record(track.Record{Kind: kind, Name: name, Step: at.Step, Time: at.Time, Body: body})
}

// newImages takes a list of texts: width and height, then the files of one step.
func (r *eventReader) newImages(tag string, t *tfevents.TensorValue, at series.Point) error {
	if len(t.Texts) < 2 || len(t.Shape) != 1 {
		return fmt.Errorf("images of shape %v; they are a list of a width, a height and files", t.Shape)
	}
	files := t.Texts[2:]
	for i, file := range files {
		name := tag
		if len(files) > 1 {
			name = fmt.Sprintf("%s/%d", tag, i)
		}
		r.record(track.Image, name, at, bytes.Clone(file))
	}
	return nil
}

// text takes a text, or a table of them as TensorBoard shows it: the last
// dimension is columns, the others are rows.
func (r *eventReader) text(tag string, t *tfevents.TensorValue, at series.Point) error {
	switch len(t.Texts) {
	case 0:
		return errors.New("a text that is none")
	case 1:
		r.record(track.Text, tag, at, asText(t.Texts[0]))
		return nil
	}
	columns := 1
	if len(t.Shape) > 1 {
		columns = t.Shape[len(t.Shape)-1]
	}
	r.record(track.Text, tag, at, []byte(markdownTable(t.Texts, columns)))
	return nil
}

func asText(raw []byte) []byte { return bytes.ToValidUTF8(raw, []byte("\uFFFD")) }

// markdownTable lays texts out in rows of so many columns.
func markdownTable(texts [][]byte, columns int) string {
	var b strings.Builder
	for i, text := range texts {
		cell := strings.NewReplacer("|", `\|`, "\n", " ").Replace(string(asText(text)))
		fmt.Fprintf(&b, "| %s ", cell)
		if (i+1)%columns != 0 {
			continue
		}
		b.WriteString("|\n")
		if i+1 == columns {
			b.WriteString(strings.Repeat("| --- ", columns) + "|\n")
		}
	}
	return b.String()
}

// wholeGraph takes the graph of a run, which each restart writes again.
func (r *eventReader) wholeGraph(def []byte, at series.Point) {
	if sum := crc32.ChecksumIEEE(def) | 1; sum != r.Graph {
		r.Graph = sum
		r.record(track.Graph, "graph", beforeAll(at), bytes.Clone(def))
	}
}

// graph takes what the plugins of graphs keep as tensors: a GraphDef, or the
// JSON of a Keras model.
func (r *eventReader) graph(tag string, t *tfevents.TensorValue, at series.Point) error {
	for _, def := range t.Texts {
		r.record(track.Graph, tag, beforeAll(at), bytes.Clone(def))
	}
	return nil
}

// functions takes the graphs of the functions of TensorFlow 2 that were traced.
func (r *eventReader) functions(tag string, t *tfevents.TensorValue, at series.Point) error {
	for _, metadata := range t.Texts {
		graphs, err := tfevents.FunctionGraphs(metadata)
		if err != nil {
			return err
		}
		for i, def := range graphs {
			name := tag
			if len(graphs) > 1 {
				name = fmt.Sprintf("%s/%d", tag, i)
			}
			r.record(track.Graph, name, beforeAll(at), bytes.Clone(def))
		}
	}
	return nil
}

// beforeAll is where graphs are kept: no restart takes them back.
func beforeAll(at series.Point) series.Point {
	at.Step = -1
	return at
}
