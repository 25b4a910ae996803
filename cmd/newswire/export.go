package main

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources/opml"
)

type exportCommand struct {
	configFlag
}

// Run writes the config's sources as OPML, in the groups of their categories. It leaves out credentials, and sources that
// are pages, which feed readers cannot read.
func (k exportCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	if err != nil {
		return err
	}
	feeds := slices.DeleteFunc(slices.Clone(conf.Sources), func(s newswire.Source) bool { return s.Page != nil })
	if left := len(conf.Sources) - len(feeds); left > 0 {
		fmt.Fprintf(c.stderr, "newswire: left out: %d sources that are pages, which no reader can read\n", left)
	}
	var outlines []opml.Outline
	for _, category := range conf.Categories {
		for i := range feeds {
			if s := &feeds[i]; slices.Contains(s.Categories, category.ID) {
				outlines = append(outlines, outline(s, category.Title))
			}
		}
	}
	for i := range feeds {
		s := &feeds[i]
		if len(s.Categories) == 0 {
			outlines = append(outlines, outline(s))
		}
		if u, err := url.Parse(s.URL); err == nil && u.User != nil {
			fmt.Fprintf(c.stderr, "newswire: %s: its credentials were left out\n", s.ID)
		}
	}
	_, err = c.data.Write(opml.Encode(conf.Site.Title, outlines))
	return err
}

// outline is a source in an OPML list.
func outline(s *newswire.Source, path ...string) opml.Outline {
	address := s.URL
	if u, err := url.Parse(s.URL); err == nil {
		u.User = nil
		address = u.String()
	}
	return opml.Outline{Title: cmp.Or(s.Name, s.ID), FeedURL: address, HomePage: s.Site, Path: path}
}
