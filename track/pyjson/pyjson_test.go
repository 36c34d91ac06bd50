package pyjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// TestLeaves is about the order, the names and the kinds.
func TestLeaves(t *testing.T) {
	var got []string
	err := Leaves([]byte(` {"step": 3, "train": {"loss": NaN, "é\n": {"x": -Infinity}, "y": 1e400}, "ok": true,
		"note": "a\"b\ud83d\ude00\ud83d", "list": [1, [2, "]"]], "none": null, "empty": {}, "tail": -2.5e-3} `), func(name []byte, l Leaf) error {
		got = append(got, fmt.Sprintf("%s %d %v %s %s", name, l.Kind, l.Number, l.Text, l.Raw))
		return nil
	})
	want := []string{
		"step 2 3  3", "train/loss 2 NaN  NaN", "train/é\n/x 2 -Inf  -Infinity", "train/y 2 +Inf  1e400", "ok 1 1  true",
		"note 3 0 a\"b😀\uFFFD \"a\\\"b\\ud83d\\ude00\\ud83d\"", "list 4 0  [1, [2, \"]\"]]", "none 0 0  null", "tail 2 -0.0025  -2.5e-3",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%q\n%q", err, got, want)
	}
}

// TestWrong are documents that Python's json refuses as well.
func TestWrong(t *testing.T) {
	for _, document := range []string{
		"", "{", "[1]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1}x`, `{"a":nan}`, `{"a":--1}`, `{"a":"\x"}`, `{"a":"\u12"}`,
		`{"a":"`, `{a:1}`, `{"a":[1,]}`, `{"a":Infinityx}`, `{"a":"\ud83d\uZZZZ"}`,
		strings.Repeat(`{"a":`, 5_000_000),
		`{"a":` + strings.Repeat("[", 5_000_000),
	} {
		if err := Leaves([]byte(document), func([]byte, Leaf) error { return nil }); !errors.Is(err, ErrSyntax) {
			t.Errorf("%.40q: %v", document, err)
		}
	}
}

// FuzzValue compares with encoding/json where the document is one that it takes.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":[1,"x\u00e9\n",null,true]},"c":-1.5e3}`, `[[],{}]`, `"\ud800"`, "\"\xff\"", `NaN`, `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := Value(document)
		var want any
		if json.Unmarshal(document, &want) != nil {
			return
		}
		if err != nil {
			if strings.Contains(err.Error(), "within each other") {
				return
			}
			t.Fatalf("%q: %v", document, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %#v, want %#v", document, got, want)
		}
	})
}

func TestParse(t *testing.T) {
	l, err := Parse([]byte(" -Infinity "))
	if err != nil || l.Kind != Number || !math.IsInf(l.Number, -1) {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestQuoted leaves texts and what the standard has alone.
func TestQuoted(t *testing.T) {
	for document, want := range map[string]string{
		`[NaN, -Infinity,Infinity]`:           `["NaN", "-Infinity","Infinity"]`,
		`{"NaN": "a \" NaN", "b": [-1, NaN]}`: `{"NaN": "a \" NaN", "b": [-1, "NaN"]}`,
		`"\\"NaN`:                             `"\\""NaN"`,
		`[1, "NaN"]`:                          `[1, "NaN"]`,
		`N-I`:                                 `N-I`,
		``:                                    ``,
	} {
		if got := string(Quoted([]byte(document))); got != want {
			t.Errorf("%s becomes %s, want %s", document, got, want)
		}
	}
}

func BenchmarkLeaves(b *testing.B) {
	line := []byte(`{"step": 12345, "epoch": 1.25, "train": {"loss": 0.123456789, "accuracy": 0.98765}, "lr": 0.0003, "time": 1700000000.25}`)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		sum := 0.0
		if err := Leaves(line, func(_ []byte, l Leaf) error { sum += l.Number; return nil }); err != nil || sum == 0 {
			b.Fatal(err)
		}
	}
}
