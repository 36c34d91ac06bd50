package data

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTables reads numbers with and without names, between any of the delimiters.
func TestTables(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns []string
		values  []float32
	}{
		{"age,height\n1,2.5\n-3,4e1\n", []string{"age", "height"}, []float32{1, 2.5, -3, 40}},
		{"\ufeffa;b\r\n1;2\r\n3;4", []string{"a", "b"}, []float32{1, 2, 3, 4}},
		{"1\t2\n3\t4\n", nil, []float32{1, 2, 3, 4}},
		{"\"x, in m\", y\n 7, 8\n", []string{"x, in m", "y"}, []float32{7, 8}},
	} {
		got, err := ReadTable(strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if !slices.Equal(got.Columns, c.columns) || !slices.Equal(got.Values, c.values) || got.Width != 2 || got.Rows() != len(c.values)/2 {
			t.Errorf("%q gives %+v", c.text, got)
		}
	}
}

// TestNoTables says what is wrong, and where.
func TestNoTables(t *testing.T) {
	for text, says := range map[string]string{
		"":                    "no rows",
		"a,b\n":               "no rows",
		"a,b\n1,male\n":       `"male" in line 2, column "b"`,
		"1,2\n3,\n":           `"" in line 2, column 2`,
		"1,2\n3\n":            "no table",
		"a,b\n1,\"2\nand on ": "no table",
	} {
		if _, err := ReadTable(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q gives %v, which does not say %q", text, err, says)
		}
	}
}

// TestLongTable is refused before it is read; the file takes no room on the disk.
func TestLongTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.csv")
	if err := os.WriteFile(path, []byte("1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, maxFileBytes+1); err != nil {
		t.Skip(err)
	}
	if _, err := OpenTable(path); err == nil || !strings.Contains(err.Error(), "longer than the limit of 1024 MiB") {
		t.Errorf("it says %v", err)
	}
}
