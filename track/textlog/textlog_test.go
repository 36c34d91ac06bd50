package textlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

// growing is a file that is there only so far.
type growing struct {
	data []byte
	size int
}

func (g *growing) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(g.data[:g.size]).ReadAt(p, at)
}

// said writes down all that a reader says, until there is no more.
func said(r *Reader) (out []string) {
	for {
		row, err := r.Next()
		var wrong *LineError
		switch {
		case errors.As(err, &wrong):
			out = append(out, "! "+err.Error())
			continue
		case err != nil:
			if err != io.EOF {
				out = append(out, "!! "+err.Error())
			}
			return out
		}
		text := fmt.Sprintf("%d @%v", row.Line, row.Step)
		if row.Time != 0 {
			text += fmt.Sprintf(" t%d", row.Time)
		}
		for _, n := range row.Numbers {
			text += fmt.Sprintf(" %s=%v", r.Names()[n.Name], n.Value)
		}
		for _, x := range row.Texts {
			text += fmt.Sprintf(" %s=%q", r.Names()[x.Name], x.Text)
		}
		out = append(out, text)
	}
}

var tables = map[string]struct {
	file string
	want []string
}{
	"Keras": {"epoch,accuracy,loss,val_loss\r\n0,0.5,1.25,nan\r\n1,0.75,inf,-inf\r\n2,NA,\"[0.5, 0.25]\",tensor(0.125)\r\n", []string{
		"2 @0 accuracy=0.5 loss=1.25 val_loss=NaN", "3 @1 accuracy=0.75 loss=+Inf val_loss=-Inf", `4 @2 val_loss=0.125 loss="[0.5, 0.25]"`}},
	"Lightning": {"epoch,step,train_loss,val_loss\n0,49,0.5,\n0,99,,0.25\n1,149,0.125,\n", []string{
		"2 @49 epoch=0 train_loss=0.5", "3 @99 epoch=0 val_loss=0.25", "4 @149 epoch=1 train_loss=0.125"}},
	"ultralytics": {"                  epoch,         train/box_loss,   metrics/mAP50(B)\n                      1,                 1.5,  0.25\n                      2,                 1.25, 0.5\n", []string{
		"2 @1 train/box_loss=1.5 metrics/mAP50(B)=0.25", "3 @2 train/box_loss=1.25 metrics/mAP50(B)=0.5"}},
	"decimal commas": {"\xef\xbb\xbfEpoch;Loss;Zeit\n1;0,5;1.000,5\n2;-,25;1e-2\n3;1,5E-3;x\n", []string{
		"2 @1 Loss=0.5 Zeit=1000.5", "3 @2 Loss=-0.25 Zeit=0.01", `4 @3 Loss=0.0015 Zeit="x"`}},
	"TSV with times": {"timestamp\titeration\tloss\n1700000000.5\t10\t1\n2023-11-14T22:13:21Z\t20\t2\n1700000002000\t30\t3\n12\t40\t4\n", []string{
		"2 @10 t1700000000500000 loss=1", "3 @20 t1700000001000000 loss=2", "4 @30 t1700000002000000 loss=3", "5 @40 timestamp=12 loss=4"}},
	"dates": {"date;epoch;loss\n2024-01-01;1;1\n02.01.2024;2;2\n2024/01/03 00:00:01;3;3\n01/02/2024;4;4\n", []string{
		"2 @1 t1704067200000000 loss=1", "3 @2 t1704153600000000 loss=2", "4 @3 t1704240001000000 loss=3", `5 @4 loss=4 date="01/02/2024"`}},
	"TSV with decimal commas": {"epoch\tloss\n1\t0,5\n2\t1,25\nepoch\tloss\n1\t0,75\n", []string{"2 @1 loss=0.5", "3 @2 loss=1.25", "5 @1 loss=0.75"}},
	"TSV with thousands":      {"epoch\tloss\ttokens\n1\t0.5\t1,250\n", []string{"2 @1 loss=0.5 tokens=1250"}},
	"thousands":               {"step,loss,tokens\n\"1,000\",0.5,\"1,234,567.5\"\n\"2,000\",0.25,\"0,250\"\n", []string{"2 @1000 loss=0.5 tokens=1.2345675e+06", `3 @2000 loss=0.25 tokens="0,250"`}},
	"units": {"epoch,loss,acc,time,mem,model\n1/10,0.5,95.5%,12.5s,2 GB,7B\n2/10,0.25,96 %,500ms,512 MiB,7B\n", []string{
		`2 @1 loss=0.5 acc=95.5 time=12.5 mem=2e+09 model="7B"`, "3 @2 loss=0.25 acc=96 time=0.5 mem=5.36870912e+08"}},
	"Latin-1":     {"epoch,gr\xf6\xdfe\n1,2\n", []string{"2 @1 größe=2"}},
	"row numbers": {",epoch,loss\n0,5,1\n1,6,2\n", []string{"2 @5 loss=1", "3 @6 loss=2"}},
	"pandas":      {",loss\n0,0.5\n1,0.25\n", []string{"2 @0 loss=0.5", "3 @1 loss=0.25"}},
	"no steps":    {"loss|loss|\n1|2|\n3|4|\n", []string{"2 @0 loss=1 loss (2)=2", "3 @1 loss=3 loss (2)=4"}},
	"no names":    {"1 2.5   3\n4 5.5 6\n", []string{"1 @0 column 1=1 column 2=2.5 column 3=3", "2 @1 column 1=4 column 2=5.5 column 3=6"}},
	"NumPy":       {"# epoch loss\n0.0e+00 1.5e+00\n1.0e+00 1.25e+00\n", []string{"2 @0 loss=1.5", "3 @1 loss=1.25"}},
	"Monitor":     {"#{\"t_start\": 1700000000.25, \"env_id\": \"CartPole\"}\nr,l,t\n9.0,9,0.5\n8,8,1\n", []string{"3 @0 t1700000000750000 r=9 l=9 t=0.5", "4 @1 t1700000001250000 r=8 l=8 t=1"}},
	"wrong lines": {"step,a,b\n1,2,3\n2,3\n3,4,5,6\n4,5,6,,\n5,\"x\"\"y,\nz\",7\n6,a\xffb,1\n7,\"never,1\n8,1,2\n9,\"again,3\n", []string{
		"2 @1 a=2 b=3", "! line 3: has 2 cells, and the table 3 columns", "! line 4: has 4 cells, and the table 3 columns",
		"5 @4 a=5 b=6", "7 @5 b=7 a=\"x\\\"y,\\nz\"", "8 @6 b=1 a=\"aÿb\""}},
	"started anew": {"step,loss\n1,1\n2,2\nstep,loss\n1,3\nstep,acc,loss\n2,4,5\n", []string{
		"2 @1 loss=1", "3 @2 loss=2", "5 @1 loss=3", "7 @2 acc=4 loss=5"}},
	"counts within epochs": {"epoch,iter,loss\n1,10,1\n1,20,2\n2,10,3\n2,20,4\n3,10,5\n1,10,6\n", []string{
		"2 @10 epoch=1 loss=1", "3 @20 epoch=1 loss=2", "4 @30 epoch=2 loss=3", "5 @40 epoch=2 loss=4", "6 @50 epoch=3 loss=5", "7 @10 epoch=1 loss=6"}},
	"counts from zero within epochs": {"epoch,batch,loss\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n", []string{"2 @0 epoch=0 loss=1", "3 @1 epoch=0 loss=2", "4 @2 epoch=1 loss=3", "5 @3 epoch=1 loss=4"}},
	"splits":                         {"step,split,loss\n1,train,1\n1,val,2\n2,train,3\n", []string{"2 @1 train/loss=1", "3 @1 val/loss=2", "4 @2 train/loss=3"}},
	"long":                           {"step,metric,value\n1,loss,1\n1,acc,2\n2,loss,3\n", []string{"2 @1 loss=1", "3 @1 acc=2", "4 @2 loss=3"}},
	"fastai": {"epoch,train_loss,valid_loss,accuracy,time\n0,0.5,0.25,0.75,00:03\n1,0.25,#na#,0.5,01:00\n", []string{
		`2 @0 train_loss=0.5 valid_loss=0.25 accuracy=0.75 time=3`, `3 @1 train_loss=0.25 accuracy=0.5 time=60`}},
	"texts": {"step,loss,note,ok\n1,1,a,True\n2,2,a,false\n3,3,b,null\n", []string{`2 @1 loss=1 ok=1 note="a"`, "3 @2 loss=2 ok=0", `4 @3 loss=3 note="b"`}},
}

