package render

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

//go:embed html/*.css html/*.js
var htmlFiles embed.FS

// A page is what differs between the kinds of figures in HTML.
type page struct {
	script string // file in html/; "" for none
	main   string // markup, escaped
	data   any    // for the script, as JSON
}

// writeHTML writes one file that needs no network: the figure, a style sheet
// and a script for its kind, if it needs one. The page's content security policy
// allows that script alone, so that nothing out of a model file could ever run.
func writeHTML(w io.Writer, fig figure.Figure, opt Options) error {
	p, err := pageOf(fig, opt)
	if err != nil {
		return err
	}
	// Marshal writes <, > and & as escapes, so data cannot end its element.
	data, err := json.Marshal(p.data)
	if err != nil {
		return fmt.Errorf("write the %s for the page's script: %w", fig.Kind(), err)
	}
	script, policy := "", "'none'"
	if p.script != "" {
		script = mustRead("html/" + p.script)
		sum := sha256.Sum256([]byte(script))
		policy = fmt.Sprintf("'sha256-%s'", base64.StdEncoding.EncodeToString(sum[:]))
	}
	about := fig.Caption()
	out := &errorWriter{w: w}
	out.printf("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	out.printf("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src %s\">\n", policy)
	out.printf("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"%s\">\n", software)
	out.printf("<title>%s</title>\n", escape(clean(about.Title)))
	out.printf("<style>\n%s%s</style>\n</head>\n", themeCSS(opt.Theme), mustRead("html/page.css"))
	out.printf("<body class=\"%s\">\n", fig.Kind())
	out.printf("%s<main>\n%s</main>\n%s", htmlHead(about), p.main, htmlFoot(about))
	if script != "" {
		out.printf("<script type=\"application/json\" id=\"data\">%s</script>\n<script>%s</script>\n", data, script)
	}
	out.printf("</body>\n</html>\n")
	return out.err
}

func pageOf(fig figure.Figure, opt Options) (page, error) {
	switch f := fig.(type) {
	case *figure.Graph:
		return graphPage(f, opt.Theme)
	case *figure.Heatmap:
		return heatmapPage(f), nil
	case *figure.Images:
		return drawnPage("images.js", f, f.Colormap), nil
	case *figure.Matrix:
		return drawnPage("matrix.js", f, f.Colormap), nil
	case *figure.Table:
		return tablePage(f), nil
	case *figure.Lines:
		return linesPage(f, opt.Theme)
	case *figure.Parallel:
		return parallelPage(f, opt.Theme)
	case *figure.Report:
		return reportPage(f, opt.Theme)
	}
	panic(fmt.Sprintf("render: no page for a %s", fig.Kind()))
}

type errorWriter struct {
	w   io.Writer
	err error
}

func (e *errorWriter) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

func mustRead(name string) string {
	raw, err := htmlFiles.ReadFile(name)
	if err != nil {
		panic("render: " + err.Error())
	}
	return string(raw)
}

// themeCSS declares every ink as a custom property.
func themeCSS(t Theme) string {
	declare := func(t Theme) string {
		var b strings.Builder
		for k := paper; k < firstClass+ink(2*len(classes)); k++ {
			fmt.Fprintf(&b, "--%s:%s;", k.shade().name, k.in(t))
		}
		return b.String()
	}
	css := fmt.Sprintf(":root{color-scheme:%s;%s}\n", cssScheme(t), declare(t))
	if t == Auto {
		css += "@media (prefers-color-scheme:dark){:root{" + declare(Dark) + "}}\n"
	}
	return css
}

func cssScheme(t Theme) string {
	if t == Auto {
		return "light dark"
	}
	return string(t)
}

func htmlHead(about *figure.About) string {
	var b strings.Builder
	b.WriteString("<header>\n")
	fmt.Fprintf(&b, "<h1>%s</h1>\n", escape(clean(about.Title)))
	if about.Subtitle != "" {
		fmt.Fprintf(&b, "<p>%s</p>\n", escape(clean(about.Subtitle)))
	}
	writeHTMLWarnings(&b, about.Warnings)
	b.WriteString("</header>\n")
	return b.String()
}

func htmlFoot(about *figure.About) string {
	if len(about.Facts)+len(about.Source) == 0 {
		return ""
	}
	return "<footer>\n" + htmlFacts(about.Facts) + htmlFacts(about.Source) + "</footer>\n"
}

func htmlFacts(facts []figure.Fact) string {
	if len(facts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<dl>")
	for _, f := range facts {
		fmt.Fprintf(&b, "<div><dt>%s</dt><dd>%s</dd></div>", escape(clean(f.Name)), escape(clean(f.Value)))
	}
	b.WriteString("</dl>\n")
	return b.String()
}
