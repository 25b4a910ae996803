package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/diagnosis"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/sources"
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
	remembered, err := remembered(c, conf, setup.Catalog)
	if err != nil {
		return err
	}
	findings = diagnosis.Merge(findings, remembered)
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

// remembered is what the config's store knows of the sources from earlier visits, if there is one.
func remembered(c *console, conf *config.Config, catalog *sources.Catalog) (_ []diagnosis.Finding, err error) {
	store, err := openToList(c.ctx, conf.Store)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	standings, err := sources.Standings(c.ctx, store, catalog)
	return diagnosis.Remembered(standings), err
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
