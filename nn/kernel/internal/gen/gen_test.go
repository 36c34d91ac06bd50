package main

import (
	"os"
	"testing"
)

// TestFilesAreCurrent fails if the generator and what it wrote have grown apart.
func TestFilesAreCurrent(t *testing.T) {
	for name, want := range files() {
		got, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		if string(got) != want {
			t.Errorf("%s is not what the generator writes: run go generate in nn/kernel", name)
		}
	}
}
