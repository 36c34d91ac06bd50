package server

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// app serves the web app: its files by name, and its page for every other
// address, which the app itself understands as a view.
func (s *Server) app() http.Handler {
	if s.options.Web == nil {
		return http.HandlerFunc(unbuilt)
	}
	files := http.FileServerFS(s.options.Web)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "The app is only read.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(s.options.Web, name)
		asset := strings.HasPrefix(name, "assets/") // their names hold a hash of their content
		switch {
		case err != nil && asset: // of another version of the app
			http.NotFound(w, r)
			return
		case err != nil || info.IsDir():
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, s.options.Web, "index.html")
			return
		}
		if asset {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		files.ServeHTTP(w, r)
	})
}

func unbuilt(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotImplemented)
	fmt.Fprint(w, `<!doctype html><html lang="en"><title>Tomo</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em;color-scheme:light dark}</style>
<h1>The web app is not built</h1>
<p>This binary was built without it. In Tomo's source folder, with Node.js installed, run <code>make build</code> and start <code>./tomo</code> again. The command line works as it is.</p>`)
}
