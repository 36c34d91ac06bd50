package server

import (
	"context"
	"net/http"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

func (s *Server) startJob(r *http.Request) (any, error) {
	var q request
	if err := readJSON(r, 1<<20, &q); err != nil {
		return nil, err
	}
	if err := s.workspace.scan(r.Context(), false); err != nil {
		return nil, err
	}
	m, err := s.method(q.Method)
	if err != nil {
		return nil, err
	}
	if err := affordable(q); err != nil {
		return nil, err
	}
	q = onlyNeeded(m, q)
	found, err := s.resolve(r.Context(), m, q)
	if err != nil {
		return nil, err
	}
	return s.jobs.start(s.key(q, found), func(ctx context.Context, report func(viz.Progress)) (figure.Figure, error) {
		return s.run(ctx, m, q, found, report)
	})
}

func (s *Server) run(ctx context.Context, m *viz.Method, q request, found resolved, report func(viz.Progress)) (figure.Figure, error) {
	in := &viz.Input{Seed: q.Seed, Progress: report, Runs: found.runs}
	if f := found.model; f != nil {
		var err error
		if in.Model, err = s.workspace.open(f, q.Input); err != nil {
			return nil, err
		}
	}
	var given []*imageFile
	for _, file := range found.images {
		if file.Array {
			given = append(given, file)
			continue
		}
		in.Images = append(in.Images, viz.Image{
			Name: file.Name, Label: file.Label,
			Picture: s.workspace.source(file), Mask: s.workspace.maskOf(file, found.masks[file]),
		})
	}
	arrays, err := arraysOf(given)
	if err != nil {
		return nil, err
	}
	in.Images, in.Classes = append(in.Images, arrays...), found.classes
	return m.Run(ctx, in, q.Params)
}

func (s *Server) showJob(r *http.Request) (any, error) {
	j, err := s.jobs.find(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return j.now(), nil
}

func (s *Server) cancelJob(r *http.Request) (any, error) {
	j, err := s.jobs.find(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	j.cancel()
	return j.now(), nil
}

func (s *Server) watchJob(w http.ResponseWriter, r *http.Request) {
	j, err := s.jobs.find(r.PathValue("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	j.feed.ServeHTTP(w, r)
}
