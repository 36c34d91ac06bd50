// Package layers holds the test that keeps imports pointing one way. The
// table of packages in ARCHITECTURE.md is the rule it checks against.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/tomo-viz/tomo/"
)

// TestImports fails on an import that the table does not allow, on a package
// that the table does not know, and on a row without a package.
func TestImports(t *testing.T) {
	table := readTable(t)
	found := packages(t)
	for pkg, imports := range found {
		allowed, ok := table[pkg]
		if !ok {
			t.Errorf("package %s is not in the table of ARCHITECTURE.md", pkg)
			continue
		}
		for _, imp := range imports {
			if !slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, imp) }) {
				t.Errorf("%s imports %s, which its row in ARCHITECTURE.md does not allow", pkg, imp)
			}
		}
	}
	for pkg := range table {
		if _, ok := found[pkg]; !ok {
			t.Errorf("ARCHITECTURE.md has a row for %s, which holds no package", pkg)
		}
	}
}

// TestRowsDescend fails if a row may import a package that stands above it: the
// table is in the order of the layers, top first.
func TestRowsDescend(t *testing.T) {
	order := rows(t)
	place := map[string]int{}
	for i, r := range order {
		place[r.pkg] = i
	}
	for i, r := range order {
		for _, pattern := range r.allowed {
			for pkg, j := range place {
				if j <= i && pkg != r.pkg && matches(pattern, pkg) && !strings.HasSuffix(pattern, "...") {
					t.Errorf("%s may import %s, which stands above it", r.pkg, pkg)
				}
			}
		}
	}
}

type row struct {
	pkg     string
	allowed []string
}

func readTable(t *testing.T) map[string][]string {
	table := map[string][]string{}
	for _, r := range rows(t) {
		table[r.pkg] = r.allowed
	}
	return table
}

var code = regexp.MustCompile("`([^`]+)`")

// rows parses the lines "| `package` | what it is | `import`, `import` |".
func rows(t *testing.T) []row {
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		r := row{pkg: code.FindStringSubmatch(cells[1])[1]}
		for _, m := range code.FindAllStringSubmatch(cells[3], -1) {
			r.allowed = append(r.allowed, m[1])
		}
		out = append(out, r)
	}
	if len(out) < 10 {
		t.Fatalf("the table of ARCHITECTURE.md has %d rows; is it still there?", len(out))
	}
	return out
}

// packages lists every package of the module with what it imports of the
// module outside its tests.
func packages(t *testing.T) map[string][]string {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") && name != ".." || name == "dist") && file != root {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		found[pkg] = append(found[pkg], imports(t, file)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func imports(t *testing.T, file string) []string {
	if strings.HasSuffix(file, "_test.go") {
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if rest, ok := strings.CutPrefix(p, module); ok {
			out = append(out, rest)
		}
	}
	return out
}

// matches takes a package, or a folder with "/..." for all below it.
func matches(pattern, pkg string) bool {
	dir, deep := strings.CutSuffix(pattern, "/...")
	if deep {
		return pkg == dir || strings.HasPrefix(pkg, dir+"/")
	}
	return path.Clean(pattern) == pkg
}
