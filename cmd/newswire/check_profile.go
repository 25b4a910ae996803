package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/profile"
	"github.com/newswire/newswire/sources/fetch"
)

// maxProfiled bounds a feed that is held against a profile: more than any partner takes.
const maxProfiled = 64 << 20

// profile says what a partner refuses of a feed. That it refuses something is a failure of the command.
func (k checkCommand) profile(c *console) error {
	document, err := k.read(c.ctx)
	if err != nil {
		return err
	}
	o := profile.Options{Now: time.Now()}
	if isWebAddress(k.Feed) {
		o.Address = k.Feed
	}
	report, err := profile.Check(k.Profile, document, o)
	if err != nil {
		return err
	}
	if k.JSON {
		err = printLines(c, report.Findings)
	} else {
		err = k.print(c, report)
	}
	if err == nil && !report.Fine() {
		return errQuiet
	}
	return err
}

// read is the feed. An address that an operator names may be of its own machine or network: a feed is checked before it is
// opened to the world.
func (k checkCommand) read(ctx context.Context) ([]byte, error) {
	if !isWebAddress(k.Feed) {
		file, err := os.Open(k.Feed)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		document, err := io.ReadAll(io.LimitReader(file, maxProfiled+1))
		if err == nil && len(document) > maxProfiled {
			err = errors.New("it is larger than any partner takes")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Feed, err)
		}
		return document, nil
	}
	client := fetch.NewClient(fetch.Options{
		UserAgent: "newswire/" + versionString(), MaxBytes: maxProfiled,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")},
	})
	defer client.Close()
	answer, err := client.Get(ctx, fetch.Request{URL: k.Feed})
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d %s", fetch.Redact(k.Feed), answer.Status, http.StatusText(answer.Status))
	}
	return answer.Body, nil
}

// print writes a line for each breach, and a summary.
func (k checkCommand) print(c *console, report *profile.Report) error {
	for i := range report.Findings {
		f := &report.Findings[i]
		of := "the feed"
		if f.Item > 0 {
			of = fmt.Sprintf("item %d %q", f.Item, f.Title)
		}
		if _, err := fmt.Fprintf(c.stdout, "%s: %s by %s/%s: %s; wanted: %s (%s)\n", of, f.Severity, report.Profile, f.Rule, f.Found, f.Wants, f.Source); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(c.stdout, "%s: %d of %d items refused by %s\n", k.Feed, report.Refused, report.Items, report.Profile)
	return err
}
