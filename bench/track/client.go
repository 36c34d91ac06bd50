package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
)

// byClient returns the seconds of calls of MLflow's own client, of several
// processes at a time, which begin when all of them are ready.
func (b *bench) byClient(ctx context.Context, s server, p part, calls, clients int) ([]float64, error) {
	var ready sync.WaitGroup
	ready.Add(clients)
	var mu sync.Mutex
	var all []float64
	err := together(clients, func() error {
		arrived := sync.OnceFunc(ready.Done)
		defer arrived() // also where it fails, since others wait
		cmd := exec.CommandContext(ctx, b.python, b.script, p.name, strconv.Itoa(calls), s.Searched, s.History)
		cmd.Env = append(os.Environ(), "MLFLOW_TRACKING_URI="+s.URL, "MLFLOW_DISABLE_TELEMETRY=true", "GIT_PYTHON_REFRESH=quiet")
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		said := bufio.NewScanner(out)
		said.Buffer(nil, 1<<20)
		if !said.Scan() || said.Text() != "ready" {
			return fmt.Errorf("the script said %q: %w", said.Text(), cmd.Wait())
		}
		arrived()
		ready.Wait()
		fmt.Fprintln(in)
		var own []float64
		if said.Scan() {
			if err := json.Unmarshal(said.Bytes(), &own); err != nil {
				return fmt.Errorf("the script said %q: %w", said.Text(), err)
			}
		}
		mu.Lock()
		all = append(all, own...)
		mu.Unlock()
		return cmd.Wait()
	})
	return all, err
}
