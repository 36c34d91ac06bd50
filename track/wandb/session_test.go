package wandb

import (
	"os"
	"testing"
)

func TestSession(t *testing.T) {
	for folder, want := range map[string]string{
		"run-20260101_000000-abc": "20260101_000000-abc", "offline-run-20260101_000000-a-b": "20260101_000000-a-b",
		"run-abc": "", "latest-run": "", "wandb": "", "old-run-20260101_000000-abc": "",
	} {
		if got := Session(folder); got != want {
			t.Errorf("%s: %q, want %q", folder, got, want)
		}
	}
	for _, name := range []string{"new", "old"} {
		log, err := os.ReadFile("testdata/" + name + ".wandb")
		if err != nil {
			t.Fatal(err)
		}
		if run := RunOf(log[:16<<10]); run == nil || run.ID != "fixed" || run.Project != "proj é" {
			t.Errorf("%s: %+v", name, run)
		}
		for n := range 40 {
			if run := RunOf(log[:n]); run != nil {
				t.Errorf("%s: %+v in %d bytes", name, run, n)
			}
		}
	}
}

// TestScreen compares with what a terminal shows.
func TestScreen(t *testing.T) {
	for printed, want := range map[string]string{
		"a\nb\n": "a\nb\n", "": "",
		"\r  0%\r 50%\r100%\ndone\n":                 "100%\ndone\n",
		"begin\n\rlong text\rab":                     "begin\nabng text",
		"abc\b\bX":                                   "aXc",
		"\x1b[31mred\x1b[0m\n":                       "red\n",
		"outer 0\ninner 0\r\x1b[Aouter 1\n\rinner 1": "outer 1\ninner 1",
		"rest of it\r\x1b[Kx":                        "x",
		"gone\x1b[2Kx":                               "x",
		"a\r\nb\r\n":                                 "a\nb\n",
		"é1\ré2":                                     "é2",
		"\x1b[":                                      "", "a\x1b": "a", "\x1b[99999999999999999999Ax": "x", "\xff\rb": "b", "\b\r\x1b[Ay": "y",
	} {
		if got := Screen(printed); got != want {
			t.Errorf("%q: %q, want %q", printed, got, want)
		}
	}
}
