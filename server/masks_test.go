package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// sees tells what pictures, masks and arrays a technique is given.
func sees(ctx context.Context, in *viz.Input, _ struct{}) (figure.Figure, error) {
	t := &figure.Table{Columns: []figure.Column{{Name: "what"}}}
	add := func(format string, args ...any) {
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{figure.Text(fmt.Sprintf(format, args...))}})
	}
	for i, img := range in.Images {
		if img.Array != nil {
			add("%s %v", img.Name, img.Array.Shape())
			continue
		}
		picture, err := img.Picture(ctx)
		if err != nil {
			in.Skip(i, err)
			continue
		}
		shade := -1
		if img.Mask != nil {
			mask, err := img.Mask(ctx)
			if err != nil {
				return nil, err
			}
			shade = int(mask.Pix[len(mask.Pix)-1])
		}
		add("%s %d mask %d", img.Name, picture.Pix[len(picture.Pix)-1], shade)
	}
	return t, nil
}

func (b *bench) seen(body string) (rows []string, warnings []string) {
	b.t.Helper()
	s := b.ask(body)
	if s.State != "done" {
		b.t.Fatalf("%+v", s)
	}
	var fig figure.Table
	b.read("/api/figures/"+s.Key, &fig)
	for _, row := range fig.Rows {
		rows = append(rows, row.Cells[0].Text)
	}
	return rows, fig.Warnings
}

// TestMasksAndArrays: a mask beside a picture is used and is no picture; one that
// is sent for it goes before; arrays are given to techniques that take them
// alone, and what cannot be read is left out and told of.
func TestMasksAndArrays(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.png", picture(t, 10))
	write(t, dir, "a_mask.png", picture(t, 200))
	write(t, dir, "b.png", picture(t, 20))
	write(t, dir, "c.png", []byte("\x89PNG\r\n\x1a\n"))
	b := newBench(t, func(o *Options) { o.Paths = []string{dir} })
	for _, takes := range []bool{true, false} {
		b.methods = append(b.methods, viz.Define(viz.Spec[struct{}]{
			Name: fmt.Sprint("takes-", takes), Masks: true, Arrays: takes, Needs: viz.NeedsImage, Run: sees}))
	}
	w := b.workspaceNow()
	if len(w.Images) != 3 || w.Images[0].Name != "a.png" {
		t.Fatalf("the workspace has %+v", w.Images)
	}
	ids := fmt.Sprintf("%q,%q,%q", w.Images[0].ID, w.Images[1].ID, w.Images[2].ID)
	rows, warnings := b.seen(`{"method":"takes-true","images":[` + ids + `]}`)
	if want := []string{"a.png 10 mask 200", "b.png 20 mask -1"}; !slices.Equal(rows, want) {
		t.Errorf("it sees %q, want %q", rows, want)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "1 of 3 pictures") {
		t.Errorf("the figure warns of %q", warnings)
	}

	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, _ := parts.CreateFormFile("mask", "mine.png")
	_, _ = part.Write(picture(t, 150))
	parts.Close()
	code, text, _ := b.do("POST", "/api/images", form.String(), "Content-Type", parts.FormDataContentType())
	var mask imageFile
	if err := json.Unmarshal([]byte(text), &mask); err != nil || code != 200 {
		t.Fatalf("%d %s", code, text)
	}
	if again := b.workspaceNow(); len(again.Images) != 3 {
		t.Errorf("a mask is listed as a picture: %+v", again.Images)
	}
	rows, _ = b.seen(fmt.Sprintf(`{"method":"takes-true","images":[%q],"masks":{%q:%q}}`, w.Images[0].ID, w.Images[0].ID, mask.ID))
	if want := []string{"a.png 10 mask 150"}; !slices.Equal(rows, want) {
		t.Errorf("with a mask of its own it sees %q, want %q", rows, want)
	}

	var npy bytes.Buffer
	if err := tensor.Of([]float32{1, 2, 3, 4, 5, 6}, 1, 2, 3).WriteNPY(&npy); err != nil {
		t.Fatal(err)
	}
	code, text = b.drop("signal.npy", npy.Bytes())
	var array imageFile
	if err := json.Unmarshal([]byte(text), &array); err != nil || code != 200 || !array.Array {
		t.Fatalf("%d %s", code, text)
	}
	rows, _ = b.seen(fmt.Sprintf(`{"method":"takes-true","images":[%q]}`, array.ID))
	if want := []string{"signal.npy [1 2 3]"}; !slices.Equal(rows, want) {
		t.Errorf("it sees %q, want %q", rows, want)
	}
	if code, text, _ := b.do("POST", "/api/jobs", fmt.Sprintf(`{"method":"takes-false","images":[%q]}`, array.ID)); code != 400 || !strings.Contains(text, "is an array") {
		t.Errorf("an array where none is taken: %d %s", code, text)
	}
	if code, _, h := b.do("GET", "/api/images/"+array.ID, ""); code != 200 || h.Get("Content-Type") != "image/png" {
		t.Errorf("an array's picture: %d %v", code, h)
	}
	code, text = b.drop("rows.csv", []byte("age,bmi\n1,2\n3,4\n5,6\n"))
	var table imageFile
	if err := json.Unmarshal([]byte(text), &table); err != nil || code != 200 || !table.Array {
		t.Fatalf("%d %s", code, text)
	}
	rows, _ = b.seen(fmt.Sprintf(`{"method":"takes-true","images":[%q]}`, table.ID))
	if want := []string{"rows.csv [3 2]"}; !slices.Equal(rows, want) {
		t.Errorf("of a table it sees %q, want %q", rows, want)
	}
	if code, text := b.drop("words.csv", []byte("a,b\n1,two\n")); code != 400 || !strings.Contains(text, "no number") {
		t.Errorf("a table of words: %d %s", code, text)
	}
	if code, text := b.drop("cut.npy", npy.Bytes()[:40]); code != 400 {
		t.Errorf("an array that is cut off: %d %s", code, text)
	}
}
