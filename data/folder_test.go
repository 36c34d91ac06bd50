package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree writes files below a new folder, a picture where the content is
// "picture", and returns the folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, noiseImage(3, 2)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if content == "picture" {
			content = picture.String()
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func pictures(names ...string) map[string]string {
	files := map[string]string{}
	for _, name := range names {
		files[name] = "picture"
	}
	return files
}

// contents returns "name=label" for each picture.
func contents(f *Folder) []string {
	var out []string
	for _, file := range f.files {
		out = append(out, fmt.Sprintf("%s=%d", file.name, file.label))
	}
	return out
}

func openFolder(t *testing.T, o FolderOptions, paths ...string) *Folder {
	t.Helper()
	f, err := OpenFolder(context.Background(), paths, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantContents(t *testing.T, f *Folder, classes []string, want ...string) {
	t.Helper()
	if got := contents(f); !slices.Equal(got, want) {
		t.Errorf("has %q, want %q", got, want)
	}
	if !slices.Equal(f.Classes(), classes) {
		t.Errorf("classes are %q, want %q", f.Classes(), classes)
	}
}

func TestFolderTakesPicturesInNaturalOrder(t *testing.T) {
	dir := tree(t, pictures("10.png", "9.png", "a/2.dat", "a/10.dat", "a-b.png", ".hidden.png", ".git/x.png", "__MACOSX/y.png"))
	for name, content := range map[string]string{"notes.txt": "text", "empty.png": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantContents(t, openFolder(t, FolderOptions{}, dir), nil,
		"9.png=-1", "10.png=-1", "a/2.dat=-1", "a/10.dat=-1", "a-b.png=-1", "empty.png=-1")
	wantContents(t, openFolder(t, FolderOptions{ByExtension: true}, dir), nil,
		"9.png=-1", "10.png=-1", "a-b.png=-1", "empty.png=-1")
	wantContents(t, openFolder(t, FolderOptions{Match: "*0.*"}, dir), nil, "10.png=-1", "a/10.dat=-1")
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"a/z", "a.png", "a01", "a1", "a2", "a10", "a10b", "b", "x99999999999999999999999", "x100000000000000000000000", "ä"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturally)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClassesFromFolders(t *testing.T) {
	dir := tree(t, pictures("10/a.png", "9/b.png", "9/deep/er/c.png"))
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	// Classes are sorted by bytes, as torchvision and Keras do, files naturally.
	wantContents(t, openFolder(t, FolderOptions{}, dir), []string{"10", "9", "empty"}, "9/b.png=1", "9/deep/er/c.png=1", "10/a.png=0")
	wantContents(t, openFolder(t, FolderOptions{Classes: NoClasses}, dir), nil, "9/b.png=-1", "9/deep/er/c.png=-1", "10/a.png=-1")
	wantContents(t, openFolder(t, FolderOptions{}, filepath.Join(dir, "9"), filepath.Join(dir, "10")), []string{"10", "9"},
		"9/b.png=1", "9/deep/er/c.png=1", "10/a.png=0")
	wantContents(t, openFolder(t, FolderOptions{}, filepath.Join(dir, "*", "*.png")), []string{"10", "9"}, "9/b.png=1", "10/a.png=0")
	wantContents(t, openFolder(t, FolderOptions{}, filepath.Join(dir, "9")), nil, "b.png=-1", "deep/er/c.png=-1")
	wantContents(t, openFolder(t, FolderOptions{Classes: ClassesFromFolders}, filepath.Join(dir, "9")), []string{"deep"}, "b.png=-1", "deep/er/c.png=0")
}

func TestFolderLinks(t *testing.T) {
	dir := tree(t, pictures("a/1.png", "b/2.png"))
	elsewhere := tree(t, pictures("3.png"))
	for name, target := range map[string]string{
		"a/loop": dir, "b/self": ".", "c": elsewhere, "d": filepath.Join(dir, "b"), "b/2-again.png": "2.png", "b/gone.png": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	f := openFolder(t, FolderOptions{Classes: NoClasses}, dir, dir)
	wantContents(t, f, nil, "a/1.png=-1", "b/2-again.png=-1", "b/2.png=-1", "b/gone.png=-1", "c/3.png=-1")
}

func TestLabelsFile(t *testing.T) {
	dir := tree(t, pictures("x/1.png", "x/2.png", "y/1.png", "y/7.jpeg"))
	for name, tc := range map[string]struct {
		text    string
		classes []string
		labels  []int // of x/1, x/2, y/1, y/7
		problem string
	}{
		"names":               {"x/1.png,dog\nx/2.png,cat\ny/1.png,dog\ny/7.jpeg,ant\n", []string{"ant", "cat", "dog"}, []int{2, 1, 2, 0}, ""},
		"numbers stay":        {"x/1.png,7\nx/2.png,0\n", nil, []int{7, 0, -1, -1}, ""},
		"header":              {"filename,label\n2.png,1\n7.jpeg,0\n", nil, []int{-1, 1, -1, 0}, ""},
		"columns by header":   {"\xef\xbb\xbf,width,Class,Image\n0,5,b,2\n1,5,a,7\n", []string{"a", "b"}, []int{-1, 1, -1, 0}, ""},
		"tabs and backslash":  {"x\\1.png\tdog, big\nx\\2.png\tcat\n", []string{"cat", "dog, big"}, []int{1, 0, -1, -1}, ""},
		"semicolons":          {"x/1;dog\nx/2;cat", []string{"cat", "dog"}, []int{1, 0, -1, -1}, ""},
		"spaces":              {"2.png 3\n7.jpeg 4\n", nil, []int{-1, 3, -1, 4}, ""},
		"quotes":              {"\"x/1.png\",\"a \"\"b\"\"\"\r\n\"y/1.png\",c\r\n", []string{`a "b"`, "c"}, []int{0, -1, 1, -1}, ""},
		"other folder before": {"data/x/2.png,a\n", []string{"a"}, []int{-1, 0, -1, -1}, ""},
		"lines without file":  {"2.png,a\nnone.png,b\n1.png,c\n2\n", []string{"a"}, []int{-1, 0, -1, -1}, `3 of its 4 lines name no picture; the first: "none.png, b"`},
		"two labels":          {"2.png,a\n2.png,b\n2.png,a\n", []string{"a"}, []int{-1, 0, -1, -1}, `1 of its 3 lines label a picture that has another label already`},
	} {
		t.Run(name, func(t *testing.T) {
			labels := filepath.Join(t.TempDir(), "labels")
			if err := os.WriteFile(labels, []byte(tc.text), 0o644); err != nil {
				t.Fatal(err)
			}
			f := openFolder(t, FolderOptions{Labels: labels}, dir)
			var got []int
			for _, file := range f.files {
				got = append(got, file.label)
			}
			if !slices.Equal(got, tc.labels) || !slices.Equal(f.Classes(), tc.classes) {
				t.Errorf("labels %v of %q, want %v of %q", got, f.Classes(), tc.labels, tc.classes)
			}
			if told := errors.Join(f.Problems...); (told != nil) != (tc.problem != "") || told != nil && !strings.Contains(told.Error(), tc.problem) {
				t.Errorf("problems %v, want %q", told, tc.problem)
			}
		})
	}
}

func TestFolderErrors(t *testing.T) {
	dir := tree(t, map[string]string{"a.png": "picture", "labels.csv": "b.png,1\n", "sub/text": "text"})
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, tc := range map[string]struct {
		ctx   context.Context
		paths []string
		o     FolderOptions
		want  string
	}{
		"absent":           {paths: []string{filepath.Join(dir, "absent")}, want: "check the name"},
		"pattern of none":  {paths: []string{filepath.Join(dir, "*.jpg")}, want: "*.jpg: it cannot be opened"},
		"no picture":       {paths: []string{filepath.Join(dir, "sub")}, want: "there is no picture in it"},
		"bad match":        {paths: []string{dir}, o: FolderOptions{Match: "[a"}, want: "not a pattern"},
		"absent labels":    {paths: []string{dir}, o: FolderOptions{Labels: filepath.Join(dir, "none.csv")}, want: "none.csv: it cannot be opened"},
		"labels of others": {paths: []string{dir}, o: FolderOptions{Labels: filepath.Join(dir, "labels.csv")}, want: "none of its 1 lines"},
		"cancelled":        {ctx: cancelled, paths: []string{dir}, want: "canceled"},
		"nothing to open":  {want: "no path"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.ctx == nil {
				tc.ctx = context.Background()
			}
			d, err := Open(tc.ctx, tc.paths, tc.o)
			if d != nil || err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v, want %q", d, err, tc.want)
			}
		})
	}
}
