package hparams

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	got, err := Parse([]byte(`
lr: 1.0e-05
layers: [1, 2.5, a]
name: 'yes'
flag: true
none: null
limit: .inf
when: 2020-01-01
big: 123456789012345678901234567890
optimizer:
  betas: !!python/tuple
  - 0.9
  - 0.999
  inner: {x: 1}
args: !!python/object:argparse.Namespace
  epochs: 3
list:
- a: {b: 1}
device: !!python/object/apply:os.system
- "touch /tmp/x"
base: &b {q: 1}
again: *b
`))
	want := map[string]any{
		"lr": 1e-5, "layers": []any{int64(1), 2.5, "a"}, "name": "yes", "flag": true, "none": nil, "limit": ".inf", "when": "2020-01-01",
		"big": 123456789012345678901234567890.0, "optimizer/betas": []any{0.9, 0.999}, "optimizer/inner/x": int64(1), "args/epochs": int64(3),
		"list": []any{map[string]any{"a/b": int64(1)}}, "device": []any{"touch /tmp/x"}, "base/q": int64(1),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%#v\n%#v", err, got, want)
	}
}

func TestWrong(t *testing.T) {
	for _, document := range []string{"- 1", "a: [", "x", strings.Repeat("a: {", 5000), "a: " + strings.Repeat("[", 100_000)} {
		if got, err := Parse([]byte(document)); err == nil {
			t.Errorf("%.20q: %v", document, got)
		}
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ",") + "]\n"
	}
	if got, err := Parse([]byte(bomb)); err != nil || len(got) != 10 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Parse(nil); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
