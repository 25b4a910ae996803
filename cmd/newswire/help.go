package main

import (
	"fmt"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
)

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command to tell of; default: all of them."`
}

// Run tells of a command what its --help does.
func (k helpCommand) Run(c *console, parser *kong.Kong) error {
	ctx, err := kong.Trace(parser, append(k.Command, "--help"))
	if err == nil {
		err = ctx.Error
	}
	if err != nil {
		return usageError{err}
	}
	return ctx.PrintUsage(false)
}

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is what --help says more than a line.
func (completionCommand) Help() string {
	return `Write one of these into the file that your shell begins with:

  bash   source <(newswire completion bash)
  zsh    source <(newswire completion zsh)
  fish   newswire completion fish | source`
}

// Run prints what has a shell complete newswire's commands and flags.
func (k completionCommand) Run(ctx *kong.Context) error {
	return (&kongcompletion.Completion{Shell: k.Shell, Code: true}).Run(ctx)
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// versionFlag prints the version and ends, as people expect of --version.
type versionFlag bool

// BeforeReset is when kong meets the flag.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, "newswire", versionString())
	app.Exit(exitDone)
	return nil
}
