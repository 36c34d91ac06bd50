package track

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// limit bounds the file to so many pages, as a full disk does.
func limit(t *testing.T, s *Store, pages int) {
	t.Helper()
	var now int
	if err := s.writes.QueryRow(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&now); err != nil {
		t.Fatal(err)
	}
}

// TestFull fills the disk, again and again: what is refused is told as such,
// nothing acknowledged is lost, and the store goes on when there is room.
func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	r := start(t, s, "one")
	n := 0
	for round := range 5 {
		var pages int
		if err := s.writes.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
			t.Fatal(err)
		}
		limit(t, s, pages+10)
		refused := 0
		for i := 0; refused < 3; i++ {
			if i > 1000 {
				t.Fatal("a disk of ten pages is never full")
			}
			text := Record{Kind: Text, Name: "log", Step: float64(n), Body: []byte(strings.Repeat("x", 20_000))}
			switch err := s.Log(t.Context(), r, &Batch{Metrics: []Metric{{"loss", ramp(n, 500)}}, Records: []Record{text}}); {
			case errors.Is(err, ErrFull):
				refused++
			case err != nil:
				t.Fatal(err)
			default:
				n += 500
			}
			checkRamp(t, s, curve(t, s, r, "loss"), n)
		}
		if err := s.Cut(t.Context(), r, 1e9); err != nil && !errors.Is(err, ErrFull) {
			t.Error(err)
		}
		if round == 2 { // a crash of a full disk's program is like one of any other
			if err := s.Close(); err != nil && !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			s = open(t, path)
		}
		limit(t, s, 1<<30)
		if err := s.Log(t.Context(), r, &Batch{Metrics: []Metric{{"loss", ramp(n, 500)}}}); err != nil {
			t.Fatalf("there is room again: %v", err)
		}
		n += 500
		checkRamp(t, s, curve(t, s, r, "loss"), n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	checkRamp(t, s, curve(t, s, r, "loss"), n)
	if heads, err := s.Records(t.Context(), r, Text, "log", 0, 0); err != nil || len(heads)*500 != n-5*500 {
		t.Errorf("%d records of %d points, %v", len(heads), n, err)
	}
}
