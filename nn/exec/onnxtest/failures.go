package onnxtest

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

// RunPart runs every case of a part of the suite; list is as in CheckPart.
func RunPart(t *testing.T, part, list string, run Runner) {
	t.Helper()
	CheckPart(t, part, list, func(c Case) error { return c.Run(run) })
}

// CheckPart checks every case of a part of the suite. The file at list names the
// cases that are known to fail, each with its reason: it may only shrink, so
// the test fails both where a case fails that is not named and where one that
// is named passes.
func CheckPart(t *testing.T, part, list string, check func(Case) error) {
	t.Helper()
	known, err := readList(list, part)
	if err != nil {
		t.Fatal(err)
	}
	cases := Cases(t, part)
	failed := 0
	for _, c := range cases {
		err := check(c)
		if err != nil {
			failed++
		}
		switch listed := slices.Contains(known, c.Name); {
		case err != nil && !listed:
			t.Errorf("%s: %v", c.Name, err)
		case err == nil && listed:
			t.Errorf("%s passes: take it out of %s", c.Name, list)
		}
	}
	t.Logf("%s: %d of %d cases pass", part, len(cases)-failed, len(cases))
}

// readList reads the names of a part's cases: one a line, "part/name", below
// comments that give the reason.
func readList(file, part string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, ok := strings.CutPrefix(strings.TrimSpace(s.Text()), part+"/"); ok {
			names = append(names, name)
		}
	}
	return names, nil
}
