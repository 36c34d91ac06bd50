package model

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/fault"
)

func TestLabelFiles(t *testing.T) {
	want := []string{"cat", "dog", "7 up"}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"lines":               {"cat\ndog\r\n\n7 up\n", want},
		"a byte order mark":   {"\ufeffcat\ndog\n7 up", want},
		"numbers":             {"0: cat\n1: dog\n2: 7 up", want},
		"numbers and commas":  {"0,cat\n1,dog\n2,7 up", want},
		"numbers and tabs":    {"0\tcat\n1\tdog\n2\t7 up", want},
		"numbers from one":    {"1 cat\n2 dog\n3 7 up", want},
		"numbers, disordered": {"2 7 up\n0 cat\n1 dog", want},
		"numbers with a gap":  {"0 cat\n3 dog", []string{"cat", "", "", "dog"}},
		"WordNet ids":         {"n02123045 tabby, tabby cat\nn02099601 golden retriever", []string{"tabby, tabby cat", "golden retriever"}},
		"ids alone":           {"n02123045\nn02099601", []string{"n02123045", "n02099601"}},
		"numbers alone":       {"0\n1\n2", []string{"0", "1", "2"}},
		"JSON list":           {`["cat","dog","7 up"]`, want},
		"JSON by number":      {`{"1":"dog","0":"cat","2":"7 up"}`, want},
		"JSON with a gap":     {`{"0":"cat","2":"dog"}`, []string{"cat", "", "dog"}},
		"Keras":               {`{"0":["n02123045","cat"],"1":["n02099601","dog"]}`, []string{"cat", "dog"}},
		"the other way round": {`{"dog":1,"cat":0}`, []string{"cat", "dog"}},
		"id2label":            {`{"model_type":"vit","id2label":{"0":"cat","1":"dog","2":"7 up"}}`, want},
		"timm":                {`{"architecture":"resnet","label_names":["cat","dog"]}`, []string{"cat", "dog"}},
		"a bracket":           {"[PAD]\ncat", []string{"[PAD]", "cat"}},
	} {
		if got := parseLabels([]byte(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, bad := range []string{"", "{}", "[1,2]", `{"9999999999":"x"}`, `{"-1":"x"}`, `{"a":"b"}`} {
		path := filepath.Join(t.TempDir(), "labels.json")
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if l, err := ReadLabels(path); !fault.IsUser(err) {
			t.Errorf("%q became %q, %v", bad, l.Names, err)
		}
	}
}

func TestUltralyticsNames(t *testing.T) {
	got := parseNames(`{0: 'person', 1: "driver's seat", 2: 'a \'quoted\' name', 10: 'last'}`)
	want := []string{"person", "driver's seat", "a 'quoted' name", "", "", "", "", "", "", "", "last"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWhereLabelsAreFrom checks that names are taken only where there is one
// for each class, and from the surest place.
func TestWhereLabelsAreFrom(t *testing.T) {
	five := `["a","b","c","d","e"]`
	for name, c := range map[string]struct {
		files        map[string]string
		meta         map[string]string
		first, where string
	}{
		"nowhere":              {nil, nil, "class 0", ""},
		"a file beside it":     {map[string]string{"labels.json": five}, nil, "a", "labels.json in onnx"},
		"too few names":        {map[string]string{"labels.txt": "a\nb\nc\nd"}, nil, "class 0", ""},
		"too many names":       {map[string]string{"labels.txt": "a\nb\nc\nd\ne\nf"}, nil, "class 0", ""},
		"another kind of file": {map[string]string{"notes.txt": "a\nb\nc\nd\ne"}, nil, "class 0", ""},
		"config.json":          {map[string]string{"config.json": `{"id2label":{"0":"v","1":"w","2":"x","3":"y","4":"z"}}`, "labels.json": five}, nil, "v", "config.json"},
		"placeholders":         {map[string]string{"config.json": `{"id2label":{"0":"LABEL_0","1":"LABEL_1","2":"LABEL_2","3":"LABEL_3","4":"LABEL_4"}}`, "labels.json": five}, nil, "a", "labels.json in onnx"},
		"the model file":       {map[string]string{"labels.json": five}, map[string]string{"names": "{0: 'p', 1: 'q', 2: 'r', 3: 's', 4: 't'}"}, "p", "the model file"},
		"tomo.json":            {map[string]string{"tomo.json": `{"labels":"my.txt"}`, "my.txt": "m\nn\no\np\nq"}, map[string]string{"names": "{0: 'p'}"}, "m", "my.txt"},
	} {
		m := mustModel(t, classifier(5, c.meta), c.files)
		if m.Label(0) != c.first || m.Labels.Source != c.where {
			t.Errorf("%s: %q from %q, want %q from %q", name, m.Label(0), m.Labels.Source, c.first, c.where)
		}
	}
}

func TestClass(t *testing.T) {
	m := mustModel(t, classifier(5, nil), map[string]string{"labels.txt": "tabby, tabby cat\ngolden retriever\nzebra\nSamoyed\ntop hat"})
	for text, want := range map[string]int{"2": 2, "zebra": 2, "ZEBRA ": 2, "tabby": 0, "tabby cat": 0, "tabby, tabby cat": 0, "samoyed": 3} {
		if got, err := m.Class(text); err != nil || got != want {
			t.Errorf("Class(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"5": "has the classes 0 to 4", "-1": "there is no class -1", "zebar": "near it are zebra", "retriever": "golden retriever", "quux": "no class is called",
	} {
		if _, err := m.Class(text); !fault.IsUser(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("Class(%q): %v, want %q", text, err, want)
		}
	}
	if got := fmt.Sprint(m.FindClasses("r", 2)); got != "[{1 golden retriever} {2 zebra}]" {
		t.Errorf("FindClasses: %s", got)
	}
	bare := mustModel(t, classifier(5, nil), nil)
	if _, err := bare.Class("zebra"); !fault.IsUser(err) || !strings.Contains(err.Error(), "--labels") {
		t.Errorf("without labels: %v", err)
	}
}
