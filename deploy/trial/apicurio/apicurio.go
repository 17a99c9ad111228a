// Package apicurio runs Apicurio Registry, a schema registry with Confluent's API, on this machine, for tests. Java 17 runs it; Maven
// fetches it once into the user's cache. Start at [Start].
package apicurio

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"csatflow/deploy/trial/maven"
)

//go:embed pom.xml
var pom []byte

// Registry is a running registry. It keeps schemas in memory: they are gone when it ends.
type Registry struct {
	URL  string // of Confluent's API
	cmd  *exec.Cmd
	done chan struct{}
}

// startTime is how long a start may take.
const startTime = 3 * time.Minute

// Start starts a registry on a free port of 127.0.0.1, and waits until it answers. dir is for its program and log.
func Start(ctx context.Context, dir string) (*Registry, error) {
	jars, err := maven.Jars(ctx, "apicurio", pom)
	if err != nil {
		return nil, err
	}
	packed, err := filepath.Glob(filepath.Join(jars, "apicurio-registry-app-*.tar.gz"))
	if err != nil || len(packed) != 1 {
		return nil, errors.Join(err, fmt.Errorf("%s does not hold one apicurio-registry-app: remove it, and it is fetched again", jars))
	}
	if out, err := exec.CommandContext(ctx, "tar", "-xzf", packed[0], "-C", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("unpacking %s: %w\n%s", packed[0], err, out)
	}
	jar, err := filepath.Glob(filepath.Join(dir, "*-runner.jar"))
	if err != nil || len(jar) != 1 {
		return nil, errors.Join(err, fmt.Errorf("%s does not hold one program", packed[0]))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, fmt.Errorf("opening the registry's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	r := &Registry{URL: "http://127.0.0.1:" + port + "/apis/ccompat/v7", done: make(chan struct{}),
		cmd: exec.CommandContext(context.WithoutCancel(ctx), "java", "-Xmx300m", "-XX:TieredStopAtLevel=1", "-Dquarkus.http.host=127.0.0.1", "-Dquarkus.http.port="+port, "-jar", jar[0])}
	r.cmd.Stdout, r.cmd.Stderr, r.cmd.Dir = log, log, dir
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting Java: %w", err)
	}
	go func() {
		_ = r.cmd.Wait() // its log says how it ended
		close(r.done)
	}()
	return r, r.answer(ctx, log.Name())
}

// answer waits until the registry answers.
func (r *Registry) answer(ctx context.Context, log string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+"/subjects", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			if err := res.Body.Close(); err != nil {
				return err
			}
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-r.done:
			return fmt.Errorf("the registry ended at its start: see %s", log)
		case <-ctx.Done():
			return fmt.Errorf("the registry does not answer (see %s): %w", log, errors.Join(context.Cause(ctx), r.Kill()))
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// Pause stops the registry's process without ending it: it takes connections, and answers none.
func (r *Registry) Pause() error { return r.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets the process go on.
func (r *Registry) Resume() error { return r.cmd.Process.Signal(syscall.SIGCONT) }

// Kill ends the registry and waits for that.
func (r *Registry) Kill() error {
	err := r.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-r.done
	return err
}
