package server

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

// TestRecords lists and sends what a run holds beside its curves.
func TestRecords(t *testing.T) {
	b, store := newRunBench(t)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	batch := &track.Batch{Records: []track.Record{
		{Kind: track.Image, Name: "input", Step: 3, Body: picture.Bytes()},
		{Kind: track.Image, Name: "broken", Step: 3, Body: []byte("<svg onload=alert(1)>")},
		{Kind: track.Text, Name: "note", Step: 1, Body: []byte("<b>bold</b>")},
	}}
	batch.Records = append(batch.Records,
		track.Record{Kind: track.Graph, Name: "keras", Step: -1, Body: []byte(`{"class_name":"Sequential","config":{"name":"net","layers":[{"class_name":"Dense","config":{"name":"dense","units":10}}]}}`)},
		track.Record{Kind: track.Graph, Name: "torn", Step: -1, Body: []byte("\xff\xff")},
		track.Record{Kind: track.PRCurve, Name: "pr", Step: 2, Body: []byte(`{"truePositives":[3,1],"falsePositives":[1,0],"trueNegatives":[0,1],"falseNegatives":[0,2],"precision":[0.75,1],"recall":[1,0.25]}`)})
	for i := range 10 {
		body := fmt.Sprintf(`{"edges":[0,1],"counts":[%d]}`, i)
		batch.Records = append(batch.Records, track.Record{Kind: track.Histogram, Name: "w", Step: float64(i), Body: []byte(body)})
	}
	fill(t, store, "b", batch)

	for _, c := range []struct{ method, path, ask, want string }{
		{"POST", "/api/records/names", `{"runs":["a","b"]}`, `{"run":"b","kind":"histogram","name":"w","count":10,"first":0,"last":9}`},
		{"GET", "/api/records?run=b&kind=text&name=note", "", `"step":1,`},
		{"GET", "/api/records?run=b&kind=histogram&name=w&first=9", "", `[{"at":9,"step":9,`},
		{"GET", "/api/records/histograms?run=b&name=w&most=2", "", `[{"step":0,"body":{"edges":[0,1],"counts":[0]}},{"step":9,"body":{"edges":[0,1],"counts":[9]}}]`},
		{"GET", "/api/records/body?run=b&kind=graph&name=keras&at=0", "", `{"name":"dense","path":"net/dense","op":"Dense","detail":"units 10"}`},
		{"GET", "/api/records/body?run=b&kind=graph&name=torn&at=0", "", `"kind":"user"`},
		{"GET", "/api/records/body?run=b&kind=pr+curve&name=pr&at=0", "", `"recall":[1,0.25]`},
		{"GET", "/api/records/body?run=b&kind=image&name=broken&at=0", "", `"kind":"user"`},
		{"GET", "/api/records/body?run=b&kind=text&name=note&at=1", "", `"kind":"notfound"`},
		{"GET", "/api/records/body?run=b&kind=text&name=note&at=x", "", `"kind":"user"`},
		{"GET", "/api/records?run=absent&kind=text&name=note", "", `"kind":"notfound"`},
	} {
		if _, body, _ := b.do(c.method, c.path, c.ask); !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %s, want %s", c.path, c.ask, body, c.want)
		}
	}
	status, body, head := b.do("GET", "/api/records/body?run=b&kind=text&name=note&at=0", "")
	if body != "<b>bold</b>" || !strings.HasPrefix(head.Get("Content-Type"), "text/plain") {
		t.Errorf("a text: %d %s %s", status, head.Get("Content-Type"), body)
	}
	_, body, head = b.do("GET", "/api/records/body?run=b&kind=image&name=input&at=0&side=20", "")
	if img, err := png.Decode(strings.NewReader(body)); err != nil || img.Bounds().Dx() != 20 || head.Get("Content-Type") != "image/png" {
		t.Errorf("a picture: %v, %v", err, head)
	}
	if status, _, _ := b.do("GET", "/api/records/body?run=b&kind=image&name=input&at=0&side=20", "", "If-None-Match", head.Get("ETag")); status != http.StatusNotModified {
		t.Errorf("a picture that is known: %d", status)
	}
}
