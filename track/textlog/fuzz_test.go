package textlog

import (
	"bytes"
	"io"
	"math"
	"testing"
)

// FuzzReaders reads anything to its end, in pieces and at once, with rows at
// finite steps only.
func FuzzReaders(f *testing.F) {
	for _, c := range tables {
		f.Add([]byte(c.file), uint16(20))
	}
	f.Add([]byte(objectLines), uint16(100))
	f.Add([]byte("#\n0\n00"), uint16(65))
	f.Fuzz(func(t *testing.T, file []byte, cut uint16) {
		IsTable(file)
		IsObjects(file)
		for _, open := range []func(io.ReaderAt, State) *Reader{NewTable, NewObjects} {
			src := &growing{file, min(int(cut), len(file))}
			r := open(src, State{})
			read(t, r)
			src.size = len(file)
			read(t, r)
			r.SetEnded()
			read(t, r)
			if at := r.State().Offset; at > int64(len(file)) {
				t.Errorf("read to byte %d of %d", at, len(file))
			}
			read(t, open(bytes.NewReader(file), r.State()))
		}
	})
}

func read(t *testing.T, r *Reader) {
	lines := 0
	for {
		row, err := r.Next()
		if err == io.EOF {
			return
		}
		if lines++; lines > 100_000 {
			t.Fatal("there is no end")
		}
		if row == nil {
			if _, ok := err.(*LineError); !ok {
				return
			}
			continue
		}
		if math.IsNaN(row.Step) || math.IsInf(row.Step, 0) {
			t.Fatalf("a row at step %v", row.Step)
		}
		for _, n := range row.Numbers {
			_ = r.Names()[n.Name]
		}
		for _, x := range row.Texts {
			_ = r.Names()[x.Name]
		}
	}
}

func benchmark(b *testing.B, file []byte, open func(io.ReaderAt, State) *Reader, want int) {
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r := open(bytes.NewReader(file), State{})
		n := 0
		for {
			row, err := r.Next()
			if err != nil {
				break
			}
			n += len(row.Numbers)
		}
		if n != want {
			b.Fatal(n)
		}
	}
}

func BenchmarkTable(b *testing.B) {
	file := []byte("epoch,step,loss,accuracy,lr,grad_norm,val_loss,time\n")
	for range 50_000 {
		file = append(file, "12,34567,0.123456789012345,0.9876543,3.0e-05,1.2345678901234567,,123.456\n"...)
	}
	benchmark(b, file, NewTable, 6*50_000)
}

func BenchmarkObjects(b *testing.B) {
	var file []byte
	for range 50_000 {
		file = append(file, `{"step": 34567, "epoch": 1.25, "train": {"loss": 0.123456789012345, "accuracy": 0.98765}, "lr": 3e-05, "timestamp": 1700000000.25}`+"\n"...)
	}
	benchmark(b, file, NewObjects, 4*50_000)
}