func TestTables(t *testing.T) {
	for name, c := range tables {
		got := said(NewTable(strings.NewReader(c.file), State{}))
		if name == "wrong lines" { // a quote that does not end: said once the end is known
			got = said(ended(NewTable(strings.NewReader(c.file), State{})))
			c.want = append(c.want, "! line 9: has a quote that does not end", "10 @8 a=1 b=2", "! line 11: has a quote that does not end")
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%q\n%q", name, got, c.want)
		}
	}
}

func ended(r *Reader) *Reader {
	r.SetEnded()
	return r
}

const objectLines = `{"config": {"lr": 0.1, "layers": [1, 2]}, "name": "a"}
{"epoch": 1, "loss": 3}

{"step": 10, "epoch": 1.5, "train": {"loss": NaN, "deep": {"x": -Infinity}}, "ok": true, "none": null}
no object
{"loss": "0.5", "step": 20, "timestamp": 1700000000.25, "note": "hi"}
{"val_loss": 2.5}
{"step": 30, "note": "hi", "loss": 1e-3}
`

func TestObjects(t *testing.T) {
	want := []string{
		`1 @0 config/lr=0.1 name="a"`, "2 @1 loss=3", "4 @10 epoch=1.5 train/loss=NaN train/deep/x=-Inf ok=1", "! line 5: no JSON: 'n' instead of '{' at byte 0",
		`6 @20 t1700000000250000 loss=0.5 note="hi"`, "7 @20 val_loss=2.5", "8 @30 loss=0.001",
	}
	if got := said(NewObjects(strings.NewReader(objectLines), State{})); !reflect.DeepEqual(got, want) {
		t.Errorf("\n%q\n%q", got, want)
	}
}

