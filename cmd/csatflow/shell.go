package main

import (
	"github.com/alecthomas/kong"

	"csatflow/cmd/csatflow/completion"
	"csatflow/cmd/csatflow/manual"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

func (completionCommand) Help() string {
	return `Examples:
  source <(csatflow completion bash)                                        # in ~/.bashrc
  csatflow completion zsh > "${fpath[1]}/_csatflow"
  csatflow completion fish > ~/.config/fish/completions/csatflow.fish`
}

func (cmd *completionCommand) Run(sys *system, k *kong.Context) error {
	return completion.Script(sys.stdout, cmd.Shell, k.Model)
}

type manCommand struct {
	Page string `arg:"" optional:"" enum:"csatflow,csatflow.yaml" default:"csatflow" help:"The page: csatflow, or csatflow.yaml for the configuration file."`
}

func (manCommand) Help() string {
	return `Examples:
  csatflow man | man -l -
  csatflow man > /usr/local/share/man/man1/csatflow.1
  csatflow man csatflow.yaml > /usr/local/share/man/man5/csatflow.yaml.5`
}

func (cmd *manCommand) Run(sys *system, k *kong.Context) error {
	if cmd.Page == "csatflow.yaml" {
		return manual.Configuration(sys.stdout, version)
	}
	return manual.Program(sys.stdout, k.Model, version)
}
