package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// A child is an engine in a process of its own. It is stopped but for the time
// of a call, so that no thread of it takes time from others.
type child struct {
	engine  string
	cmd     *exec.Cmd
	in      io.WriteCloser
	replies *json.Decoder
	started time.Time
	dead    bool // it ended before it was told to
}

// engines are what can be measured, the columns of the table.
var engines = []string{"tomo", "ort", "torch"}

// begin starts an engine.
func (o *options) begin(ctx context.Context, engine string) (*child, error) {
	c := &child{engine: engine, started: time.Now()}
	if engine == "torch" {
		c.cmd = exec.CommandContext(ctx, o.python, o.script)
	} else {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		c.cmd = exec.CommandContext(ctx, self, "-serve", engine)
	}
	n := strconv.Itoa(o.threads)
	c.cmd.Env = append(os.Environ(), "GOMAXPROCS="+n, "OMP_NUM_THREADS="+n)
	log, err := os.OpenFile(filepath.Join(o.out, engine+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd.Stderr = log
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.replies = json.NewDecoder(bufio.NewReader(out))
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", engine, err)
	}
	return c, nil
}

// call lets the engine answer one request.
func (c *child) call(r request) (reply, error) {
	if err := resume(c.cmd.Process); err != nil {
		return reply{}, err
	}
	var answer reply
	err := json.NewEncoder(c.in).Encode(r)
	if err == nil {
		err = c.replies.Decode(&answer)
	}
	if err != nil {
		c.dead = true
		return reply{}, fmt.Errorf("%s ended (see %s.log): %w", c.engine, c.engine, err)
	}
	if err := stop(c.cmd.Process); err != nil {
		return reply{}, err
	}
	if answer.Error != "" {
		return answer, fmt.Errorf("%s: %s", c.engine, answer.Error)
	}
	return answer, nil
}

// peak returns the most bytes that the process has held so far, 0 if unknown.
func (c *child) peak() int64 { return peakMemory(c.cmd.Process.Pid) }

// end waits for the process, which goes when its input ends.
func (c *child) end() error {
	return errors.Join(c.in.Close(), resume(c.cmd.Process), c.cmd.Wait())
}