// TestMMLogs are MMEngine's and mmcv's, whose validation counts by itself.
func TestMMLogs(t *testing.T) {
	got := said(NewObjects(strings.NewReader(`{"mode": "train", "epoch": 1, "iter": 100, "loss": 1, "time": 0.25}
{"mode": "val", "epoch": 1, "iter": 7, "bbox_mAP": 0.5}
{"mode": "train", "epoch": 2, "iter": 50, "loss": 2}
`), State{}))
	want := []string{"1 @100 train/epoch=1 train/loss=1 train/time=0.25", "2 @100 val/epoch=1 val/bbox_mAP=0.5", "3 @150 train/epoch=2 train/loss=2"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n%q\n%q", got, want)
	}
}

// TestGrowing cuts files at every byte: rows come as lines are finished, from
// the same reader and from one that goes on from a state.
func TestGrowing(t *testing.T) {
	type opener func(io.ReaderAt, State) *Reader
	files := map[string]opener{objectLines: NewObjects}
	for _, c := range tables {
		files[c.file] = NewTable
	}
	for file, open := range files {
		want := said(open(strings.NewReader(file), State{}))
		for cut := range len(file) {
			src := &growing{[]byte(file), cut}
			r := open(src, State{})
			got := said(r)
			raw, err := json.Marshal(r.State())
			var state State
			if err != nil || json.Unmarshal(raw, &state) != nil {
				t.Fatalf("the state %s: %v", raw, err)
			}
			src.size = len(file)
			later := said(open(src, state))
			same := said(r)
			if all := append(got[:len(got):len(got)], same...); !reflect.DeepEqual(all, want) {
				t.Fatalf("%.20q cut at %d:\n%q\n%q", file, cut, all, want)
			}
			if !reflect.DeepEqual(later, same) {
				t.Fatalf("%.20q cut at %d: from the state\n%q\n%q", file, cut, later, same)
			}
		}
	}
}

