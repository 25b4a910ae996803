package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/diagnosis"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
)

// online visits each source of a config once, stores nothing, and names what is wrong with it. What is only worth knowing
// fails nothing.
func (k checkCommand) online(c *console, conf *config.Config) error {
	setup, err := service.NewSetup(conf, versionString())
	if err != nil {
		return err
	}
	bar := newBar(c, len(conf.Sources))
	findings, err := diagnosis.Run(c.ctx, conf, setup, bar.add)
	bar.finish()
	if err != nil {
		return err
	}
	if k.JSON {
		err = printLines(c, findings)
	} else {
		err = printFindings(c, findings, len(conf.Sources))
	}
	if err == nil && slices.ContainsFunc(findings, func(f diagnosis.Finding) bool { return !f.Note }) {
		err = errQuiet
	}
	return err
}

func printFindings(c *console, findings []diagnosis.Finding, visited int) error {
	wrong := map[string]bool{}
	for _, f := range findings {
		kind := f.Kind
		if f.Note {
			kind = "note: " + kind
		} else {
			wrong[f.Source] = true
		}
		if _, err := fmt.Fprintf(c.stdout, "%s: %s: %s. Next: %s.\n", f.Source, kind, strings.TrimSuffix(f.Cause, "."), strings.TrimSuffix(f.Next, ".")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(c.stdout, "%d of %d sources are well\n", visited-len(wrong), visited)
	return err
}
