package main

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/syndication/static"
)

type buildCommand struct {
	configFlag
	Dir string `arg:"" type:"path" help:"Folder for the site; files of others in it are left alone."`
}

// Run writes the whole site as files, with the bytes that serve answers. It visits no publisher: newswire fetch does.
func (k buildCommand) Run(c *console) error {
	conf, file, err := service.Load(k.Config, c.log)
	if err != nil {
		return err
	}
	store, err := stores.Open(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer closeStore(c, store)
	began := time.Now()
	if err := cache.PassDue(c.ctx, store); err != nil { // no service may be there to do so
		return err
	}
	start, err := addresses(c.ctx, store)
	if err != nil {
		return err
	}
	site := service.NewSite(store, conf, file, service.SiteOptions{Version: versionString(), Formats: c.formats, Log: c.log})
	report, err := static.Build(c.ctx, site, static.Options{Dir: k.Dir, Site: conf.Site.URL, Start: start})
	if err != nil {
		return fmt.Errorf("build %s: %w", k.Dir, err)
	}
	_, err = fmt.Fprintf(c.stdout, "%s: %d files, %d written, %d removed, in %s\n", k.Dir, report.Files, report.Written, report.Removed,
		time.Since(began).Round(time.Millisecond))
	return err
}

// addresses are those of all articles and authors, which not every page of the site leads to.
func addresses(ctx context.Context, store cache.Articles) ([]string, error) {
	paths := []string{"/robots.txt", "/feeds.opml", "/categories", "/sources", "/authors", "/about/fetcher"}
	const atOnce = 500
	for after := newswire.Cursor(""); ; {
		page, err := store.Articles(ctx, cache.Query{Topic: newswire.All, After: after, Limit: atOnce})
		if err != nil {
			return nil, err
		}
		for i := range page.Articles {
			paths = append(paths, "/articles/"+page.Articles[i].ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for after := newswire.Cursor(""); ; {
		listings, next, err := store.Topics(ctx, newswire.KindAuthor, after, atOnce)
		if err != nil {
			return nil, err
		}
		for _, l := range listings {
			paths = append(paths, "/"+string(l.Topic))
		}
		if after = next; after == "" {
			return paths, nil
		}
	}
}
