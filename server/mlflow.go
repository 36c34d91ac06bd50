package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"

	"github.com/tomo-viz/tomo/track/mlflow"
)

// newMLflow keeps what scripts log as files beside the file of runs.
func (s *Server) newMLflow() *mlflow.Handler {
	if s.options.Runs == nil {
		return nil
	}
	return mlflow.New(s.options.Runs, mlflow.Options{
		Artifacts: s.options.Runs.Path() + ".artifacts",
		Failed:    func(err error) { s.log.Println(err) },
	})
}

func (s *Server) closeMLflow() {
	if s.mlflow == nil {
		return
	}
	if err := s.mlflow.Close(); err != nil {
		s.log.Println(err)
	}
}

// routeMLflow hands over what scripts ask that log to MLflow. Its answers are
// not compressed: scripts run near, and it takes longer than sending them.
func (s *Server) routeMLflow(mux *http.ServeMux) {
	if s.mlflow == nil {
		return
	}
	for _, path := range mlflow.Paths {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(gzhttp.HeaderNoCompression, "true")
			s.mlflow.ServeHTTP(w, r)
		})
	}
}
