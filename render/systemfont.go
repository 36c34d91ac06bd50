package render

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"
)

// The embedded font has Latin, Greek and Cyrillic. For all else, class names
// in Japanese say, fonts of the reader's system are looked through, in the
// order of likely; what none has is drawn as an empty box. SVG and HTML leave
// this to the browser.
var likely = []string{
	"notosanscjk", "notosansjp", "hiragino", "ヒラギノ角ゴシック", "yugoth", "meiryo", "msgothic",
	"sourcehansans", "ipaexg", "ipag", "takaogothic", "vl-gothic", "fonts-japanese-gothic",
	"pingfang", "msyh", "stheiti", "simhei", "wqy", "droidsansfallback",
	"applesdgothic", "malgun", "nanumgothic", "arial unicode", "arialuni", "notosans-regular",
	"dejavusans.ttf", "segoeui.ttf", "seguisym", "notosanssymbols", "freesans", "symbola",
	"notosansarabic", "notosanshebrew", "notosansdevanagari", "notosansthai", "nirmala", "leelawad",
}

const (
	mostFontFiles = 20000 // looked at in the font folders
	mostFonts     = 40    // opened
)

var systemFonts = sync.OnceValue(func() []*face { return openFonts(fontFolders()) })

func systemGlyph(r rune) *glyph {
	for _, f := range systemFonts() {
		f.mu.Lock()
		g := f.load(r)
		f.mu.Unlock()
		if g != nil && (len(g.path.parts) > 0 || g.advance > 0) {
			return g
		}
	}
	return emptyBox(r)
}

func fontFolders() []string {
	home, _ := os.UserHomeDir()
	switch runtime.GOOS {
	case "windows":
		return []string{
			filepath.Join(os.Getenv("WINDIR"), "Fonts"),
			filepath.Join(os.Getenv("LOCALAPPDATA"), "Microsoft", "Windows", "Fonts"),
		}
	case "darwin":
		return []string{"/System/Library/Fonts", "/Library/Fonts", filepath.Join(home, "Library", "Fonts")}
	}
	return []string{
		"/usr/share/fonts", "/usr/local/share/fonts",
		filepath.Join(home, ".local", "share", "fonts"), filepath.Join(home, ".fonts"),
	}
}

// openFonts opens the likely fonts in folders, the likeliest first. Their
// files stay open, since glyphs are read when needed.
func openFonts(folders []string) []*face {
	type candidate struct {
		rank int
		path string
	}
	var found []candidate
	seen := 0
	for _, folder := range folders {
		if !filepath.IsAbs(folder) {
			continue // made of a variable that is not set
		}
		_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil // a folder that cannot be read has no fonts for us
			}
			if seen++; seen > mostFontFiles {
				return fs.SkipAll
			}
			if rank := likelihood(d.Name()); rank >= 0 {
				found = append(found, candidate{rank, path})
			}
			return nil
		})
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.rank - b.rank })
	var faces []*face
	for _, c := range found[:min(len(found), mostFonts)] {
		if f := openFont(c.path); f != nil {
			faces = append(faces, f)
		}
	}
	return faces
}

// likelihood returns the place of a file's name in likely, -1 if it has none.
func likelihood(name string) int {
	name = strings.ToLower(name)
	switch filepath.Ext(name) {
	case ".ttf", ".otf", ".ttc", ".otc":
	default:
		return -1
	}
	if strings.Contains(name, "serif") || strings.Contains(name, "italic") {
		return -1
	}
	rank := slices.IndexFunc(likely, func(s string) bool { return strings.Contains(name, s) })
	if rank >= 0 && strings.Contains(name, "bold") {
		rank += len(likely)
	}
	return rank
}

func openFont(path string) *face {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	fonts, err := sfnt.ParseCollectionReaderAt(file)
	if err == nil && fonts.NumFonts() > 0 {
		if f, err := fonts.Font(0); err == nil {
			return newFace(f)
		}
	}
	file.Close()
	return nil
}
