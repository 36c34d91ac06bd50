package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A server is one that runs, and what it was filled with.
type server struct {
	Name, URL string
	Searched  string // the experiment with runs to search for
	History   string // the run with a long metric
}

// servers returns Tomo and MLflow: those that run already for the folder, or new
// ones, which stop ends.
func (b *bench) servers(ctx context.Context) (both []server, stop func(), err error) {
	file := filepath.Join(b.dir, "servers.json")
	if raw, err := os.ReadFile(file); err == nil {
		return both, func() {}, json.Unmarshal(raw, &both)
	}
	ctx, cancel := context.WithCancel(ctx)
	var started []*exec.Cmd
	stop = func() {
		cancel()
		for _, cmd := range started {
			_ = cmd.Wait() // says that it was ended
			endRest(cmd)
		}
		os.Remove(file)
	}
	both, started, err = b.start(ctx)
	if err == nil {
		var raw []byte
		if raw, err = json.Marshal(both); err == nil {
			err = os.WriteFile(file, raw, 0o600)
		}
	}
	if err != nil {
		stop()
	}
	return both, stop, err
}

func (b *bench) start(ctx context.Context) (both []server, started []*exec.Cmd, err error) {
	for _, name := range []string{"Tomo", "MLflow"} {
		address, err := freeAddress()
		if err != nil {
			return nil, started, err
		}
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, started, err
		}
		command := []string{b.tomo, "serve", "--addr", address, "--runs", filepath.Join(b.dir, "runs"), "--cache", filepath.Join(b.dir, "cache")}
		if name == "MLflow" {
			command = []string{b.mlflow, "server", "--host", host, "--port", port,
				"--backend-store-uri", "sqlite:///" + filepath.Join(b.dir, "mlflow.db"), "--artifacts-destination", filepath.Join(b.dir, "mlartifacts")}
		}
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		endTogether(cmd)
		cmd.WaitDelay = 10 * time.Second
		cmd.Env = append(os.Environ(), "MLFLOW_DISABLE_TELEMETRY=true")
		log, err := os.Create(filepath.Join(b.dir, name+".log"))
		if err != nil {
			return nil, started, err
		}
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			return nil, started, err
		}
		started = append(started, cmd)
		s := server{Name: name, URL: "http://" + address}
		if err := s.await(ctx); err != nil {
			return nil, started, err
		}
		if err := s.fill(ctx); err != nil {
			return nil, started, fmt.Errorf("filling %s: %w", name, err)
		}
		both = append(both, s)
	}
	return both, started, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// await waits until the server answers.
func (s server) await(ctx context.Context) error {
	l := dial(s.URL)
	var err error
	for range 600 {
		if _, err = l.ask(ctx, http.MethodGet, "/health", ""); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not answer: %w", s.Name, err)
}

// fill makes runs to search for and a long metric.
func (s *server) fill(ctx context.Context) error {
	l := dial(s.URL)
	raw, err := l.ask(ctx, http.MethodPost, api+"experiments/create", `{"name":"searched"}`)
	if err != nil {
		return err
	}
	var made struct {
		ID string `json:"experiment_id"`
	}
	if err := json.Unmarshal(raw, &made); err != nil {
		return err
	}
	s.Searched = made.ID
	for i := range searchedRuns {
		run, err := l.newRun(ctx, s.Searched)
		if err != nil {
			return err
		}
		var metrics, params []string
		for k := range 20 {
			metrics = append(metrics, fmt.Sprintf(`{"key":"m%d","value":%d,"timestamp":%d,"step":1}`, k, i*(k+1), now))
		}
		for k := range 10 {
			params = append(params, fmt.Sprintf(`{"key":"p%d","value":"%d"}`, k, i))
		}
		if _, err := l.ask(ctx, http.MethodPost, api+"runs/log-batch", fmt.Sprintf(`{"run_id":%q,"metrics":[%s],"params":[%s],"tags":[{"key":"t","value":"%d"}]}`, run, strings.Join(metrics, ","), strings.Join(params, ","), i)); err != nil {
			return err
		}
	}
	if s.History, err = l.newRun(ctx, "0"); err != nil {
		return err
	}
	for from := 0; from < historyPoints; from += batchPoints {
		if _, err := l.ask(ctx, http.MethodPost, api+"runs/log-batch", points(s.History, "long", from)); err != nil {
			return err
		}
	}
	return nil
}
