package server

import (
	"net/http"

	"github.com/tomo-viz/tomo/track/ingest"
)

// routeIngest hands over what trainings send.
func (s *Server) routeIngest(mux *http.ServeMux) {
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, notFound{"this server keeps no runs; start it with --runs FILE"})
	})
	if s.options.Runs != nil {
		handler = ingest.New(s.options.Runs, ingest.Options{Failed: func(err error) { s.log.Println(err) }})
	}
	for _, pattern := range ingest.Patterns() {
		mux.Handle(pattern, handler)
	}
}