// TestElapsed counts from the start, where that is known.
func TestElapsed(t *testing.T) {
	file := "step,elapsed,loss\n1,0.5,1\n2,1.5,2\n"
	got := said(NewTable(strings.NewReader(file), State{Started: 1e15}))
	want := []string{"2 @1 t1000000000500000 elapsed=0.5 loss=1", "3 @2 t1000000001500000 elapsed=1.5 loss=2"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// TestUnended takes a last line without an end when it is known to be whole.
func TestUnended(t *testing.T) {
	if got := said(NewTable(strings.NewReader("step,loss\n1,1\n2,2"), State{})); len(got) != 1 {
		t.Errorf("%q", got)
	}
	src := &growing{[]byte("step,loss\n1,1\n2,2\n3,3\n"), len("step,loss\n1,1\n2,2")}
	r := ended(NewTable(src, State{}))
	got := said(r)
	src.size = len(src.data)
	if got = append(got, said(r)...); len(got) != 3 || got[2] != "4 @3 loss=3" {
		t.Errorf("%q", got)
	}
	src.size = len("step,loss\n1,1\n2,")
	r = ended(NewTable(src, State{}))
	said(r)
	for _, src.size = range []int{src.size + 1, len(src.data)} {
		if got := said(ended(NewTable(src, r.State()))); !reflect.DeepEqual(got, []string{"!! " + ErrWentOn.Error()}) {
			t.Errorf("a line that went on: %q", got)
		}
	}
	if got := said(NewObjects(strings.NewReader(`{"step": 1, "loss": 2}`), State{})); !reflect.DeepEqual(got, []string{"1 @1 loss=2"}) {
		t.Errorf("%q", got)
	}
}

// zeros is a file of one endless line behind some others.
type endless struct{ head string }

func (e endless) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	if at < int64(len(e.head)) {
		n = copy(p, e.head[at:])
	}
	for i := n; i < len(p); i++ {
		p[i] = '1'
	}
	if at > 3*MaxLine {
		return copy(p, "\n9,9\n"), io.EOF
	}
	return len(p), nil
}

// TestLongLines passes over a line that is too long and goes on behind it.
func TestLongLines(t *testing.T) {
	r := NewTable(io.NewSectionReader(endless{"step,loss\n1,1\n"}, 0, 3*MaxLine+least+2), State{})
	long := said(r)
	if len(long) < 1 || long[0] != "2 @1 loss=1" {
		t.Errorf("%.100q", long)
	}
	if cap(r.lines.buf) > 3*MaxLine {
		t.Errorf("%d bytes of memory", cap(r.lines.buf))
	}
	file := "step,loss\n1,1\n" + strings.Repeat("2", 2*MaxLine) + "\n3,3\n"
	got := said(NewTable(strings.NewReader(file), State{}))
	want := []string{"2 @1 loss=1", fmt.Sprintf("! line 3: has more than %d bytes", MaxLine), "4 @3 loss=3"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%.200q", got)
	}
}

// TestQuotes is about files that cost as much at each line as many lines.
func TestQuotes(t *testing.T) {
	file := "step,loss,note\n" + strings.Repeat("1,2,\"x\n", 200_000)
	got := said(ended(NewTable(strings.NewReader(file), State{})))
	if len(got) < 100_000 {
		t.Errorf("%d lines, the first %q", len(got), got[:min(3, len(got))])
	}
}

func TestSniff(t *testing.T) {
	for name, c := range tables {
		if is := name != "no names"; IsTable([]byte(c.file)) != is {
			t.Errorf("%s: %v", name, !is)
		}
	}
	for _, file := range []string{"", "\n", "date,price\n2020-01-01,1\n", "date,stop loss\n2020-01-01,1\n", "image,label\na.png,3\n", "sepal,petal\n1,2\n", "a\x00b", "{\"a\": 1}\n", "epoch\n1\n", "the step, and what follows it\n", "step 0\nstep 1\nstep 2\n", "Epoch 1 loss 0.5\nEpoch 2 loss 0.25\n"} {
		if IsTable([]byte(file)) {
			t.Errorf("%q is taken for a log", file)
		}
	}
	for _, file := range []string{"sepal,petal\n1,2\n", "date,price\n2020-01-01,1\n"} {
		if !IsAnyTable([]byte(file)) {
			t.Errorf("%q is no table", file)
		}
	}
	for _, file := range []string{"", "1,2\n3,4\n", "image,label\na.png,b\n", "some words, and more\n"} {
		if IsAnyTable([]byte(file)) {
			t.Errorf("%q is taken for a table", file)
		}
	}
	if names := strings.Repeat("gradients/layer.weight/norm,", 1000); !IsTable([]byte(names)) || IsTable([]byte("1,2,"+names)) {
		t.Error("a table with many columns")
	}
	for file, want := range map[string]bool{
		objectLines: true, `{"epochs": 100, "lr": 0.1}` + "\n": false, `{"step": 1, "loss": 2}` + "\n" + `{"step": 2, `: false, `{"epoch": "1", "train_loss": "8.1"}` + "\n{}\n": true, `{"prompt": "a", "answer": "b"}` + "\n": false,
		"{\n  \"step\": 1\n}\n": false, `{"id": 1, "score": 2}` + "\n": false, "": false, "[]\n": false,
	} {
		if IsObjects([]byte(file)) != want {
			t.Errorf("%q: %v", file, !want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for cell, want := range map[string]float64{"1": 1, "-2.5e3": -2500, "+.5": 0.5, "1e999": math.Inf(1), "-Infinity": math.Inf(-1), "NaN": math.NaN(), "-nan(ind)": math.NaN(), "1.#QNAN": math.NaN(), "-1.#INF": math.Inf(-1), "-12,345": -12345, "[0.5]": 0.5, "tensor(0.5, device='cuda:0')": 0.5, "True": 1, "00:05": 5, "1:02:03.5": 3723.5} {
		if v, ok := number([]byte(cell), false); !ok || v != want && !(math.IsNaN(v) && math.IsNaN(want)) {
			t.Errorf("%s: %v, %v", cell, v, ok)
		}
	}
	for _, cell := range []string{"", "x", "1x", "1,5", "1,2345", "12,34,567", "1,234.5.6", ",123", "[1, 2]", "tensor([1])", "1.2.3", "2020-01-01", "1:60", "1.5:00", ":1", "1:2:3:4", "a:1"} {
		if v, ok := number([]byte(cell), false); ok {
			t.Errorf("%q: %v", cell, v)
		}
	}
}

// TestThousands are marks between thousands, which are no decimal commas.
func TestThousands(t *testing.T) {
	got := said(NewTable(strings.NewReader("step\tloss\tlr\n1,000\t2\t1e-3\n3,000\t1\t1e-3\n"), State{}))
	want := []string{"2 @1000 loss=2 lr=0.001", "3 @3000 loss=1 lr=0.001"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// TestTextsOfObjects are no numbers unless they plainly are.
func TestTextsOfObjects(t *testing.T) {
	got := said(NewObjects(strings.NewReader(`{"step":0,"loss":"1.5","size":"640,480","data":"10k"}`+"\n"), State{}))
	want := []string{`1 @0 loss=1.5 size="640,480" data="10k"`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}
