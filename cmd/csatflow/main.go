// Command csatflow reads service events from Kafka, computes satisfaction, recovery and churn risk, and writes them to
// ClickHouse, exactly once in effect. Each subcommand is a file of this folder; service.go wires what run and demo share.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/deploy/local"
	"csatflow/schemas/feeds"
)

// version is set by the linker for releases.
var version = "dev"

// Exit codes.
const (
	exitDone        = 0
	exitNo          = 1 // the answer of the command is no
	exitUsage       = 2 // usage or configuration
	exitUnreachable = 3 // a server cannot be reached
)

type commands struct {
	Demo        demoCommand        `cmd:"" help:"A simulated chain of stores, embedded Kafka and ClickHouse, the processor and the page, in one process."`
	Local       localCommand       `cmd:"" help:"Only the embedded Kafka and ClickHouse."`
	Run         runCommand         `cmd:"" help:"The service: read Kafka, compute, write ClickHouse."`
	Intake      intakeCommand      `cmd:"" help:"Take events over HTTP, in csatflow's own form or in others', and send them to Kafka."`
	Check       checkCommand       `cmd:"" help:"Check the configuration, Kafka and ClickHouse; say what is wrong and how to correct it."`
	Migrate     migrateCommand     `cmd:"" help:"Create or upgrade the tables and views, and with --topics the Kafka topics."`
	Simulate    simulateCommand    `cmd:"" help:"Send a simulated feed, or write it to files."`
	Send        sendCommand        `cmd:"" help:"Check files of one JSON object a line and send them to their topics."`
	Validate    validateCommand    `cmd:"" help:"Check files of one JSON object a line against the schemas."`
	Deadletter  deadletterCommand  `cmd:"" help:"Look into the dead-letter topic, and send repaired messages back."`
	Audit       auditCommand       `cmd:"" help:"Compute the tables again from Kafka, and name each row that differs."`
	Alerts      alertsCommand      `cmd:"" help:"List and retry deliveries to the webhook."`
	Backtest    backtestCommand    `cmd:"" help:"Run the alert rules over stored history, and compare with known incidents."`
	Churn       churnCommand       `cmd:"" help:"Learn and judge the weights of the churn score."`
	Report      reportCommand      `cmd:"" help:"The CSI report of a period: what fell, where, since when and why, and what to improve."`
	CSI         csiCommand         `cmd:"" name:"csi" help:"Estimate the satisfaction index from the comprehensive survey."`
	Improvement improvementCommand `cmd:"" help:"Improvements: plan them, and measure their effect."`
	Standards   standardsCommand   `cmd:"" help:"Check the service standards for the elements of a good standard."`
	Config      configCommand      `cmd:"" help:"Print the current configuration, each key with its meaning, secrets hidden."`
	Completion  completionCommand  `cmd:"" help:"Print the completion script of a shell."`
	Man         manCommand         `cmd:"" help:"Print the manual page of the program or of its configuration file."`
	Version     versionCommand     `cmd:"" help:"Print the version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
}

// system is a command's access to the outside.
type system struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    []string
}

// exitError carries an exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func usage(err error) error       { return &exitError{exitUsage, err} }
func unreachable(err error) error { return &exitError{exitUnreachable, err} }
func answerNo(err error) error    { return &exitError{exitNo, err} }

func main() {
	local.RunChild()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(&system{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ()}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run parses the command line, runs the command, and returns the exit code.
func run(sys *system, args []string) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("csatflow"), kong.Description("Customer satisfaction, service recovery and churn risk, second by second, from Kafka to ClickHouse."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(sys.stdout, sys.stderr), kong.Exit(func(code int) { exited = code }), kong.Bind(sys), kong.Vars{"version": "csatflow " + version, "feeds": strings.Join(feeds.Names(), ",")})
	if err != nil {
		fmt.Fprintln(sys.stderr, "csatflow:", err)
		return exitUsage
	}
	k, err := parser.Parse(args)
	if exited == exitDone { // help was asked for
		return exitDone
	}
	if err == nil {
		err = k.Run(sys)
	} else {
		err = usage(fmt.Errorf("%w (csatflow --help tells more)", err))
	}
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(sys.stderr, "csatflow:", err)
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	return exitNo
}

// configFlag is the flag --config.
type configFlag struct {
	Config string `short:"c" placeholder:"FILE" help:"Configuration file. Default: that of CSATFLOW_CONFIG. Every key can also be set by environment: CSATFLOW_KAFKA_BROKERS."`
}

func (f *configFlag) load(sys *system) (*config.Config, error) {
	path, err := config.File(f.Config)
	if err != nil {
		return nil, usage(err)
	}
	c, err := config.Load(path, sys.env)
	if err != nil {
		return nil, usage(err)
	}
	return c, nil
}

// checked loads the configuration and checks all of it.
func (f *configFlag) checked(sys *system) (*config.Config, error) {
	c, err := f.load(sys)
	if err != nil {
		return nil, err
	}
	return c, f.check(sys, c.Check())
}

// check makes wrong usage of what is wrong with a configuration. Where there is no file, it says how to name one.
func (f *configFlag) check(sys *system, err error) error {
	if err == nil {
		return nil
	}
	if path, e := config.File(f.Config); e != nil || path != "" {
		return usage(config.Placed(path, sys.env, err))
	}
	const begin = "csatflow config --example prints one to start from"
	if dir, e := dataDir("", "demo"); e == nil {
		if file := filepath.Join(dir, demoConfigFile); exists(file) {
			return usage(fmt.Errorf("no configuration file is named: pass --config FILE, or set CSATFLOW_CONFIG (that of the demo is %s; %s)\n%w", file, begin, err))
		}
	}
	return usage(fmt.Errorf("no configuration file is named: pass --config FILE, or set CSATFLOW_CONFIG (%s)\n%w", begin, err))
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// warnings lists what works in the configuration and should change.
func (f *configFlag) warnings(c *config.Config) []string {
	path, err := config.File(f.Config)
	if err != nil {
		return nil // load has returned the error
	}
	return c.Warnings(path)
}

func logger(sys *system, c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" || c.Format == "auto" && !output.Terminal(sys.stderr) {
		o.ReplaceAttr = inSeconds
		return slog.New(slog.NewJSONHandler(sys.stderr, o))
	}
	return slog.New(slog.NewTextHandler(sys.stderr, o))
}

// inSeconds writes durations as seconds: in JSON they would be nanoseconds without a unit.
func inSeconds(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.Float64Value(a.Value.Duration().Seconds())
	}
	return a
}

type versionCommand struct{}

func (versionCommand) Run(sys *system) error {
	_, err := fmt.Fprintln(sys.stdout, "csatflow", version)
	return err
}

type configCommand struct {
	configFlag
	Example bool `help:"Print a configuration file to start from: every key with its meaning, its default and an example."`
}

func (configCommand) Help() string {
	return `Examples:
  csatflow config --config csatflow.yaml      # each current value, with its meaning
  csatflow config --example > csatflow.yaml   # a file to start from`
}

func (cmd *configCommand) Run(sys *system) error {
	if cmd.Example {
		_, err := fmt.Fprint(sys.stdout, config.Example())
		return err
	}
	c, err := cmd.load(sys)
	if err != nil {
		return err
	}
	b, err := c.YAML()
	if err != nil {
		return err
	}
	if _, err := sys.stdout.Write(b); err != nil {
		return err
	}
	return cmd.check(sys, c.Check())
}
