package server

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// routes is the table of contents of the API.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/methods", s.json(s.listMethods))
	mux.HandleFunc("GET /api/workspace", s.json(s.listWorkspace))
	mux.HandleFunc("GET /api/models/{id}", s.json(s.describeModel))
	mux.HandleFunc("GET /api/models/{id}/classes", s.json(s.listClasses))
	mux.HandleFunc("POST /api/images", s.json(s.dropImage))
	mux.HandleFunc("GET /api/images/{id}", s.sendImage)
	mux.HandleFunc("POST /api/jobs", s.json(s.startJob))
	mux.HandleFunc("GET /api/jobs/{id}", s.json(s.showJob))
	mux.HandleFunc("DELETE /api/jobs/{id}", s.json(s.cancelJob))
	mux.HandleFunc("GET /api/jobs/{id}/events", s.watchJob)
	mux.HandleFunc("GET /api/figures/{key}", s.sendFigure)
	mux.HandleFunc("GET /api/colormaps", s.json(s.listColormaps))
	mux.HandleFunc("GET /api/theme", s.json(s.showTheme))
	mux.HandleFunc("GET /api/training", s.watchTraining)
	mux.HandleFunc("GET /api/runs", s.json(s.listRuns))
	mux.HandleFunc("GET /api/runs/events", s.watchRuns)
	mux.HandleFunc("POST /api/curves/names", s.json(s.nameCurves))
	mux.HandleFunc("POST /api/curves/sums", s.json(s.sumCurves))
	mux.HandleFunc("POST /api/curves/windows", s.sendWindows)
	mux.HandleFunc("POST /api/curves/smooth", s.sendSmoothed)
	mux.HandleFunc("POST /api/curves/bands", s.sendBands)
	mux.HandleFunc("POST /api/records/names", s.json(s.listRecords))
	mux.HandleFunc("GET /api/records", s.json(s.listSteps))
	mux.HandleFunc("GET /api/records/body", s.sendRecord)
	mux.HandleFunc("GET /api/records/histograms", s.json(s.listHistograms))
	s.routeIngest(mux)
	s.routeMLflow(mux)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		if allowed := methodsOf(mux, r); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			s.fail(w, wrongMethod{r.URL.Path + " is asked for with " + strings.Join(allowed, " or ") + ", not " + r.Method})
			return
		}
		s.fail(w, notFound{"there is no " + r.URL.Path})
	})
	mux.Handle("/", s.app())
	return s.guard.wrap(gzhttp.GzipHandler(s.protect(mux)))
}

// methodsOf lists the methods under which an address is known.
func methodsOf(mux *http.ServeMux, r *http.Request) []string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
