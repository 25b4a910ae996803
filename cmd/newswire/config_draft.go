package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
)

// draft is a config's text with what it means, on its way to becoming another. Nothing is written before save.
type draft struct {
	path string
	text []byte
	conf *config.Config
	made bool // there was no such file
}

// openDraft reads a config to be added to. Where there is no file, a new one is begun.
func openDraft(path string) (*draft, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		conf, err := config.Parse(path, []byte("{}\n"))
		return &draft{path: path, conf: conf, made: true}, err
	}
	if err != nil {
		return nil, err
	}
	conf, err := config.Parse(path, text)
	return &draft{path: path, text: text, conf: conf}, err
}

// with is the draft with something added to it, checked as a whole.
func (d *draft) with(a edit.Addition) (*draft, error) {
	return d.edited("add", func(text []byte) ([]byte, error) { return edit.Append(text, a) })
}

// edited is the draft with its text changed, checked as a whole. The verb says what is done to it.
func (d *draft) edited(verb string, change func(text []byte) ([]byte, error)) (*draft, error) {
	text, err := change(d.text)
	if errors.Is(err, edit.ErrLayout) {
		return nil, fmt.Errorf("%s: %w; nothing was changed: %s it by hand", d.path, err, verb)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.path, err)
	}
	conf, err := config.Parse(d.path, text)
	if err != nil {
		return nil, fmt.Errorf("%w\nnothing was changed", err)
	}
	return &draft{path: d.path, text: text, conf: conf, made: d.made}, nil
}

// save writes the draft, whole or not at all.
func (d *draft) save() error {
	if err := edit.Write(d.path, d.text); err != nil {
		return fmt.Errorf("%s was not changed: %w", d.path, err)
	}
	return nil
}

// taken says whether a source has that ID.
func (d *draft) taken(id string) bool { return d.source(id) != nil }

// source is the source with an ID, or nil.
func (d *draft) source(id string) *newswire.Source {
	for i := range d.conf.Sources {
		if d.conf.Sources[i].ID == id {
			return &d.conf.Sources[i]
		}
	}
	return nil
}

// fileOf names the file that has the source with an ID: the draft's, or one that it includes.
func (d *draft) fileOf(id string) string {
	return d.conf.FileOf(slices.IndexFunc(d.conf.Sources, func(s newswire.Source) bool { return s.ID == id }))
}

// at is the ID of the source with an address, however that is written; empty when there is none.
func (d *draft) at(address string) string {
	key := config.FeedKey(address)
	for i := range d.conf.Sources {
		if config.FeedKey(d.conf.Sources[i].URL) == key {
			return d.conf.Sources[i].ID
		}
	}
	return ""
}

// isWebAddress says whether an address can be a source's.
func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
